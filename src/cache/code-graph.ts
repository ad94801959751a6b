import type { Digest } from "../encoding/digest.ts";
import type { CodeRecord } from "../model/code-record.ts";
import { placeOf } from "./match-code.ts";

/** Where pieces of code are found by digest, many at once. */
export type FindCode = (digests: readonly Digest[]) => Promise<readonly (CodeRecord | undefined)[]>;

/** All that one root leads to. */
export interface ReachedCode {
  readonly digests: ReadonlySet<Digest>;
  readonly byPlace: ReadonlyMap<string, CodeRecord>;
}

/** More pieces than this are not asked for; what lies beyond is taken for not recorded. */
const MOST_RECORDS = 50_000;

/** Pieces of code that were asked for, each asked once. */
export class CodeGraph {
  readonly #find: FindCode;
  readonly #known = new Map<Digest, CodeRecord>();
  readonly #reached = new Map<Digest, ReachedCode>();

  constructor(find: FindCode) {
    this.#find = find;
  }

  get(digest: Digest): CodeRecord | undefined {
    return this.#known.get(digest);
  }

  /** Those that are known, in the order given. */
  records(digests: readonly Digest[]): readonly CodeRecord[] {
    return digests.flatMap((digest) => this.#known.get(digest) ?? []);
  }

  async learn(digests: readonly Digest[]): Promise<void> {
    const asked = [...new Set(digests)].filter((digest) => !this.#known.has(digest));
    if (asked.length === 0 || this.#known.size + asked.length > MOST_RECORDS) return;
    for (const record of await this.#find(asked)) if (record !== undefined) this.#known.set(record.digest, record);
  }

  async reachedFrom(root: CodeRecord): Promise<ReachedCode> {
    const known = this.#reached.get(root.digest) ?? (await this.#walk(root));
    this.#reached.set(root.digest, known);
    return known;
  }

  async #walk(root: CodeRecord): Promise<ReachedCode> {
    const digests = new Set([root.digest]);
    const byPlace = new Map([[placeOf(root), root]]);
    let level: readonly CodeRecord[] = [root];
    while (level.length > 0) {
      const used = [...new Set(level.flatMap(({ uses }) => uses))].filter((digest) => !digests.has(digest));
      for (const digest of used) digests.add(digest);
      await this.learn(used);
      level = this.records(used);
      for (const record of level) if (!byPlace.has(placeOf(record))) byPlace.set(placeOf(record), record);
    }
    return { digests, byPlace };
  }
}
