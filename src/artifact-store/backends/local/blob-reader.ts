import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { createDigester, digestOf } from "../../../encoding/digest.ts";
import type { Digest } from "../../../encoding/digest.ts";
import { unhurried } from "../../abortable.ts";
import { damagedBlob, missingBlob, refusedPath } from "../../artifact-failure.ts";
import { chunkBytes, fileChunks, privateBuffer, readChunk } from "../../file-chunks.ts";
import { fileFailure, onFile } from "../../file-failure.ts";
import { errnoOf } from "../../../util/errno.ts";
import { kindOf, regularFile } from "./store-folders.ts";

/** Up to here a blob is read in one go: the thread is held for less than a millisecond and no pool is waited for. */
const oneGoBytes = 1024 * 1024;

/** What an open blob file is, beside its number: enough to tell it from a file that took its name since. */
export interface OpenBlob {
  readonly fd: number;
  readonly digest: Digest;
  readonly path: string;
  readonly size: number;
  readonly identity: string;
  /** The store, for messages. */
  readonly where: string;
}

/** Opens a blob without following a link. `path` is undefined where its folder is missing. */
export function openBlob(digest: Digest, path: string | undefined, where: string): OpenBlob {
  if (path === undefined) throw missingBlob(digest, where);
  const fd = openRegular(digest, path, where);
  try {
    const stats = onFile("reading", path, () => fstatSync(fd));
    if (!stats.isFile()) throw refusedPath(path, "a regular file", kindOf(stats));
    return { fd, digest, path, size: stats.size, identity: `${stats.dev}:${stats.ino}`, where };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The whole blob in memory of its own, verified. */
export async function readBlob(blob: OpenBlob, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const bytes = privateBuffer(blob.size);
  const found = blob.size <= oneGoBytes ? readInOneGo(blob, bytes) : await readInChunks(blob, bytes, signal);
  if (found !== blob.digest) throw damagedBlob(blob.digest, found, blob.size, blob.where);
  return bytes;
}

/**
 * The blob chunk by chunk. The last chunk is held back until the whole is verified, so that a small blob is never
 * shown unverified, and damage always ends in an error before the end. Chunks are their reader's to keep, unless
 * `passing` says that it is done with each before it asks for the next.
 */
export async function* streamBlob(
  blob: OpenBlob,
  signal: AbortSignal | undefined,
  passing = false,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (blob.size <= oneGoBytes) return yield* wholeBlob(blob, signal);
  const digester = createDigester();
  // Three: one is held back, one was just digested, and one is being read.
  const buffers = passing ? 3 : undefined;
  let held: Uint8Array | undefined;
  let size = 0;
  for await (const chunk of fileChunks(blob.fd, { path: blob.path, signal, buffers })) {
    // Digested before it is handed out: from then on it is its reader's to change.
    digester.update(chunk);
    size += chunk.byteLength;
    if (held !== undefined) yield held;
    held = chunk;
  }
  const found = digester.digest();
  if (found !== blob.digest) throw damagedBlob(blob.digest, found, size, blob.where);
  if (held !== undefined) yield held;
}

/** A small blob at once: what it takes is its own size, not that of a chunk. */
async function* wholeBlob(
  blob: OpenBlob,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const whole = await readBlob(blob, signal);
  if (whole.byteLength > 0) yield whole;
}

/** The digest of what the file holds, whatever its name says. */
export async function digestBlob(blob: OpenBlob, signal: AbortSignal | undefined): Promise<Digest> {
  const digester = createDigester();
  for await (const chunk of fileChunks(blob.fd, { path: blob.path, signal, buffers: 2 })) digester.update(chunk);
  return digester.digest();
}

function openRegular(digest: Digest, path: string, where: string): number {
  // Where the system cannot refuse links on opening, at least one that stands there now is refused.
  if (constants.O_NOFOLLOW === undefined) regularFile(path);
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT") throw missingBlob(digest, where);
    if (errno === "ELOOP" || errno === "EMLINK") throw refusedPath(path, "a regular file", "a symbolic link");
    throw fileFailure("reading", path, error);
  }
}

function readInOneGo(blob: OpenBlob, bytes: Uint8Array): Digest {
  onFile("reading", blob.path, () => {
    for (let at = 0; at < bytes.byteLength; ) {
      const count = readSync(blob.fd, bytes, at, bytes.byteLength - at, at);
      if (count === 0) return;
      at += count;
    }
  });
  return digestOf(bytes);
}

async function readInChunks(blob: OpenBlob, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<Digest> {
  const digester = createDigester();
  const readAt = (at: number): Promise<Uint8Array> =>
    unhurried(readChunk(blob.fd, bytes.subarray(at, at + chunkBytes), at, blob.path));
  let ahead = readAt(0);
  try {
    for (let at = 0; ; ) {
      signal?.throwIfAborted();
      const chunk = await ahead;
      if (chunk.byteLength === 0) return digester.digest();
      at += chunk.byteLength;
      ahead = readAt(at);
      digester.update(chunk);
    }
  } finally {
    await ahead.then(undefined, () => undefined);
  }
}
