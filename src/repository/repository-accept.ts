import { userInfo } from "node:os";
import type { Digest } from "../encoding/digest.ts";
import { keyOf, keyTree } from "../encoding/key-tree.ts";
import type { CacheKey } from "../encoding/key-tree.ts";
import { readLeaves } from "../cache/cache-key.ts";
import { PipelineError, RepositoryError, RunError } from "../errors.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { Acceptance, ComparedExecution } from "../model/acceptance.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { RunId } from "../model/ids.ts";
import type { ReadRecord, UnseenActivity } from "../model/reads.ts";
import { questionsOf } from "../observation/revalidation.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { Duration } from "../pipeline/step-options.ts";
import { StepPublisher, fullTree, unseenOf } from "../runtime/step-publisher.ts";
import type { Adoption, DoneResult } from "../runtime/step-publisher.ts";
import { adoptionCandidates, isStored } from "./adoption-candidates.ts";
import type { Candidate, LeftResult } from "./adoption-candidates.ts";
import { AsideByParameters } from "./aside-by-parameters.ts";
import { nearestName } from "../util/nearest-name.ts";
import { sampled } from "./audit-sample.ts";
import { defaultParallel } from "./default-parallel.ts";
import type { OpenRepository } from "./open-repository.ts";
import { outputDifferences } from "./output-differences.ts";
import type { OutputDifference } from "./output-differences.ts";
import { provenanceOf } from "./provenance.ts";
import { allExecutions } from "./recorded-runs.ts";
import { writtenBy } from "./repository-audit.ts";

/** What an acceptance may be told; everything is optional. */
export interface AcceptOptions {
  /** Runs the new code on so many stored results' inputs, and adopts the others on that evidence; on all unless told. */
  readonly verify?: number;
  /** Runs nothing: what is adopted is marked so for ever. */
  readonly unverified?: boolean;
  /** How long results are compared; 10 minutes unless told. What was not compared until then is not adopted. */
  readonly budget?: Duration;
  /** Also runs steps that wrote files: they write them again. */
  readonly sideEffects?: boolean;
  /** Who says so; the system's user unless told. */
  readonly by?: string;
  readonly parallel?: number;
  readonly signal?: AbortSignal;
}

export interface AdoptedResult {
  /** The execution that was recorded, and the one whose result it offers. */
  readonly execution: number;
  readonly origin: number;
  /** The run of the origin. */
  readonly run: number;
  readonly node: string;
  readonly verified: Acceptance["verified"];
}

/** A stored result that the new code does not give again on the same inputs. */
export interface DifferingResult {
  readonly execution: number;
  readonly run: number;
  readonly node: string;
  readonly outputs: readonly OutputDifference[];
  readonly error?: ErrorRecord;
}

export interface AcceptReport {
  readonly step: string;
  /** `different`: something differs, so nothing was adopted. `nothing`: there was nothing that could be. */
  readonly outcome: "adopted" | "different" | "nothing";
  /** Under which the acceptance is recorded, where something was adopted. */
  readonly run?: number;
  readonly by: string;
  readonly compared: number;
  readonly adopted: readonly AdoptedResult[];
  readonly differing: readonly DifferingResult[];
  /** What was not adopted otherwise, and why. */
  readonly left: readonly LeftResult[];
  /** What nobody has looked at, in one sentence. */
  readonly risk: string;
  /** Milliseconds. */
  readonly durationMs: number;
}

export interface UndoReport {
  readonly step: string;
  /** The acceptance that was undone; absent when there was none in force. */
  readonly run?: number;
  /** How many results are no longer offered. */
  readonly retired: number;
}

const DEFAULT_BUDGET: Duration = "10min";
const TIME_IS_OVER = "the time for comparing was over; `--budget` gives more";
const MOST_EVIDENCE = 20;
/** The same results are compared each time. */
const SEED = 0;

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
  readonly #left: LeftResult[] = [];
  readonly #differing: DifferingResult[] = [];
  readonly #equal = new Map<Candidate, DoneResult>();
  readonly #present = new Map<Digest, Promise<boolean>>();
  #outOfTime = false;

  constructor(open: OpenRepository, pipeline: { readonly name: string }, step: string, options: AcceptOptions) {
    this.#open = open;
    this.#pipeline = pipeline;
    this.#step = step;
    this.#options = options;
    this.#by = options.by ?? systemUser();
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
    this.#left.push(...found.left);
    if (!unverified) await this.#compare(found.candidates, over);
    if (signal.aborted) throw ended(this.#step);
    const adoptions = this.#differing.length > 0 ? [] : await this.#adoptions(found.candidates);
    const recorded = adoptions.length === 0 ? undefined : await this.#record(adoptions);
    return {
      step: this.#step,
      outcome: this.#differing.length > 0 ? "different" : recorded === undefined ? "nothing" : "adopted",
      ...(recorded === undefined ? {} : { run: recorded.run }),
      by: this.#by,
      compared: this.#equal.size + this.#differing.length,
      adopted: recorded?.adopted ?? [],
      differing: this.#differing,
      left: this.#left,
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

  /** Runs the new code where that says something; stops at the first difference. */
  async #compare(candidates: readonly Candidate[], over: AbortSignal): Promise<void> {
    const { parallel = defaultParallel(this.#open.config), sideEffects = false, verify } = this.#options;
    const comparable: Candidate[] = [];
    for (const candidate of candidates) {
      const reason = await this.#whyNotComparable(candidate);
      if (reason === undefined) comparable.push(candidate);
      else if (verify === undefined) this.#leave(candidate, reason);
    }
    const picked = sampled(comparable, verify, SEED, ({ execution }) => String(execution.id));
    const waiting = picked.values();
    const worker = async (): Promise<void> => {
      for (const candidate of waiting) {
        if (this.#differing.length > 0) return;
        if (over.aborted) this.#leaveForTime(candidate);
        else await this.#compareOne(candidate, over);
      }
    };
    await Promise.all(Array.from({ length: sideEffects ? 1 : Math.min(parallel, picked.length) }, worker));
  }

  async #whyNotComparable({ entry, aside }: Candidate): Promise<string | undefined> {
    const { metadata, revalidation } = aside.session;
    const written = this.#options.sideEffects === true ? [] : await writtenBy({ entry }, metadata);
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
    else if (outcome.kind === "void") this.#leave(candidate, outcome.why);
    else {
      const base = { execution: execution.id, run: execution.runId, node: execution.nodeId };
      if (outcome.kind === "failed") {
        this.#differing.push({ ...base, outputs: [], error: outcome.error });
        return;
      }
      const stored = entry.outputs.map(({ name, artifact }) => ({ name, value: artifact }));
      const again = outcome.result.outputs.map(({ name, stored: value }) => ({ name, value }));
      const outputs = await outputDifferences(stored, again, aside.session.artifacts);
      if (outputs.length > 0) this.#differing.push({ ...base, outputs });
      else this.#equal.set(candidate, outcome.result);
    }
  }

  #leaveForTime(candidate: Candidate): void {
    this.#outOfTime = true;
    this.#leave(candidate, TIME_IS_OVER);
  }

  #leave({ execution }: Candidate, reason: string): void {
    this.#left.push({ execution: execution.id, run: execution.runId, node: execution.nodeId, reason });
  }

  /** The oldest first, so that of two results the newer one is found first. */
  async #adoptions(candidates: readonly Candidate[]): Promise<readonly Adoption[]> {
    const { unverified = false, verify } = this.#options;
    const others = unverified || (verify !== undefined && this.#equal.size > 0 && !this.#outOfTime);
    const chosen = new Map<CacheKey, Chosen>();
    const leftOut = new Set(this.#left.map(({ execution }) => execution));
    for (const candidate of candidates) {
      const result = this.#equal.get(candidate);
      if (leftOut.has(candidate.execution.id)) continue;
      if (result === undefined && !others) {
        this.#leave(candidate, this.#outOfTime ? TIME_IS_OVER : "no result was compared, so nothing speaks for it");
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
    this.#leave(candidate, "its code changed meanwhile");
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
      evidence: { compared: this.#equal.size, adopted, executions: this.#evidence(candidate, own) },
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
    const compared = own === "own" ? [candidate] : [...this.#equal.keys()].slice(0, MOST_EVIDENCE);
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

async function requireStep(step: string, metadata: MetadataStore): Promise<void> {
  const known = await metadata.stepNames();
  if (known.includes(step)) return;
  const nearest = nearestName(step, known);
  throw new PipelineError("WS_UNKNOWN_STEP", {
    message: `No step \`${step}\` was ever run here.`,
    hint:
      nearest === undefined ? `Steps that ran here: ${known.slice(0, 20).join(", ")}.` : `Did you mean \`${nearest}\`?`,
  });
}

/** Takes the results of a step's newest acceptance that is in force out of every later look-up: those and no others. */
export async function undoAcceptance({ stack: { metadata } }: OpenRepository, step: string): Promise<UndoReport> {
  await requireStep(step, metadata);
  let after: number | undefined;
  do {
    const page = await metadata.runs({ pipeline: acceptanceName(step), ...(after === undefined ? {} : { after }) });
    for (const { id } of page.items) {
      const retired = await retireAdopted(id, metadata);
      if (retired > 0) return { step, run: id, retired };
    }
    after = page.next;
  } while (after !== undefined);
  return { step, retired: 0 };
}

async function retireAdopted(runId: RunId, metadata: MetadataStore): Promise<number> {
  const executions = await allExecutions({ runId }, metadata);
  return metadata.retire(
    executions.flatMap(({ id, state, accepted }) => (state === "COMPLETE" && accepted !== undefined ? [id] : [])),
  );
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

/** The run that records an acceptance bears this in place of a pipeline's name. */
function acceptanceName(step: string): string {
  return `accept ${step}`;
}

function adoptedResult({ entry, plan, accepted }: Adoption, execution: number | undefined): AdoptedResult {
  if (execution === undefined) throw new Error("the metadata store gave no answer for an adopted result");
  const { executionId: origin, runId: run } = entry;
  return { execution, origin, run, node: plan.node.id, verified: accepted.verified };
}

const strength = { none: 0, others: 1, own: 2 } as const;

/** What is built upon something unverified is no better. */
function weaker(left: Acceptance["verified"], right: Acceptance["verified"]): Acceptance["verified"] {
  return strength[left] <= strength[right] ? left : right;
}

function evidenceText(verified: Acceptance["verified"]): string {
  if (verified === "own") return ", compared on its own inputs";
  return verified === "others" ? ", compared on other inputs only" : ", UNVERIFIED";
}

function riskOf(verified: readonly Acceptance["verified"][]): string {
  const count = (what: Acceptance["verified"]): number => verified.filter((one) => one === what).length;
  const [own, others, none] = [count("own"), count("others"), count("none")];
  if (verified.length === 0) return "Nothing was adopted, so nothing is at risk.";
  if (none > 0)
    return `Not compared: any of the ${none} adopted without a verified result behind it; if the new code differs, every later run is handed a wrong result.`;
  if (others > 0)
    return `Not compared: ${others} of ${own + others} adopted results, of which nobody knows what the new code gives on their inputs.`;
  return "Not compared: metrics and logs, what the step does unseen, and inputs that were never stored (those are computed).";
}

function isSameRead(left: readonly ReadRecord[], right: readonly ReadRecord[]): boolean {
  return keyOf(keyTree(readLeaves(left))) === keyOf(keyTree(readLeaves(right)));
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
