import type { Page } from "./metadata-store.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;

/** The number of items of a page: 50 unless told, at least 1 and at most 1,000. */
export function pageLimit(limit: number | undefined): number {
  if (limit === undefined || Number.isNaN(limit)) return DEFAULT_LIMIT;
  return Math.min(MAX_LIMIT, Math.max(1, Math.trunc(limit)));
}

/** Makes a page of what was found newest first, given one item more than the limit where there are more. */
export function toPage<T extends { readonly id: number }>(found: readonly T[], limit: number): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return last === undefined || found.length <= limit ? { items } : { items, next: last.id };
}
