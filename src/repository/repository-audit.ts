import { randomInt } from "node:crypto";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ErrorRecord, ExecutionRecord } from "../model/execution.ts";
import type { UnseenActivity } from "../model/reads.ts";
import { shownPath } from "../model/shown-path.ts";
import { appendedFile } from "../observation/side-effects.ts";
import { Scheduler } from "../orchestrator/scheduler.ts";
import { idsOf, needsOf } from "../orchestrator/selection.ts";
import { compilePipeline } from "../pipeline/compile-pipeline.ts";
import type { CompiledPipeline } from "../pipeline/compile-pipeline.ts";
import { NodeOutputs } from "../runtime/node-outputs.ts";
import { StepDriver } from "../runtime/step-driver.ts";
import type { ReusePlan, StepPlan } from "../runtime/step-plan.ts";
import type { RerunOutcome } from "../runtime/rerun-step.ts";
import { AsideRuns } from "./aside-runs.ts";
import { sampled } from "./audit-sample.ts";
import type { AuditSample } from "./audit-sample.ts";
import { defaultParallel } from "./default-parallel.ts";
import { allExecutions, latestRun } from "./recorded-runs.ts";
import type { OpenRepository } from "./open-repository.ts";
import { outputDifferences } from "./output-differences.ts";
import type { OutputDifference } from "./output-differences.ts";

/** What an audit may be told; everything is optional. */
export interface AuditOptions {
  /** A share of the steps (`"1%"`) or so many of them; all unless told. */
  readonly sample?: AuditSample;
  /** Decides which ones a sample takes; another one every time unless told. */
  readonly seed?: number;
  /** Names of steps or ids of nodes; all unless told. */
  readonly steps?: readonly string[];
  /** Also runs steps again that wrote files outside their temporary folder: they write them again. */
  readonly sideEffects?: boolean;
  /** How many steps run at once; one after the other with `sideEffects`. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
  /** Hears of each step when it is done. */
  readonly observer?: (step: AuditedStep) => void;
}

/** What came of auditing one node. */
export interface AuditedStep {
  readonly node: string;
  readonly step: string;
  /** `failed`: a result is stored, and running the step again gave none. */
  readonly verdict: "same" | "different" | "failed" | "skipped";
  /** Why it was skipped. */
  readonly reason?: string;
  /** The run that computed what is stored. */
  readonly run?: number;
  /** Milliseconds: of running it again, and of when it was computed. */
  readonly durationMs?: number;
  readonly storedMs?: number;
  readonly outputs: readonly OutputDifference[];
  readonly error?: ErrorRecord;
  /** What else there is to know, for people: what it does unseen, what it wrote. */
  readonly notes: readonly string[];
}

export interface AuditReport {
  readonly pipeline: string;
  readonly seed: number;
  readonly sample?: AuditSample;
  /** In the order of the graph; what the sample left out is only counted. */
  readonly steps: readonly AuditedStep[];
  readonly counts: {
    readonly same: number;
    readonly different: number;
    readonly failed: number;
    readonly skipped: number;
    readonly notSampled: number;
  };
  /** Milliseconds. */
  readonly durationMs: number;
}

const SEEDS = 2 ** 32;

/**
 * Audits a pipeline with the given parameters, or with those of its newest run.
 *
 * @throws what compiling the pipeline throws, and the signal's reason when that ends it.
 */
export async function auditPipeline(
  open: OpenRepository,
  pipeline: { readonly name: string },
  params: unknown,
  options: AuditOptions,
): Promise<AuditReport> {
  const { metadata } = open.stack;
  const run = await latestRun(pipeline.name, metadata);
  const compiled = await compilePipeline(pipeline, params ?? run?.params);
  const recorded = run === undefined ? [] : await allExecutions({ runId: run.id }, metadata);
  return new RepositoryAudit(open, compiled, options).run(recorded);
}

/** Runs what a run of the pipeline would reuse again, aside, and compares; nothing in the stores changes. */
class RepositoryAudit {
  readonly #open: OpenRepository;
  readonly #compiled: CompiledPipeline;
  readonly #options: AuditOptions;

  constructor(open: OpenRepository, compiled: CompiledPipeline, options: AuditOptions) {
    this.#open = open;
    this.#compiled = compiled;
    this.#options = options;
  }

  /** `recorded`: executions of an earlier run, whose outputs stand in for those of steps that would be computed now. */
  async run(recorded: readonly ExecutionRecord[]): Promise<AuditReport> {
    const { sample, seed = randomInt(SEEDS), signal = new AbortController().signal } = this.#options;
    const began = this.#open.clock.monotonic();
    await using aside = await AsideRuns.open({ open: this.#open, compiled: this.#compiled, signal });
    const found = await this.#candidates(aside, recorded);
    const picked = sampled(found.candidates, sample, seed, ({ node }) => node.id);
    const audited = await this.#auditAll(picked, aside);
    const order = new Map(this.#compiled.spec.nodes.map(({ id }, index) => [id, index]));
    const steps = [...found.skipped, ...audited].sort((a, b) => (order.get(a.node) ?? 0) - (order.get(b.node) ?? 0));
    const count = (verdict: AuditedStep["verdict"]): number => steps.filter((step) => step.verdict === verdict).length;
    return {
      pipeline: this.#compiled.spec.name,
      seed,
      ...(sample === undefined ? {} : { sample }),
      steps,
      counts: {
        same: count("same"),
        different: count("different"),
        failed: count("failed"),
        skipped: count("skipped"),
        notSampled: found.candidates.length - picked.length,
      },
      durationMs: this.#open.clock.monotonic() - began,
    };
  }

  async #candidates(aside: AsideRuns, recorded: readonly ExecutionRecord[]): Promise<Candidates> {
    const plans = await planAll(aside, this.#compiled, recorded);
    const { steps = [] } = this.#options;
    const wanted = idsOf(this.#compiled.spec, steps);
    const candidates = new Map<number, ReusePlan>();
    const skipped: AuditedStep[] = [];
    for (const node of this.#compiled.spec.nodes) {
      if (steps.length > 0 && !wanted.has(node.id)) continue;
      const plan = plans.get(node.id);
      const skip = (reason: string): unknown => skipped.push(skippedStep(node, reason));
      if (plan === undefined) skip("what it is given is not stored");
      else if (plan.kind === "compute") skip(whySkipped(plan));
      else if (candidates.has(plan.entry.executionId))
        skip(`the same stored result as ${candidates.get(plan.entry.executionId)?.node.id ?? "another"}`);
      else {
        const written = this.#options.sideEffects === true ? [] : await writtenBy(plan, aside.session.metadata);
        if (written.length > 0) skip(`it writes ${written.join(", ")}; \`--side-effects\` lets it do that again`);
        else candidates.set(plan.entry.executionId, plan);
      }
    }
    return { candidates: [...candidates.values()], skipped };
  }

  async #auditAll(plans: readonly ReusePlan[], aside: AsideRuns): Promise<readonly AuditedStep[]> {
    const { parallel = defaultParallel(this.#open.config), sideEffects = false, observer } = this.#options;
    const audited: AuditedStep[] = [];
    const waiting = plans.values();
    const worker = async (): Promise<void> => {
      for (const plan of waiting) {
        const step = await auditOne(plan, aside);
        audited.push(step);
        observer?.(step);
      }
    };
    await Promise.all(Array.from({ length: sideEffects ? 1 : Math.min(parallel, plans.length) }, worker));
    return audited;
  }
}

interface Candidates {
  readonly candidates: readonly ReusePlan[];
  readonly skipped: readonly AuditedStep[];
}

/** What a run would do with each node, by id; what is behind something unknown is left out. */
async function planAll(
  aside: AsideRuns,
  { spec }: CompiledPipeline,
  recorded: readonly ExecutionRecord[],
): Promise<ReadonlyMap<string, StepPlan>> {
  const { session, identities } = aside;
  const outputs = new NodeOutputs(session.named);
  const driver = new StepDriver(session, outputs, identities);
  const earlier = new Map(recorded.toReversed().map((execution) => [execution.nodeId, execution]));
  const byId = new Map(spec.nodes.map((node) => [node.id, node]));
  const scheduler = new Scheduler(spec.nodes.map((node) => ({ id: node.id, needs: needsOf(node) })));
  const plans = new Map<string, StepPlan>();
  for (let ids = scheduler.take(); ids.length > 0; ids = scheduler.take()) {
    for (const plan of await driver.plan(ids.flatMap((id) => byId.get(id) ?? []))) {
      const { id } = plan.node;
      plans.set(id, plan);
      const known = plan.kind === "reuse" ? plan.entry.outputs : outputsOf(earlier.get(id), plan);
      if (known === undefined) continue;
      outputs.set(id, known);
      scheduler.done(id);
    }
  }
  return plans;
}

/** Undefined where the earlier execution does not have every output that the node has now. */
function outputsOf(execution: ExecutionRecord | undefined, { node }: StepPlan): ExecutionRecord["outputs"] | undefined {
  const names = new Set(execution?.outputs.map(({ name }) => name));
  return node.outputs.every(({ name }) => names.has(name)) ? execution?.outputs : undefined;
}

function whySkipped({ reason, keyed }: Extract<StepPlan, { kind: "compute" }>): string {
  if (keyed === undefined) return reason.text;
  return reason.kind === "changed" ? `a run would compute it: ${reason.text}` : reason.text;
}

function skippedStep({ id, step }: StepPlan["node"], reason: string): AuditedStep {
  return { node: id, step, verdict: "skipped", reason, outputs: [], notes: [] };
}

/** Names of what the stored execution wrote outside its temporary folder, appending included. */
export async function writtenBy(
  { entry }: Pick<ReusePlan, "entry">,
  metadata: MetadataStore,
): Promise<readonly string[]> {
  const execution = await metadata.execution(entry.executionId);
  const appended = (execution?.warnings ?? []).flatMap((warning) => appendedFile(warning) ?? []);
  const names = [...entry.effects.map(({ path }) => path), ...appended];
  return [...new Set(names.map((name) => shownPath(name)))];
}

async function auditOne(plan: ReusePlan, aside: AsideRuns): Promise<AuditedStep> {
  const { node, entry } = plan;
  const outcome = await aside.rerun(plan);
  if (outcome.kind === "void") return skippedStep(node, outcome.why);
  const base = {
    node: node.id,
    step: node.step,
    run: entry.runId,
    durationMs: outcome.durationMs,
    storedMs: entry.durationMs,
    notes: [...entry.unseen.map(unseenNote), ...writtenNow(plan, outcome)],
  };
  if (outcome.kind === "failed") return { ...base, verdict: "failed", outputs: [], error: outcome.error };
  const outputs = await outputDifferences(
    entry.outputs.map(({ name, artifact }) => ({ name, value: artifact })),
    outcome.result.outputs.map(({ name, stored }) => ({ name, value: stored })),
    aside.session.artifacts,
  );
  return { ...base, verdict: outputs.length === 0 ? "same" : "different", outputs };
}

function unseenNote({ kind, name, note }: UnseenActivity): string {
  const what = kind === name ? kind : `${kind} ${name}`;
  return `unseen: ${what}${note === undefined ? "" : ` (${note})`}`;
}

/** What its stored execution did not write: nobody could know before. */
function writtenNow({ entry }: ReusePlan, outcome: RerunOutcome): readonly string[] {
  if (outcome.kind !== "done") return [];
  const before = new Set(entry.effects.map(({ path }) => path));
  const now = outcome.result.effects.filter(({ path }) => !before.has(path));
  return now.map(({ path }) => `it wrote ${shownPath(path)}, which its stored execution did not`);
}
