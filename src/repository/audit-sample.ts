import { digestOf } from "../encoding/digest.ts";
import { RepositoryError } from "../errors.ts";

/** So many steps, or that share of them: `10`, `"1%"`. */
export type AuditSample = number | `${number}%`;

/**
 * Picks a part of the items by their names and a seed alone, in their order: the same seed picks the same ones again. At
 * least one, where there is any.
 *
 * @throws RepositoryError (`WS_USAGE`) for a sample that is no number from 1 and no share up to 100 %.
 */
export function sampled<T>(
  items: readonly T[],
  sample: AuditSample | undefined,
  seed: number,
  nameOf: (item: T) => string,
): readonly T[] {
  if (sample === undefined) return items;
  const count = Math.min(items.length, countOf(sample, items.length));
  const ranked = items.map((item) => ({ item, rank: digestOf(`${seed}\n${nameOf(item)}`) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const picked = new Set(ranked.slice(0, count).map(({ item }) => item));
  return items.filter((item) => picked.has(item));
}

function countOf(sample: AuditSample, all: number): number {
  if (typeof sample === "number") {
    if (Number.isSafeInteger(sample) && sample >= 1) return sample;
    throw badSample(String(sample));
  }
  const share = /^\d+(\.\d+)?%$/.test(sample) ? Number(sample.slice(0, -1)) : Number.NaN;
  if (!(share > 0 && share <= 100)) throw badSample(sample);
  return Math.max(1, Math.ceil((all * share) / 100));
}

function badSample(text: string): RepositoryError {
  return new RepositoryError("WS_USAGE", {
    message: `\`${text}\` is no sample.`,
    hint: "Give a share like 1% or 12.5%, or a number of steps like 10.",
  });
}
