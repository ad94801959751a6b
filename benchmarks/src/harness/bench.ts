import { isMet, spreadOf } from "./measurement.ts";
import type { Budget, Report, Row, Unit } from "./measurement.ts";

/** One benchmark: a file of its own, run in a process of its own. */
export interface Benchmark {
  readonly name: string;
  /** One sentence: what is done, and what it is compared with. */
  readonly about: string;
  run(bench: Bench): Promise<void>;
}

/**
 * Does the work once. What it returns counts (so that preparing and cleaning up do not); without a return value the
 * time of the whole call counts.
 */
export type Work = () => number | undefined | void | Promise<number | undefined | void>;

export interface Comparison {
  readonly what: string;
  readonly ours: Work;
  readonly floor?: { readonly name: string; readonly run: Work };
  readonly unit?: Unit;
  /** Operations in one call: figures are given for one of them. */
  readonly per?: number;
  /** 5 unless told. */
  readonly rounds?: number;
  /** Rounds that are not counted; 1 unless told. */
  readonly warmUp?: number;
  readonly budget?: Budget;
}

/** Measures in rounds, ours and the floor by turns, so that a slow minute of the machine meets both. */
export class Bench {
  readonly #rows: Row[] = [];
  readonly #notes: string[] = [];
  readonly #rounds: number | undefined;

  /** `rounds` is used in place of what the comparisons ask for. */
  constructor(init: { readonly rounds?: number } = {}) {
    this.#rounds = init.rounds;
  }

  async compare(comparison: Comparison): Promise<void> {
    const { per = 1, warmUp = 1, floor } = comparison;
    const rounds = this.#rounds ?? comparison.rounds ?? 5;
    const ours: number[] = [];
    const floors: number[] = [];
    for (let round = -warmUp; round < rounds; round++) {
      const sides: readonly (readonly [Work, number[]])[] = [
        [comparison.ours, ours],
        ...(floor === undefined ? [] : [[floor.run, floors] as const]),
      ];
      for (const [work, results] of round % 2 === 0 ? sides : sides.toReversed()) {
        const taken = (await amountOf(work)) / per;
        if (round >= 0) results.push(taken);
      }
    }
    this.#rows.push(rowOf(comparison, ours, floors));
  }

  /** Says what could not be measured or has to be known beside the figures. */
  note(text: string): void {
    this.#notes.push(text);
  }

  report({ name, about }: Benchmark): Report {
    return { name, about, rows: this.#rows, notes: this.#notes };
  }
}

async function amountOf(work: Work): Promise<number> {
  // What the other side left behind is collected now, not during this one.
  globalThis.gc?.();
  const began = performance.now();
  const given = await work();
  return given ?? performance.now() - began;
}

function rowOf(comparison: Comparison, ours: readonly number[], floors: readonly number[]): Row {
  const { what, unit = "ms", floor, budget } = comparison;
  const spread = spreadOf(ours);
  const under = floor === undefined ? undefined : { name: floor.name, ...spreadOf(floors) };
  return {
    what,
    unit,
    ours: spread,
    ...(under === undefined ? {} : { floor: under, ratio: spread.median / under.median }),
    ...(budget === undefined ? {} : { budget: { ...budget, met: isMet(budget, spread.median, under?.median) } }),
  };
}
