import type { CacheKey } from "../encoding/key-tree.ts";
import { RunError } from "../errors.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import type { ComputeOutcome } from "../runtime/compute-step.ts";
import { NodeOutputs } from "../runtime/node-outputs.ts";
import type { RunSession } from "../runtime/run-session.ts";
import { StepRunner } from "../runtime/run-step.ts";
import { leavesNothing } from "../runtime/step-task.ts";
import type { ComputePlan, StepPlan } from "../runtime/step-plan.ts";
import type { OrchestrateOptions, OrchestrationResult, Orchestrator } from "./orchestrator.ts";
import { Scheduler } from "./scheduler.ts";
import { needsOf } from "./selection.ts";

/** How often one node is planned again because its code or its inputs changed under it, before the run gives up on it. */
const MOST_REPLANS = 5;

/** Results that may be waiting to be recorded, before no further step starts. */
const MOST_UNRECORDED = 64;

/** Runs a pipeline in this process: plans every level of ready steps as one batch, and computes what is missing. */
export class LocalOrchestrator implements Orchestrator {
  run(session: RunSession, options: OrchestrateOptions): Promise<OrchestrationResult> {
    return new LocalRun(session, options).run();
  }
}

type Outcome = ComputeOutcome | { readonly kind: "broken"; readonly error: unknown };

class LocalRun {
  readonly #session: RunSession;
  readonly #options: OrchestrateOptions;
  readonly #outputs: NodeOutputs;
  readonly #runner: StepRunner;
  readonly #scheduler: Scheduler;
  readonly #nodes: ReadonlyMap<string, NodeSpec>;
  readonly #queue: ComputePlan[] = [];
  /** Nodes that are being computed or recorded. */
  readonly #running = new Set<string>();
  /** How many steps are being computed. */
  #busy = 0;
  readonly #settled: { readonly plan: ComputePlan; readonly outcome: Outcome }[] = [];
  #wake: () => void = () => undefined;
  /** Keys that are being computed, and the nodes that wait to look them up again. */
  readonly #inFlight = new Map<CacheKey, string[]>();
  readonly #replans = new Map<string, number>();
  /** Nodes that are being computed with inputs that are other ones by now. */
  readonly #outdated = new Set<string>();
  readonly #failures: { readonly nodeId: string; readonly error: ErrorRecord }[] = [];
  readonly #counts = { reused: 0, computed: 0, failed: 0, canceled: 0, savedMs: 0 };
  #stopping = false;

  constructor(session: RunSession, options: OrchestrateOptions) {
    this.#session = session;
    this.#options = options;
    this.#outputs = new NodeOutputs(session.named);
    this.#runner = new StepRunner(session, this.#outputs);
    const { nodes } = options.selection;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#scheduler = new Scheduler(nodes.map((node) => ({ id: node.id, needs: needsOf(node) })));
  }

  async run(): Promise<OrchestrationResult> {
    for (const node of this.#options.selection.leftOut)
      this.#session.emit({
        kind: "step-canceled",
        nodeId: node.id,
        reason: { kind: "not-selected", text: "not selected" },
      });
    try {
      await this.#loop();
    } finally {
      await this.#settleRunning();
      await this.#runner.flush();
    }
    const state = this.#session.signal.aborted ? "CANCELED" : this.#failures.length > 0 ? "FAILED" : "COMPLETE";
    return { state, counts: { ...this.#counts }, failures: this.#failures, outputs: this.#outputs };
  }

  async #loop(): Promise<void> {
    while (!this.#scheduler.finished) {
      if (this.#mustStop()) await this.#cancelWaiting();
      else await this.#planReady();
      this.#startQueued();
      if (this.#running.size > 0) await this.#settleOne();
      else if (this.#queue.length === 0 && this.#isStuck()) return;
    }
  }

  /** Plans level after level as long as everything is a hit. */
  async #planReady(): Promise<void> {
    while (!this.#mustStop()) {
      const ids = this.#scheduler.take();
      if (ids.length === 0) return;
      const plans = await this.#runner.plan(ids.map((id) => this.#node(id)));
      this.#refuseComputing(plans);
      for (const plan of plans) await this.#follow(plan);
      this.#startQueued();
    }
  }

  async #follow(plan: StepPlan): Promise<void> {
    const { id } = plan.node;
    if (plan.kind === "compute") {
      if (!this.#waitsForSame(plan)) this.#queue.push(plan);
      return;
    }
    this.#bind(plan.node, await this.#runner.reuse(plan));
    this.#counts.reused++;
    this.#counts.savedMs += plan.entry.durationMs;
    this.#scheduler.done(id);
  }

  #refuseComputing(plans: readonly StepPlan[]): void {
    const { mustHit } = this.#options.selection;
    const missing = plans.filter(
      (plan) => plan.kind === "compute" && mustHit.has(plan.node.id),
    ) as readonly ComputePlan[];
    if (missing.length === 0) return;
    const names = missing.map(({ node, reason }) => `${node.id} (${reason.text})`);
    throw new RunError("WS_WOULD_COMPUTE", {
      message: `Before the selected steps, these would have to be computed: ${names.join(", ")}.`,
      hint: "Run the pipeline without --from and --only once, or select an earlier step.",
      details: { nodes: missing.map(({ node }) => node.id) },
    });
  }

  #startQueued(): void {
    if (this.#mustStop()) return;
    while (this.#busy < this.#options.parallel) {
      const plan = this.#queue.shift();
      if (plan === undefined) return;
      this.#start(plan);
    }
  }

  /** One computation per key: a second node with the same key waits, also for one that is queued, and looks it up again. */
  #waitsForSame({ keyed, node, policy }: ComputePlan): boolean {
    if (keyed === undefined || policy.mode !== "use") return false;
    const waiting = this.#inFlight.get(keyed.key);
    if (waiting === undefined) {
      this.#inFlight.set(keyed.key, []);
      return false;
    }
    waiting.push(node.id);
    return true;
  }

  #start(plan: ComputePlan): void {
    let holdsPlace = true;
    const leave = (): void => {
      if (holdsPlace) this.#busy--;
      holdsPlace = false;
    };
    const settle = (outcome: Outcome): void => {
      leave();
      this.#settled.push({ plan, outcome });
      this.#wake();
    };
    const place = {
      more: () => this.#scheduler.open > this.#running.size,
      passOn: () => this.#passOn(plan, leave),
    };
    this.#busy++;
    this.#running.add(plan.node.id);
    this.#runner.compute(plan, place).then(settle, (error: unknown) => settle({ kind: "broken", error }));
  }

  /**
   * Lets the next step start while the result of one that ended is recorded. Only where neither can do anything but give
   * a result: what a step does to files must not come before the check of what the one before it read.
   */
  #passOn(plan: ComputePlan, leave: () => void): boolean {
    const [next] = this.#queue;
    const unrecorded = this.#running.size - this.#busy;
    if (next === undefined || this.#mustStop() || unrecorded >= MOST_UNRECORDED) return false;
    if (!leavesNothing(plan) || !leavesNothing(next)) return false;
    leave();
    this.#startQueued();
    return true;
  }

  async #settleOne(): Promise<void> {
    let one = this.#settled.shift();
    for (; one === undefined; one = this.#settled.shift()) await new Promise<void>((resolve) => (this.#wake = resolve));
    const { plan, outcome } = one;
    this.#running.delete(plan.node.id);
    this.#releaseWaiting(plan);
    await this.#conclude(plan, outcome);
  }

  #releaseWaiting({ keyed, policy }: ComputePlan): void {
    if (keyed === undefined || policy.mode !== "use") return;
    const waiting = this.#inFlight.get(keyed.key) ?? [];
    this.#inFlight.delete(keyed.key);
    for (const id of waiting) this.#scheduler.release(id);
  }

  async #conclude(plan: ComputePlan, outcome: Outcome): Promise<void> {
    const { node } = plan;
    const outdated = this.#outdated.delete(node.id);
    if (outdated && outcome.kind !== "aborted" && outcome.kind !== "broken") return this.#scheduler.release(node.id);
    switch (outcome.kind) {
      case "done":
        return this.#done(node, outcome.outputs);
      case "failed":
        return this.#failed(node, outcome.error);
      case "aborted":
        this.#counts.canceled++;
        this.#scheduler.canceled(node.id);
        return this.#runner.cancel(node, { kind: "aborted", text: "the run was ended" });
      case "again":
        return this.#again(node, outcome.what);
      case "bad-input":
        return this.#heal(plan, outcome);
      case "broken":
        this.#scheduler.canceled(node.id);
        throw outcome.error;
    }
  }

  #done(node: NodeSpec, outputs: Parameters<NodeOutputs["set"]>[1]): void {
    this.#bind(node, outputs);
    this.#counts.computed++;
    this.#scheduler.done(node.id);
  }

  /** Gives a node its outputs. A node that was made again, by a run or from an older result, may have other ones now. */
  #bind(node: NodeSpec, outputs: Parameters<NodeOutputs["set"]>[1]): void {
    const before = this.#outputs.remove(node.id);
    this.#outputs.set(node.id, outputs);
    const differs =
      before !== undefined && outputs.some(({ name, artifact }) => before.get(name)?.digest !== artifact.digest);
    if (differs) this.#resetBehind(node);
  }

  async #failed(node: NodeSpec, error: ErrorRecord): Promise<void> {
    this.#counts.failed++;
    this.#failures.push({ nodeId: node.id, error });
    if (this.#options.onFailure === "fail-fast") this.#stopping = true;
    for (const id of this.#scheduler.failed(node.id))
      await this.#cancel(id, { kind: "upstream-failed", text: `${node.id} failed` });
  }

  #again(node: NodeSpec, what: string): void {
    this.#countReplan(node, `${what} goes on changing while ${node.id} is being run`);
    this.#runner.forgetSources();
    const text = `${what} changed after the run began: ${node.id} is planned again`;
    this.#session.emit({ kind: "notice", level: "info", text, nodeId: node.id });
    this.#scheduler.release(node.id);
  }

  /** Stored bytes of an input are bad: what made them runs again, by an older result or anew, and this node after it. */
  async #heal({ node }: ComputePlan, bad: Extract<ComputeOutcome, { kind: "bad-input" }>): Promise<void> {
    this.#countReplan(node, `the stored input ${bad.label} of ${node.id} is ${bad.what} again and again`);
    const binding = node.properties.flatMap(({ inputs }) => inputs).find(({ label }) => label === bad.label);
    if (binding === undefined) throw new Error(`${node.id} has no input ${bad.label}`);
    const artifact = this.#outputs.artifact(binding.source);
    for (const blob of artifact?.blobs ?? []) await this.#session.artifacts.verify(blob.digest);
    const { source } = binding;
    if (source.kind === "artifact") {
      throw new RunError("WS_NOT_COMPUTED", {
        message: `The stored bytes of ${source.name}@${source.version} are ${bad.what}, and no step of this pipeline makes them.`,
        hint: "Run the pipeline that made it; it will be computed again there.",
      });
    }
    const text = `the stored output of ${source.node} is ${bad.what}: it is made again`;
    this.#session.emit({ kind: "notice", level: "warning", text, nodeId: source.node });
    this.#scheduler.release(node.id);
    this.#scheduler.reset(source.node);
  }

  /** What was done with bytes that are other ones now is planned again. */
  #resetBehind(node: NodeSpec): void {
    const behind = this.#scheduler.behind(node.id);
    for (const id of behind) {
      if (this.#running.has(id)) this.#outdated.add(id);
      if (this.#outputs.remove(id) !== undefined) this.#scheduler.reset(id);
    }
    const queued = this.#queue.filter((plan) => behind.includes(plan.node.id));
    for (const plan of queued) {
      this.#queue.splice(this.#queue.indexOf(plan), 1);
      this.#scheduler.release(plan.node.id);
      this.#releaseWaiting(plan);
    }
  }

  #countReplan(node: NodeSpec, text: string): void {
    const count = (this.#replans.get(node.id) ?? 0) + 1;
    this.#replans.set(node.id, count);
    if (count <= MOST_REPLANS) return;
    throw new RunError("WS_EXECUTOR", {
      message: `Giving up: ${text}.`,
      hint: "Run again when the files are at rest.",
    });
  }

  #mustStop(): boolean {
    return this.#stopping || this.#session.signal.aborted;
  }

  async #cancelWaiting(): Promise<void> {
    const queued = this.#queue.splice(0).map(({ node }) => node.id);
    for (const id of queued) this.#scheduler.canceled(id);
    const aborted = this.#session.signal.aborted;
    const [failure] = this.#failures;
    const text = aborted ? "the run was ended" : `the run ends because ${failure?.nodeId ?? "a step"} failed`;
    const waiting = [...this.#inFlight.values()].flatMap((ids) => ids.splice(0));
    for (const id of waiting) this.#scheduler.canceled(id);
    for (const id of [...queued, ...waiting, ...this.#scheduler.cancelWaiting()])
      await this.#cancel(id, { kind: aborted ? "aborted" : "upstream-failed", text });
  }

  async #cancel(id: string, reason: Parameters<StepRunner["cancel"]>[1]): Promise<void> {
    this.#counts.canceled++;
    await this.#runner.cancel(this.#node(id), reason);
  }

  async #settleRunning(): Promise<void> {
    while (this.#running.size > 0) await this.#settleOne();
  }

  /** Nothing runs, nothing is queued and nothing is ready, yet nodes are left: a fault of ours, said instead of hanging. */
  #isStuck(): boolean {
    const ids = this.#scheduler.take();
    if (ids.length > 0) for (const id of ids) this.#scheduler.release(id);
    else if (!this.#scheduler.finished) throw new Error("the run has nodes left and none that can run");
    return false;
  }

  #node(id: string): NodeSpec {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`the run has no node ${id}`);
    return node;
  }
}
