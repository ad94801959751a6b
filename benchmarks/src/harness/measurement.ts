/** What is measured; times are milliseconds, sizes megabytes. */
export type Unit = "ms" | "MB";

/** One side of a comparison over all rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

/** A budget of the design: an upper limit of ours alone, of ours less the floor, or of ours divided by the floor. */
export interface Budget {
  readonly kind: "at-most" | "over-floor" | "ratio";
  /** In the row's unit; a plain number for a ratio. */
  readonly limit: number;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: Spread;
  readonly floor?: Spread & { readonly name: string };
  /** Median of ours by median of the floor. */
  readonly ratio?: number;
  readonly budget?: Budget & { readonly met: boolean };
}

/** What a benchmark leaves. */
export interface Report {
  readonly name: string;
  readonly about: string;
  readonly rows: readonly Row[];
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? Number.NaN);
  return {
    median: (lower + upper) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    rounds: sorted.length,
  };
}

/** Whether the medians keep a budget. One that needs a floor is not kept without one. */
export function isMet({ kind, limit }: Budget, ours: number, floor: number | undefined): boolean {
  if (kind === "at-most") return ours <= limit;
  if (floor === undefined) return false;
  return kind === "ratio" ? ours / floor <= limit : ours - floor <= limit;
}
