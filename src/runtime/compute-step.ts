import { setTimeout as sleep } from "node:timers/promises";
import { untrusted } from "../cache/cache-policy.ts";
import type { ExecuteOptions, Executor, StepResult, StepSignal } from "../executor/executor.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { SideEffect } from "../model/reads.ts";
import type { Digest } from "../encoding/digest.ts";
import type { ExecutorKind } from "../pipeline/step-options.ts";
import { changedMeanwhile } from "./changed-meanwhile.ts";
import { shownRemarks } from "./code-notices.ts";
import type { ResultGroup, ResultGroups } from "./result-groups.ts";
import type { RunEvent } from "./run-event.ts";
import type { RunSession } from "./run-session.ts";
import type { StepIdentities } from "./step-identities.ts";
import { errorOf, executorFor, retryOf, withLater } from "./step-attempts.ts";
import type { ComputePlan } from "./step-plan.ts";
import { unseenOf } from "./step-publisher.ts";
import type { AttemptTimes, DoneResult, StepPublisher } from "./step-publisher.ts";
import { isStrict, strictError } from "./strict-verdict.ts";
import { stepTask } from "./step-task.ts";

/** What came of computing a step, for the orchestrator. */
export type ComputeOutcome =
  | { readonly kind: "done"; readonly outputs: readonly { readonly name: string; readonly artifact: ArtifactRecord }[] }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "aborted" }
  /** Its code changed since it was keyed: plan it again. */
  | { readonly kind: "again"; readonly what: string }
  | {
      readonly kind: "bad-input";
      readonly label: string;
      readonly digest: Digest;
      readonly what: "missing" | "damaged";
    };

/** What a step that is being computed takes up, as the orchestrator counts it. */
export interface StepPlace {
  /** Whether other steps may have to be computed after this one, so that a worker for them is worth starting. */
  more(): boolean;
  /**
   * Told of a step that ended well and is yet to be recorded. True where another step, one that leaves nothing either,
   * took its place; otherwise it has its place until it is recorded.
   */
  passOn(): boolean;
}

export interface ComputeInit {
  readonly session: RunSession;
  readonly publisher: StepPublisher;
  readonly identities: StepIdentities;
  readonly groups: ResultGroups;
  readonly place: StepPlace;
}

/** Runs a step that was not found in the cache: attempts with back-off, then the record of what came of it. */
export async function computeStep(plan: ComputePlan, init: ComputeInit): Promise<ComputeOutcome> {
  return new Computation(plan, init).run();
}

class Computation {
  readonly #plan: ComputePlan;
  readonly #session: RunSession;
  readonly #publisher: StepPublisher;
  readonly #init: ComputeInit;
  readonly #startedAt: number;
  #attempt = 0;
  /** What attempts that failed left behind: the one that succeeds may have built upon it. */
  #effects: readonly SideEffect[] = [];
  #executor: ExecutorKind;

  constructor(plan: ComputePlan, init: ComputeInit) {
    const { session, publisher } = init;
    this.#plan = plan;
    this.#init = init;
    this.#session = session;
    this.#publisher = publisher;
    this.#startedAt = session.clock.now();
    this.#executor = executorFor(plan, session);
  }

  async run(): Promise<ComputeOutcome> {
    const { times, delayMs, maxDelayMs } = retryOf(this.#plan.step.options.retry);
    for (;;) {
      const result = await this.#oneAttempt();
      const outcome = await this.#outcomeOf(result);
      if (outcome !== undefined) return outcome;
      const error = errorOf(result, this.#plan.node.id);
      if (result.kind === "failed") this.#effects = withLater(this.#effects, result.effects);
      const retryable = result.kind !== "failed" || result.retryable;
      if (!retryable || this.#attempt > times) return this.#failed(error, result);
      const wait = Math.min(maxDelayMs, delayMs * 2 ** (this.#attempt - 1));
      const attempt = this.#attempt + 1;
      this.#emit({ kind: "step-retry", nodeId: this.#plan.node.id, attempt, error, delayMs: wait });
      if (!(await this.#pause(wait))) return { kind: "aborted" };
    }
  }

  async #oneAttempt(): Promise<StepResult> {
    const { node, reason } = this.#plan;
    this.#attempt++;
    this.#emit({ kind: "step-started", nodeId: node.id, reason, attempt: this.#attempt });
    const result = await this.#execute();
    if (result.kind !== "not-found") return result;
    this.#notice(`${node.id} runs in this process, where its reads cannot be kept apart: ${result.why}`);
    this.#executor = "in-process";
    // It may keep this thread busy for long.
    await this.#init.groups.settled();
    return this.#execute();
  }

  async #execute(): Promise<StepResult> {
    const executor: Executor = await this.#session.executor(this.#executor);
    const task = stepTask(this.#plan, this.#session, this.#attempt);
    const options: ExecuteOptions = { signal: this.#session.signal, onSignal: (signal) => this.#signal(signal) };
    const result = executor.execute(task, options);
    if (this.#init.place.more()) executor.prepare(task);
    return result;
  }

  /** Undefined when the attempt failed in a way that another attempt may mend. */
  async #outcomeOf(result: StepResult): Promise<ComputeOutcome | undefined> {
    switch (result.kind) {
      case "done":
        return this.#done(result);
      case "aborted":
        return { kind: "aborted" };
      case "code-changed":
        return { kind: "again", what: result.what };
      case "bad-input":
        return { kind: "bad-input", label: result.label, digest: result.digest, what: result.what };
      default:
        return undefined;
    }
  }

  async #done(last: DoneResult): Promise<ComputeOutcome> {
    const result: DoneResult = { ...last, effects: withLater(this.#effects, last.effects) };
    const wrong = isStrict(this.#plan, this.#session) ? strictError(this.#plan, result) : undefined;
    if (wrong !== undefined) return this.#failed(wrong, { ...result, kind: "failed", error: wrong, retryable: false });
    const times = this.#times();
    const isUrgent = !this.#init.place.passOn();
    return this.#init.groups.join(isUrgent, (group) => this.#record(result, times, group));
  }

  async #record(result: DoneResult, times: AttemptTimes, group: ResultGroup): Promise<ComputeOutcome> {
    const { session, identities } = this.#init;
    const changed =
      result.changed ?? (await changedMeanwhile(this.#plan, this.#executor, { session, identities, group }));
    const mayBeOffered = changed === undefined && result.refused === undefined;
    const recorded = await this.#publisher.computed(this.#plan, result, { times, mayBeOffered, group });
    const { node, reason } = this.#plan;
    const notOffered = this.#whyNotOffered(result, changed);
    const remarks = shownRemarks(this.#plan);
    this.#emit({
      kind: "step-computed",
      nodeId: node.id,
      reason,
      durationMs: result.durationMs,
      outputs: recorded.outputs,
      metrics: result.metrics,
      warnings: result.warnings,
      ...(notOffered === undefined ? {} : { notOffered }),
      ...(remarks === undefined ? {} : { remarks }),
    });
    return { kind: "done", outputs: recorded.outputs };
  }

  #whyNotOffered(result: DoneResult, changed: string | undefined): RunEventPart | undefined {
    const { policy, keyed, unkeyed, trust } = this.#plan;
    if (policy.mode === "off") return undefined;
    if (keyed === undefined) return { text: unkeyed?.text ?? "it could not be keyed", unseen: [] };
    if (changed !== undefined)
      return { text: `${changed.replaceAll(/(?<=^|, )project:/g, "")} changed while it ran`, unseen: [] };
    if (result.refused !== undefined) return { text: result.refused, unseen: [] };
    const unseen = untrusted(unseenOf(this.#plan, result), trust);
    const [first] = unseen;
    return first === undefined ? undefined : { text: first.note ?? first.name, unseen };
  }

  async #failed(error: ErrorRecord, result: StepResult): Promise<ComputeOutcome> {
    const finding = result.kind === "failed" ? result : undefined;
    const times = this.#times();
    await this.#publisher.failed(this.#plan, error, times, finding);
    const { node, reason } = this.#plan;
    const durationMs = finding?.durationMs ?? times.endedAt - times.startedAt;
    this.#emit({ kind: "step-failed", nodeId: node.id, reason, error, durationMs });
    return { kind: "failed", error };
  }

  #times(): AttemptTimes {
    return { startedAt: this.#startedAt, endedAt: this.#session.clock.now(), attempts: this.#attempt };
  }

  async #pause(milliseconds: number): Promise<boolean> {
    try {
      await sleep(milliseconds, undefined, { signal: this.#session.signal });
      return true;
    } catch {
      return false;
    }
  }

  #signal(signal: StepSignal): void {
    const { id: nodeId } = this.#plan.node;
    if (signal.kind === "output") this.#emit({ kind: "step-output", nodeId, stream: signal.stream, text: signal.text });
    else {
      const { done, total } = signal;
      this.#emit({ kind: "step-progress", nodeId, done, ...(total === undefined ? {} : { total }) });
    }
  }

  #notice(text: string): void {
    this.#emit({ kind: "notice", level: "warning", text, nodeId: this.#plan.node.id });
  }

  #emit(event: RunEvent): void {
    this.#session.emit(event);
  }
}

type RunEventPart = NonNullable<Extract<RunEvent, { kind: "step-computed" }>["notOffered"]>;
