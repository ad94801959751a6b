import type { Digest } from "../encoding/digest.ts";
import type { CodeRecord } from "../model/code-record.ts";
import { isStatement, shortName } from "./code-change.ts";
import type { CodeChange } from "./code-change.ts";
import { CodeGraph } from "./code-graph.ts";
import type { FindCode } from "./code-graph.ts";
import { matchCode, placeOf } from "./match-code.ts";
import type { CodePair } from "./match-code.ts";

/** Two roots to compare, and how the root reads where its own name is not what people know. */
export interface CodeRoots {
  readonly before: Digest;
  readonly after: Digest;
  readonly name?: string;
}

/**
 * The pieces of code that differ between two roots: down both graphs where digests differ, one question for each level,
 * until pieces that say something else themselves or lead to others than before. Each is told once, by a shortest way to
 * it; edited ones first. Undefined where a root was not recorded, or nothing that is recorded differs.
 *
 * @example await compareCode({ before, after }, (digests) => metadata.codeRecords(digests))
 */
export async function compareCode(roots: CodeRoots, find: FindCode): Promise<readonly CodeChange[] | undefined> {
  if (roots.before === roots.after) return undefined;
  const graph = new CodeGraph(find);
  await graph.learn([roots.before, roots.after]);
  const [before, after] = [graph.get(roots.before), graph.get(roots.after)];
  if (before === undefined || after === undefined) return undefined;
  const changes = await new Descent(graph, before, after).changes(roots.name ?? shortName(after.name));
  return changes.length === 0 ? undefined : changes;
}

/** Two pieces that are taken for one, and the names that lead there. */
interface Step extends CodePair {
  readonly via: readonly string[];
}

/** A piece without a match among what its user led to before, or leads to now. */
interface Loose {
  readonly kind: "added" | "removed";
  readonly record: CodeRecord;
  readonly via: readonly string[];
  /** Its user was edited, so that leading elsewhere is no news by itself. */
  readonly userEdited: boolean;
  readonly elsewhere: boolean;
}

interface Found {
  readonly steps: readonly Step[];
  readonly loose: readonly Loose[];
}

class Descent {
  readonly #graph: CodeGraph;
  readonly #before: CodeRecord;
  readonly #after: CodeRecord;
  readonly #seen = new Set<string>();
  readonly #edited: CodeChange[] = [];

  constructor(graph: CodeGraph, before: CodeRecord, after: CodeRecord) {
    this.#graph = graph;
    this.#before = before;
    this.#after = after;
  }

  async changes(name: string): Promise<readonly CodeChange[]> {
    let steps: readonly Step[] = [{ before: this.#before, after: this.#after, via: [name] }];
    let loose: readonly Loose[] = [];
    while (steps.length > 0) {
      const found = [...loose, ...(await this.#descend(steps))];
      ({ steps, loose } = found.length === 0 ? { steps: [], loose: [] } : await this.#settle(found));
    }
    return [...this.#edited, ...this.#told("added", loose), ...this.#told("removed", loose)];
  }

  /** Level by level; answers what has no match. */
  async #descend(first: readonly Step[]): Promise<readonly Loose[]> {
    const loose: Loose[] = [];
    let level = first.filter((step) => this.#isFirst(step));
    while (level.length > 0) {
      await this.#graph.learn(
        level.flatMap(({ before, after }) => [...usesOnlyOf(before, after), ...usesOnlyOf(after, before)]),
      );
      const found = level.map((step) => this.#compare(step));
      loose.push(...found.flatMap((one) => one.loose));
      level = found.flatMap(({ steps }) => steps).filter((step) => this.#isFirst(step));
    }
    return loose;
  }

  #compare({ before, after, via }: Step): Found {
    const used = this.#graph.records(usesOnlyOf(before, after));
    const { pairs, removed, added } = matchCode(used, this.#graph.records(usesOnlyOf(after, before)));
    const userEdited = before.own !== after.own || isReordered(before, after, pairs);
    if (userEdited) this.#edited.push({ kind: "changed", before, after, via });
    const loose = (kind: Loose["kind"], records: readonly CodeRecord[]): readonly Loose[] =>
      records.map((record) => ({ kind, record, via: below(via, record), userEdited, elsewhere: false }));
    return {
      steps: pairs.map((pair) => ({ ...pair, via: below(via, pair.after) })),
      loose: [...loose("removed", removed), ...loose("added", added)],
    };
  }

  /**
   * What one piece no longer leads to, another one may: a match is looked for in all of the other graph, and what was
   * there all along is no news where its user was edited.
   */
  async #settle(all: readonly Loose[]): Promise<Found> {
    const old = await this.#graph.reachedFrom(this.#before);
    const now = await this.#graph.reachedFrom(this.#after);
    const steps: Step[] = [];
    const loose: Loose[] = [];
    for (const one of all) {
      const { kind, record, via } = one;
      const other = kind === "added" ? old : now;
      const match = isStatement(record) ? undefined : other.byPlace.get(placeOf(record));
      if (other.digests.has(record.digest)) {
        if (!one.userEdited) loose.push({ ...one, elsewhere: true });
      } else if (match === undefined) loose.push(one);
      else steps.push(kind === "added" ? { before: match, after: record, via } : { before: record, after: match, via });
    }
    return { steps, loose };
  }

  #told(kind: Loose["kind"], loose: readonly Loose[]): readonly CodeChange[] {
    const first = new Map<Digest, Loose>();
    for (const one of loose) if (one.kind === kind && !first.has(one.record.digest)) first.set(one.record.digest, one);
    return [...first.values()].map(({ record, via, elsewhere }) => ({
      kind,
      ...(kind === "added" ? { after: record } : { before: record }),
      via,
      ...(elsewhere ? { elsewhere } : {}),
    }));
  }

  #isFirst({ before, after }: Step): boolean {
    const id = `${before.digest} ${after.digest}`;
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    return true;
  }
}

function usesOnlyOf({ uses }: CodeRecord, other: CodeRecord): readonly Digest[] {
  const shared = new Set(other.uses);
  return uses.filter((digest) => !shared.has(digest));
}

/** Whether what both lead to is named in another order: `c ? a() : b()` that became `c ? b() : a()`. Effects have no order. */
function isReordered(before: CodeRecord, after: CodeRecord, pairs: readonly CodePair[]): boolean {
  const statements = pairs.filter((pair) => isStatement(pair.after));
  const skipped = new Set(statements.map((pair) => pair.after.digest));
  const became = new Map(pairs.map((pair) => [pair.before.digest, pair.after.digest]));
  const now = new Set(after.uses);
  const old = before.uses.map((digest) => became.get(digest) ?? digest).filter((digest) => now.has(digest));
  const kept = new Set(old);
  const inOrder = (digests: readonly Digest[]): readonly Digest[] =>
    digests.filter((digest) => kept.has(digest) && !skipped.has(digest));
  const [left, right] = [inOrder(old), inOrder(after.uses)];
  return left.some((digest, index) => digest !== right[index]);
}

function below(via: readonly string[], { name }: CodeRecord): readonly string[] {
  return [...via, shortName(name)];
}
