/**
 * Waits for a promise, but no longer than until the signal aborts: then rejects with its reason. The work behind the
 * promise goes on; its outcome is dropped.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
  });
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Lets a promise wait for its reader: a rejection that comes before anyone asks is kept, not reported as unhandled. */
export function unhurried<T>(work: Promise<T>): Promise<T> {
  work.then(undefined, () => undefined);
  return work;
}
