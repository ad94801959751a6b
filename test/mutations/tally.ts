import type { Mutation } from "./mutation.ts";

export type Verdict =
  /** The behaviour differs and the identity does not. */
  | "stale"
  /** The edit is equivalent by construction and the identity differs. */
  | "needless"
  /** Both differ. */
  | "miss"
  /** Equivalent by construction, and the identity is the same. */
  | "hit"
  /** No difference was seen on the inputs that were tried. */
  | "undecided hit"
  | "undecided miss"
  /** The edited program throws while it is loaded, so that none of its steps can be asked for. */
  | "not loaded"
  /** The generator is wrong: what it calls equivalent was seen to differ. */
  | "not equivalent"
  /** The identity differs, and comparing the records does not lead to the edit. */
  | "unexplained";

export interface Finding {
  readonly verdict: Verdict;
  readonly mutation: Mutation;
  readonly step: string;
  readonly detail: string;
}

const SHOWN: readonly Verdict[] = ["stale", "not equivalent", "needless", "unexplained"];

/** Counts decisions: one for each mutation and step. */
export class Tally {
  readonly counts: Map<Verdict, number> = new Map();
  readonly findings: Finding[] = [];
  readonly kinds: Map<string, Map<Verdict, number>> = new Map();

  add(mutation: Mutation, step: string, verdict: Verdict, detail: string): void {
    increase(this.counts, verdict);
    const kind = this.kinds.get(mutation.kind) ?? new Map<Verdict, number>();
    this.kinds.set(mutation.kind, increase(kind, verdict));
    if (SHOWN.includes(verdict)) this.findings.push({ verdict, mutation, step, detail });
  }

  of(verdict: Verdict): number {
    return this.counts.get(verdict) ?? 0;
  }

  /** Of the decisions on equivalent edits. */
  get needlessShare(): number {
    return this.of("needless") / Math.max(1, this.of("needless") + this.of("hit"));
  }

  /** Of the misses on edits that were seen to matter. */
  get unexplainedShare(): number {
    return this.of("unexplained") / Math.max(1, this.of("miss"));
  }

  summary(): string {
    const parts = [...this.counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([verdict, count]) => `${verdict} ${count}`);
    return `${parts.join(", ")}; needless ${(this.needlessShare * 100).toFixed(2)} %, unexplained ${(this.unexplainedShare * 100).toFixed(2)} %`;
  }
}

function increase(counts: Map<Verdict, number>, verdict: Verdict): Map<Verdict, number> {
  return counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
}

/** What happened, with the edited lines. */
export function describeFinding({ verdict, mutation, step, detail }: Finding): string {
  const { index, kind, program, edits } = mutation;
  const changes = Object.entries(edits).map(([path, text]) => {
    const before = program.program.files[path]?.split("\n") ?? [];
    const after = text?.split("\n") ?? [];
    return [`  ${path}`, ...lineChanges(before, after)].join("\n");
  });
  return [`${verdict}: #${index} ${kind} in ${program.program.name}, step ${step}`, ...changes, `  ${detail}`].join(
    "\n",
  );
}

const MOST_LINES = 12;

function lineChanges(before: readonly string[], after: readonly string[]): readonly string[] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const cut = (lines: readonly string[], mark: string): readonly string[] =>
    lines
      .slice(start, lines.length - end)
      .slice(-MOST_LINES)
      .map((line) => `  ${start + 1}${mark} ${line.slice(0, 160)}`);
  return [...cut(before, "-"), ...cut(after, "+")];
}
