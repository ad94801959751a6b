import { types } from "node:util";
import { isNodeStream, lazyKindOf } from "./not-storable.ts";

/**
 * Collects what a step returned as a generator, an async iterable, or a web or Node stream, while the step is still
 * running: into an array, or for a stream of bytes into one `Uint8Array`, and for a stream of text into one string. A
 * Promise is awaited. Any other value is given back as it is. Only the whole value is drained, never a part inside it.
 *
 * Do not call it for an output that names a materializer: how such a value is kept is that one's own affair.
 *
 * @throws what the value throws, and the signal's reason when it is aborted in between.
 * @example await drainLazy((async function* () { yield 1; yield 2; })()) // [1, 2]
 */
export async function drainLazy(value: unknown, signal?: AbortSignal): Promise<unknown> {
  signal?.throwIfAborted();
  if (typeof value !== "object" || value === null || lazyKindOf(value) === undefined) return value;
  if (types.isPromise(value)) return await drainLazy(await value, signal);
  const items: unknown[] = [];
  if (!(Symbol.asyncIterator in value)) {
    for (const item of value as Iterable<unknown>) items.push(item);
    return items;
  }
  for await (const item of abortable(value as AsyncIterable<unknown>, signal)) items.push(item);
  if (value instanceof ReadableStream) return joined(items, items.length === 0);
  return isNodeStream(value) ? joined(items, false) : items;
}

function joined(items: unknown[], emptyIsBytes: boolean): unknown {
  if (items.length === 0) return emptyIsBytes ? new Uint8Array(0) : items;
  if (items.every((item) => item instanceof Uint8Array)) return new Uint8Array(Buffer.concat(items));
  return items.every((item) => typeof item === "string") ? items.join("") : items;
}

/** Ends a wait for the next item when the signal fires, also when the source never answers again. */
async function* abortable(
  source: AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, undefined> {
  if (signal === undefined) return yield* source;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  aborted.promise.catch(() => undefined);
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a source that hangs would hold up the abort.
    if (signal.aborted) iterator.return?.().catch(() => undefined);
  }
}
