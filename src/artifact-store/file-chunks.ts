import { read } from "node:fs";
import { promisify } from "node:util";
import { unhurried } from "./abortable.ts";
import { fileFailure } from "./file-failure.ts";

/** 256 KiB: as fast as larger chunks while memory is free, and several times faster when it is short. */
export const chunkBytes: number = 256 * 1024;

export interface FileChunksOptions {
  /** For messages. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  /**
   * So many buffers are used in turn, for a consumer that is done with a chunk before it asks for the next (2), or for
   * the one after it (3). Without it every chunk has memory of its own, to keep.
   */
  readonly buffers?: 2 | 3 | undefined;
}

const readFd = promisify(read);

/** The bytes of an open file in order, the next chunk being read while the present one is used. The file stays open. */
export async function* fileChunks(fd: number, options: FileChunksOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { path, signal } = options;
  const nextBuffer = options.buffers === undefined ? freshBuffer : inTurn(options.buffers);
  let position = 0;
  let ahead = unhurried(readChunk(fd, nextBuffer(), position, path));
  try {
    for (;;) {
      signal?.throwIfAborted();
      const chunk = await ahead;
      if (chunk.byteLength === 0) return;
      position += chunk.byteLength;
      ahead = unhurried(readChunk(fd, nextBuffer(), position, path));
      yield chunk;
    }
  } finally {
    // Whoever closes the file next must not do so under a read: the number of the file could be given out again.
    await ahead.then(undefined, () => undefined);
  }
}

/** Reads into `target` from `position` on, at most one chunk; answers with the part that was filled, empty at the end. */
export async function readChunk(fd: number, target: Uint8Array, position: number, path: string): Promise<Uint8Array> {
  try {
    const { bytesRead } = await readFd(fd, target, 0, target.byteLength, position);
    return target.subarray(0, bytesRead);
  } catch (error) {
    throw fileFailure("reading", path, error);
  }
}

/** Memory of its own: nothing of Node's shared pool, so that it can be kept, changed or transferred by whoever gets it. */
export function privateBuffer(bytes: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function freshBuffer(): Uint8Array {
  return privateBuffer(chunkBytes);
}

function inTurn(count: number): () => Uint8Array {
  const buffers = Array.from({ length: count }, freshBuffer);
  let turn = 0;
  return () => buffers[turn++ % count] as Uint8Array;
}
