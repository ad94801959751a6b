import type { Digest } from "../encoding/digest.ts";
import { ArtifactError } from "../errors.ts";

const remake = "The step that made it has to run again; a run does so by itself when it finds the bytes unusable.";

/** The error of a blob that is not there. `where` names the store, as in `the local artifact store at /data/artifacts`. */
export function missingBlob(digest: Digest, where: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_MISSING", {
    message: `The bytes sha256:${digest} are not in ${where}.`,
    hint: remake,
    details: { digest },
  });
}

/** The error of a blob whose bytes are not those that its name promises. */
export function damagedBlob(expected: Digest, found: Digest, size: number, where: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_DAMAGED", {
    message: `The bytes sha256:${expected} in ${where} are damaged: ${size} bytes were read, and their digest is ${found}.`,
    hint: `${remake} Verifying the store moves damaged bytes aside.`,
    details: { digest: expected, expected, found, size },
  });
}

/** The error of something in the way where a regular file or a folder of the store should be. */
export function refusedPath(path: string, expected: string, found: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${path} is ${found}; expected ${expected}. Nothing was read or written through it.`,
    hint: "Remove it, or move the artifact store to another folder.",
    details: { path, expected, found },
  });
}

export function closedStore(where: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${where} is closed.`,
    hint: "Keep the store open until everything that uses it has ended.",
  });
}

/** A text that is no digest, where one was needed: it must not become part of a path. */
export function badDigest(digest: unknown): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${JSON.stringify(String(digest).slice(0, 80))} is not a digest; expected 64 lower-case hexadecimal characters.`,
  });
}

/** A source that gives something other than bytes. */
export function badChunk(chunk: unknown): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `A byte source gave a ${typeof chunk}; expected Uint8Array chunks.`,
    hint: "Encode text first, and leave `setEncoding` off on a stream.",
  });
}

/** An array whose memory now belongs to another thread. */
export function detachedBytes(): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: "The bytes to store were transferred to another thread or detached before they could be read.",
    hint: "Store them first, or transfer a copy.",
  });
}
