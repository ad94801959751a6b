import { randomUUID } from "node:crypto";
import { closeSync, linkSync, lstatSync, openSync, renameSync, rmSync, write } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ArtifactError } from "../errors.ts";
import { fileFailure, onFile } from "./file-failure.ts";
import { errnoOf } from "../util/errno.ts";

/** What a file system answers that knows no hard links. */
export const noHardLinks: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"]);

const writeFd = promisify(write);

/**
 * Writes verified bytes to a path that does not exist yet. They grow under a hidden name beside it and get their own
 * name when `chunks` has ended, so that nobody finds a part of them; nothing stays behind when `chunks` throws.
 *
 * @throws ArtifactError WS_ARTIFACT_STORE when the path exists, whatever it is.
 */
export async function writePrivateCopy(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  refuseExisting(path);
  const partial = join(dirname(path), `.${randomUUID()}.partial`);
  const fd = onFile("writing", path, () => openSync(partial, "wx"));
  try {
    try {
      for await (const chunk of chunks) await writeAll(fd, chunk, path);
    } finally {
      closeSync(fd);
    }
    giveName(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Writes all of the bytes where the file stands; the system may take them in several bites. */
export async function writeAll(fd: number, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.byteLength; ) {
      const { bytesWritten } = await writeFd(fd, bytes, at, bytes.byteLength - at);
      at += bytesWritten;
    }
  } catch (error) {
    throw fileFailure("writing", path, error);
  }
}

function giveName(partial: string, path: string): void {
  try {
    linkSync(partial, path);
  } catch (error) {
    const errno = errnoOf(error) ?? "";
    if (!noHardLinks.has(errno)) throw errno === "EEXIST" ? existingPath(path) : fileFailure("writing", path, error);
    refuseExisting(path);
    onFile("writing", path, () => renameSync(partial, path));
  }
}

function refuseExisting(path: string): void {
  const there = onFile("writing", path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (there !== undefined) throw existingPath(path);
}

function existingPath(path: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${path} exists already, and is left as it is.`,
    hint: "Remove it first, or choose another path.",
    details: { path },
  });
}
