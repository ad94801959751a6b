/**
 * Does the work for every item, at most `limit` at a time, beginning in the order of the items. The first failure ends
 * it once what has begun is done.
 *
 * @example await forEachLimited(files, 8, async (file) => { await copy(file); });
 */
export async function forEachLimited<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const takeAll = async (): Promise<void> => {
    for (let next = left.next(); !next.done && failures.length === 0; next = left.next()) await work(next.value);
  };
  const all = Array.from({ length: limit }, () => takeAll().catch((error: unknown) => void failures.push(error)));
  await Promise.all(all);
  if (failures.length > 0) throw failures[0];
}
