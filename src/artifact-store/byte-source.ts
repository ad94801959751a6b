import { isUint8Array } from "node:util/types";
import { abortable } from "./abortable.ts";
import { badChunk, detachedBytes } from "./artifact-failure.ts";
import type { ByteSource } from "./artifact-store.ts";

/**
 * Gives every chunk of a source to `take`, one after the other: the source is asked for more only when `take` is done.
 * A source that is waited for is left at once when the signal aborts; an error of the source is thrown as it is.
 */
export async function pump(
  source: ByteSource,
  take: (chunk: Uint8Array) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isUint8Array(source)) return await take(attached(source));
  if (typeof source?.[Symbol.asyncIterator] !== "function") throw badChunk(source);
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const next = await askNext(iterator, signal);
    if (next.done === true) return;
    try {
      if (!isUint8Array(next.value)) throw badChunk(next.value);
      await take(attached(next.value));
    } catch (error) {
      await leave(iterator, signal);
      throw error;
    }
  }
}

/** The array itself. One whose memory was transferred away looks empty, and must not be stored as if it were. */
export function attached(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes;
  if (bytes.byteLength === 0 && "detached" in buffer && buffer.detached === true) throw detachedBytes();
  return bytes;
}

type Chunks = AsyncIterator<Uint8Array>;

async function askNext(iterator: Chunks, signal: AbortSignal | undefined): Promise<IteratorResult<Uint8Array>> {
  try {
    return await abortable(iterator.next(), signal);
  } catch (error) {
    // Not waited for: a source that hangs inside `next` never comes to its own clean-up.
    void leave(iterator, undefined);
    throw error;
  }
}

/** Lets the source clean up. What goes wrong there is less than the error that is about to be thrown, and is dropped. */
async function leave(iterator: Chunks, signal: AbortSignal | undefined): Promise<void> {
  const [left] = await Promise.allSettled([abortable((async () => await iterator.return?.())(), signal)]);
  if (left.status === "rejected") signal?.throwIfAborted();
}
