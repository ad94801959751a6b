import { userInfo } from "node:os";
import type { Digest } from "../encoding/digest.ts";
import { keyOf } from "../encoding/key-tree.ts";
import type { CacheKey } from "../encoding/key-tree.ts";
import { RepositoryError, RunError } from "../errors.ts";
import type { Acceptance, ComparedExecution } from "../model/acceptance.ts";
import type { ReadRecord, UnseenActivity } from "../model/reads.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { Duration } from "../pipeline/step-options.ts";
import { StepPublisher, fullTree, unseenOf } from "../runtime/step-publisher.ts";
import type { Adoption, DoneResult } from "../runtime/step-publisher.ts";
import type { AcceptOptions, AcceptReport, AdoptedResult } from "./acceptance-report.ts";
import { evidenceText, riskOf, weaker } from "./acceptance-risk.ts";
import { adoptionCandidates, isStored } from "./adoption-candidates.ts";
import type { Candidate } from "./adoption-candidates.ts";
import { AsideByParameters } from "./aside-by-parameters.ts";
import { defaultParallel } from "./default-parallel.ts";
import type { OpenRepository } from "./open-repository.ts";
import { provenanceOf } from "./provenance.ts";
import { ResultComparison, TIME_IS_OVER } from "./result-comparison.ts";
import { acceptanceName, requireStep } from "./undo-acceptance.ts";

const DEFAULT_BUDGET: Duration = "10min";
const MOST_EVIDENCE = 20;

/** Offers the results of a step's code before for its present code, as far as they were compared. */
export async function acceptStep(
  open: OpenRepository,
  pipeline: { readonly name: string },
  step: string,
  options: AcceptOptions,
): Promise<AcceptReport> {
  await requireStep(step, open.stack.metadata);
  return new RepositoryAcceptance(open, pipeline, step, options).run();
}

class RepositoryAcceptance {
  readonly #open: OpenRepository;
  readonly #pipeline: { readonly name: string };
  readonly #step: string;
  readonly #options: AcceptOptions;
  readonly #by: string;
  readonly #comparison: ResultComparison;
  readonly #present = new Map<Digest, Promise<boolean>>();

  constructor(open: OpenRepository, pipeline: { readonly name: string }, step: string, options: AcceptOptions) {
    this.#open = open;
    this.#pipeline = pipeline;
    this.#step = step;
    this.#options = options;
    this.#by = options.by ?? systemUser();
    const { parallel = defaultParallel(open.config), sideEffects = false, verify } = options;
    this.#comparison = new ResultComparison({ parallel, sideEffects, verify });
  }

  async run(): Promise<AcceptReport> {
    const { signal = new AbortController().signal, budget = DEFAULT_BUDGET, unverified = false } = this.#options;
    this.#checkOptions();
    const began = this.#open.clock.monotonic();
    const over = AbortSignal.timeout(parseDuration(budget));
    const asides = new AsideByParameters({
      open: this.#open,
      pipeline: this.#pipeline,
      signal: AbortSignal.any([signal, over]),
    });
    await using _ = asides;
    const found = await adoptionCandidates({ open: this.#open, pipeline: this.#pipeline, asides, step: this.#step });
    this.#comparison.left.push(...found.left);
    if (!unverified) await this.#comparison.compare(found.candidates, over);
    if (signal.aborted) throw ended(this.#step);
    const adoptions = this.#comparison.differing.length > 0 ? [] : await this.#adoptions(found.candidates);
    const recorded = adoptions.length === 0 ? undefined : await this.#record(adoptions);
    return {
      step: this.#step,
      outcome: this.#comparison.differing.length > 0 ? "different" : recorded === undefined ? "nothing" : "adopted",
      ...(recorded === undefined ? {} : { run: recorded.run }),
      by: this.#by,
      compared: this.#comparison.equal.size + this.#comparison.differing.length,
      adopted: recorded?.adopted ?? [],
      differing: this.#comparison.differing,
      left: this.#comparison.left,
      risk: riskOf(adoptions.map(({ accepted }) => accepted.verified)),
      durationMs: this.#open.clock.monotonic() - began,
    };
  }

  #checkOptions(): void {
    const { unverified = false, verify } = this.#options;
    if (verify === undefined || (!unverified && Number.isSafeInteger(verify) && verify >= 1)) return;
    throw new RepositoryError("WS_USAGE", {
      message: unverified ? "`verify` and `unverified` were both given." : `${verify} results cannot be compared.`,
      hint: "Give a number of results to compare, from 1, or `unverified` to compare none.",
    });
  }

  /** The oldest first, so that of two results the newer one is found first. */
  async #adoptions(candidates: readonly Candidate[]): Promise<readonly Adoption[]> {
    const { unverified = false, verify } = this.#options;
    const others =
      unverified || (verify !== undefined && this.#comparison.equal.size > 0 && !this.#comparison.outOfTime);
    const chosen = new Map<CacheKey, Chosen>();
    const leftOut = new Set(this.#comparison.left.map(({ execution }) => execution));
    for (const candidate of candidates) {
      const result = this.#comparison.equal.get(candidate);
      if (leftOut.has(candidate.execution.id)) continue;
      if (result === undefined && !others) {
        this.#comparison.leave(
          candidate,
          this.#comparison.outOfTime ? TIME_IS_OVER : "no result was compared, so nothing speaks for it",
        );
        continue;
      }
      const reads = result?.reads ?? candidate.entry.reads;
      const key = keyOf(fullTree(candidate.plan.keyed.tree, reads));
      if (!chosen.has(key) && (await this.#mayBe(candidate, key))) chosen.set(key, { candidate, result, reads });
    }
    return [...chosen.values()].reverse().map((one) => this.#adoption(one, chosen.size));
  }

  /** Not where the present code has a result of its own by now, or is the present code no more. */
  async #mayBe(candidate: Candidate, key: CacheKey): Promise<boolean> {
    if (await isStored(key, this.#open.stack.metadata)) return false;
    const { digest } = candidate.plan.keyed.identity;
    const present = this.#present.get(digest) ?? isPresent(candidate);
    this.#present.set(digest, present);
    if (await present) return true;
    this.#comparison.leave(candidate, "its code changed meanwhile");
    return false;
  }

  #adoption({ candidate, result, reads }: Chosen, adopted: number): Adoption {
    const { plan, entry, execution } = candidate;
    const own = result === undefined ? (this.#options.unverified === true ? "none" : "others") : "own";
    const verified = own === "own" ? own : weaker(own, entry.accepted?.verified ?? "own");
    const accepted: Acceptance = {
      by: this.#by,
      at: this.#open.clock.now(),
      verified,
      code: entry.accepted?.code ?? execution.codeIdentity ?? plan.keyed.identity.digest,
      evidence: { compared: this.#comparison.equal.size, adopted, executions: this.#evidence(candidate, own) },
    };
    const unseen = result === undefined ? plan.keyed.identity.unseen : unseenOf(plan, result);
    return {
      plan,
      entry,
      reads,
      effects: result?.effects ?? entry.effects,
      warnings: result?.warnings ?? execution.warnings,
      unseen: withoutRepeats([...unseen, ...entry.unseen]),
      accepted,
      text: `accepted as equal to run ${execution.runId}${evidenceText(verified)}`,
    };
  }

  #evidence(candidate: Candidate, own: Acceptance["verified"]): readonly ComparedExecution[] {
    const compared = own === "own" ? [candidate] : [...this.#comparison.equal.keys()].slice(0, MOST_EVIDENCE);
    return compared.map(({ execution, entry }) => ({
      id: execution.id,
      outputs: entry.outputs.map(({ name, artifact }) => ({ name, digest: artifact.digest })),
    }));
  }

  async #record(
    adoptions: readonly Adoption[],
  ): Promise<{ readonly run: number; readonly adopted: readonly AdoptedResult[] }> {
    const { clock, identifier, projectRoot, stack } = this.#open;
    const run = await stack.metadata.createRun({
      pipeline: acceptanceName(this.#step),
      params: { step: this.#step, pipeline: this.#pipeline.name, by: this.#by },
      startedAt: clock.now(),
      provenance: provenanceOf(projectRoot),
    });
    const counts = { reused: 0, computed: 0, failed: 0, canceled: 0, savedMs: 0 };
    let state: "COMPLETE" | "FAILED" = "FAILED";
    try {
      const publisher = new StepPublisher({ runId: run.id, metadata: stack.metadata, clock, identifier });
      const recorded = await publisher.adopted(adoptions);
      state = "COMPLETE";
      return { run: run.id, adopted: adoptions.map((adoption, index) => adoptedResult(adoption, recorded[index]?.id)) };
    } finally {
      await stack.metadata.finishRun(run.id, { state, endedAt: clock.now(), results: [], counts });
    }
  }
}

async function isPresent({ plan, aside }: Candidate): Promise<boolean> {
  const now = await aside.identities.again(plan.step, plan.inputs.values());
  return now.digest === plan.keyed.identity.digest;
}

interface Chosen {
  readonly candidate: Candidate;
  /** Of the new code on these inputs, where it was run. */
  readonly result: DoneResult | undefined;
  readonly reads: readonly ReadRecord[];
}

function adoptedResult({ entry, plan, accepted }: Adoption, execution: number | undefined): AdoptedResult {
  if (execution === undefined) throw new Error("the metadata store gave no answer for an adopted result");
  const { executionId: origin, runId: run } = entry;
  return { execution, origin, run, node: plan.node.id, verified: accepted.verified };
}

function withoutRepeats(unseen: readonly UnseenActivity[]): readonly UnseenActivity[] {
  return [...new Map(unseen.map((activity) => [`${activity.kind}:${activity.name}`, activity])).values()];
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's table has no name.
    return "unknown";
  }
}

function ended(step: string): RunError {
  return new RunError("WS_ABORTED", { message: `Accepting ${step} was ended.`, hint: "Nothing was adopted." });
}
