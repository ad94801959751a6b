import { ArtifactError } from "../errors.ts";
import type { ErrorInit } from "../errors.ts";
import { errnoOf } from "../util/errno.ts";

/** `reading` and `writing` differ in what a refused permission means. */
export type FileAct = "reading" | "writing";

/** Runs one call to the file system and turns its error into an ArtifactError that names the path. */
export function onFile<T>(act: FileAct, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileFailure(act, path, error);
  }
}

/** The ArtifactError for an error of the file system; other errors are returned as they are. */
export function fileFailure(act: FileAct, path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof ArtifactError) return error;
  const about = { details: { path, errno }, cause: error };
  if (errno === "ENOSPC" || errno === "EDQUOT") return noSpace(path, about);
  if (act === "writing" && readOnlyErrnos.has(errno)) return readOnly(path, errno, about);
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${act === "reading" ? "Reading" : "Writing"} ${path} failed with ${errno}.`,
    hint: hints.get(errno) ?? "See the cause for the operating system's own message.",
    ...about,
  });
}

const readOnlyErrnos = new Set(["EROFS", "EACCES", "EPERM"]);

const hints = new Map([
  ["EMFILE", "This process has too many open files; raise its limit (ulimit -n) or run fewer things at once."],
  ["ENFILE", "The machine has too many open files."],
  ["EACCES", "The user who runs this may not read it; check owner and mode."],
  ["EPERM", "The user who runs this may not read it; check owner and mode."],
  ["EIO", "The disk reports a fault; check it before trusting what else lies there."],
  ["ENOENT", "It, or the folder that it lies in, does not exist."],
  ["ENOTDIR", "A part of the path is a file where a folder should be."],
  ["ELOOP", "A part of the path is a symbolic link, and links are not followed here."],
]);

function noSpace(path: string, about: Pick<ErrorInit, "details" | "cause">): ArtifactError {
  return new ArtifactError("WS_NO_SPACE", {
    message: `No space is left to write ${path}.`,
    hint: "Free some space (`warmstart gc` removes what no run needs) or move the store; nothing half-written was kept.",
    ...about,
  });
}

function readOnly(path: string, errno: string, about: Pick<ErrorInit, "details" | "cause">): ArtifactError {
  return new ArtifactError("WS_READ_ONLY", {
    message: `${path} cannot be written (${errno}).`,
    hint: "Make the artifact store's folder writable for the user who runs this, or choose another folder.",
    ...about,
  });
}
