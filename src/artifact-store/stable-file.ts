import { closeSync, constants, fstatSync, openSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ArtifactError } from "../errors.ts";
import type { Clock } from "../util/clock.ts";
import { fileChunks } from "./file-chunks.ts";
import { onFile } from "./file-failure.ts";

/** Milliseconds within which two writes can carry one time stamp (the coarsest tick of a common kernel, twice). */
const stampGrain = 20;

export interface StableFileOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The bytes of a regular file, for a consumer that keeps them only when this ends without an error: it throws at the
 * end when the file changed while it was read. Each chunk is good until the next one is asked for. A symbolic link to
 * a regular file is followed: the path is the caller's own.
 *
 * @throws ArtifactError WS_ARTIFACT_STORE when there is no such file, it is not a regular one, or it changed.
 */
export async function* stableFile(
  path: string,
  options: StableFileOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Opening a named pipe would wait for its writer, hence O_NONBLOCK; a regular file does not mind.
  const fd = onFile("reading", path, () => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  try {
    const before = await settledStamp(fd, path, options);
    yield* fileChunks(fd, { path, signal: options.signal, buffers: 2 });
    if (!sameStamp(before, stampOf(fd, path))) throw changedFile(path);
  } finally {
    closeSync(fd);
  }
}

/** A write right after this stamp gets a later one: a stamp that is too fresh to tell two writes apart is waited out. */
async function settledStamp(fd: number, path: string, { clock, signal }: StableFileOptions): Promise<BigIntStats> {
  const stamp = stampOf(fd, path);
  if (!stamp.isFile()) throw notRegular(path);
  const age = clock.now() - Number(stamp.ctimeMs);
  if (age < -stampGrain || age > stampGrain) return stamp;
  try {
    await sleep(2 * stampGrain, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  const settled = stampOf(fd, path);
  if (!sameStamp(stamp, settled)) throw changedFile(path);
  return settled;
}

function stampOf(fd: number, path: string): BigIntStats {
  return onFile("reading", path, () => fstatSync(fd, { bigint: true }));
}

function sameStamp(one: BigIntStats, other: BigIntStats): boolean {
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.ctimeNs === other.ctimeNs;
}

function changedFile(path: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${path} changed while it was being stored, so that a mix of old and new bytes was read. Nothing was kept.`,
    hint: "Finish writing the file (close or await its writer) before it is stored.",
    details: { path },
  });
}

function notRegular(path: string): ArtifactError {
  return new ArtifactError("WS_ARTIFACT_STORE", {
    message: `${path} is not a regular file.`,
    hint: "Give the path of one file; a folder is stored file by file.",
    details: { path },
  });
}
