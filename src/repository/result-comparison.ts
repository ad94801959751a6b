import { readLeaves } from "../cache/cache-key.ts";
import { keyOf, keyTree } from "../encoding/key-tree.ts";
import { RunError } from "../errors.ts";
import type { ReadRecord } from "../model/reads.ts";
import { questionsOf } from "../observation/revalidation.ts";
import type { DoneResult } from "../runtime/step-publisher.ts";
import type { DifferingResult } from "./acceptance-report.ts";
import type { Candidate, LeftResult } from "./adoption-candidates.ts";
import { sampled } from "./audit-sample.ts";
import { outputDifferences } from "./output-differences.ts";
import { writtenBy } from "./repository-audit.ts";

/** The same results are compared each time. */
const SEED = 0;

export const TIME_IS_OVER = "the time for comparing was over; `--budget` gives more";

export interface ComparisonOptions {
  readonly parallel: number;
  readonly sideEffects: boolean;
  /** How many results are compared; all of them unless told. */
  readonly verify: number | undefined;
}

/** Runs the new code on stored results' inputs where that says something, and stops at the first difference. */
export class ResultComparison {
  readonly #options: ComparisonOptions;
  readonly left: LeftResult[] = [];
  readonly differing: DifferingResult[] = [];
  /** What the new code gave where it gave the same. */
  readonly equal: Map<Candidate, DoneResult> = new Map();
  /** Whether some were not compared for want of time. */
  outOfTime = false;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  async compare(candidates: readonly Candidate[], over: AbortSignal): Promise<void> {
    const { parallel, sideEffects, verify } = this.#options;
    const comparable: Candidate[] = [];
    for (const candidate of candidates) {
      const reason = await this.#whyNotComparable(candidate);
      if (reason === undefined) comparable.push(candidate);
      else if (verify === undefined) this.leave(candidate, reason);
    }
    const picked = sampled(comparable, verify, SEED, ({ execution }) => String(execution.id));
    const waiting = picked.values();
    const worker = async (): Promise<void> => {
      for (const candidate of waiting) {
        if (this.differing.length > 0) return;
        if (over.aborted) this.#leaveForTime(candidate);
        else await this.#compareOne(candidate, over);
      }
    };
    await Promise.all(Array.from({ length: sideEffects ? 1 : Math.min(parallel, picked.length) }, worker));
  }

  async #whyNotComparable({ entry, aside }: Candidate): Promise<string | undefined> {
    const { metadata, revalidation } = aside.session;
    const written = this.#options.sideEffects ? [] : await writtenBy({ entry }, metadata);
    if (written.length > 0) return `it writes ${written.join(", ")}; \`--side-effects\` lets it do that again`;
    const now = await revalidation.answers(questionsOf(entry.reads));
    return now !== undefined && isSameRead(now, entry.reads) ? undefined : "what it read is not as it was";
  }

  async #compareOne(candidate: Candidate, over: AbortSignal): Promise<void> {
    const { entry, execution, plan, aside } = candidate;
    const outcome = await aside.rerun(plan).catch((error: unknown) => {
      if (over.aborted && error instanceof RunError && error.code === "WS_ABORTED") return undefined;
      throw error;
    });
    if (outcome === undefined) this.#leaveForTime(candidate);
    else if (outcome.kind === "void") this.leave(candidate, outcome.why);
    else {
      const base = { execution: execution.id, run: execution.runId, node: execution.nodeId };
      if (outcome.kind === "failed") {
        this.differing.push({ ...base, outputs: [], error: outcome.error });
        return;
      }
      const stored = entry.outputs.map(({ name, artifact }) => ({ name, value: artifact }));
      const again = outcome.result.outputs.map(({ name, stored: value }) => ({ name, value }));
      const outputs = await outputDifferences(stored, again, aside.session.artifacts);
      if (outputs.length > 0) this.differing.push({ ...base, outputs });
      else this.equal.set(candidate, outcome.result);
    }
  }

  #leaveForTime(candidate: Candidate): void {
    this.outOfTime = true;
    this.leave(candidate, TIME_IS_OVER);
  }

  leave({ execution }: Candidate, reason: string): void {
    this.left.push({ execution: execution.id, run: execution.runId, node: execution.nodeId, reason });
  }
}

function isSameRead(left: readonly ReadRecord[], right: readonly ReadRecord[]): boolean {
  return keyOf(keyTree(readLeaves(left))) === keyOf(keyTree(readLeaves(right)));
}
