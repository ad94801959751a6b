/** One line of a comparison of two texts. */
export interface DiffLine {
  readonly kind: "same" | "removed" | "added" | "skipped";
  readonly text: string;
}

/** Lines around a change that are shown with it. */
const CONTEXT = 2;
/** Beyond so many differing lines, all of the middle is told as replaced. */
const MOST_EDITS = 400;

/**
 * What became of a text, line by line, with two lines around each change; `skipped` lines stand for what is between.
 * Empty where the texts are equal.
 *
 * @example diffLines("a\nb", "a\nc") // same a, removed b, added c
 */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  if (before === after) return [];
  return withContext(allLines(before.split("\n"), after.split("\n")));
}

/** `  same`, `- removed`, `+ added`, `…`. */
export function diffText({ kind, text }: DiffLine): string {
  return kind === "skipped" ? "…" : `${{ same: " ", removed: "-", added: "+" }[kind]} ${text}`.trimEnd();
}

/** What both begin and end with is left out of the search. */
function allLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const old = before.slice(head, before.length - tail);
  const now = after.slice(head, after.length - tail);
  return [
    ...linesOf("same", before.slice(0, head)),
    ...(shortestEdit(old, now) ?? [...linesOf("removed", old), ...linesOf("added", now)]),
    ...linesOf("same", tail === 0 ? [] : before.slice(-tail)),
  ];
}

/**
 * Myers' greedy search: `reached` holds, for each diagonal, how far in `before` so many edits lead. Undefined when it
 * would take too many.
 */
function shortestEdit(before: readonly string[], after: readonly string[]): readonly DiffLine[] | undefined {
  const trace: Map<number, number>[] = [];
  let reached = new Map<number, number>([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MOST_EDITS, before.length + after.length); edits++) {
    trace.push(reached);
    reached = new Map(reached);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOn(diagonal, edits, reached);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      reached.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return backwards(trace, before, after);
    }
  }
  return undefined;
}

function startOn(diagonal: number, edits: number, reached: ReadonlyMap<number, number>): number {
  return goesDown(diagonal, edits, reached) ? (reached.get(diagonal + 1) ?? 0) : (reached.get(diagonal - 1) ?? 0) + 1;
}

function goesDown(diagonal: number, edits: number, reached: ReadonlyMap<number, number>): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && (reached.get(diagonal - 1) ?? -1) < (reached.get(diagonal + 1) ?? -1);
}

function backwards(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [before.length, after.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reached = trace[edits] ?? new Map<number, number>();
    const down = goesDown(x - y, edits, reached);
    const diagonal = down ? x - y + 1 : x - y - 1;
    const from = reached.get(diagonal) ?? 0;
    while (x > from + (down ? 0 : 1) && y > from - diagonal + (down ? 1 : 0) && x > 0 && y > 0) {
      x--;
      y--;
      lines.push({ kind: "same", text: before[x] ?? "" });
    }
    if (edits === 0) break;
    lines.push(down ? { kind: "added", text: after[--y] ?? "" } : { kind: "removed", text: before[--x] ?? "" });
  }
  return lines.reverse();
}

function linesOf(kind: DiffLine["kind"], texts: readonly string[]): readonly DiffLine[] {
  return texts.map((text) => ({ kind, text }));
}

function withContext(lines: readonly DiffLine[]): readonly DiffLine[] {
  const shown = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === "same") continue;
    for (let near = index - CONTEXT; near <= index + CONTEXT; near++) shown.add(near);
  }
  const kept: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    if (shown.has(index)) kept.push(line);
    else if (kept.length > 0 && kept.at(-1)?.kind !== "skipped") kept.push({ kind: "skipped", text: "" });
  }
  return kept.at(-1)?.kind === "skipped" ? kept.slice(0, -1) : kept;
}
