import { setTimeout as sleep } from "node:timers/promises";
import type { StepResult } from "../executor/executor.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { SideEffect } from "../model/reads.ts";
import type { ExecutorKind } from "../pipeline/step-options.ts";
import { changedMeanwhile } from "./changed-meanwhile.ts";
import type { RunSession } from "./run-session.ts";
import { errorOf, executorFor, retryOf, withLater } from "./step-attempts.ts";
import type { StepIdentities } from "./step-identities.ts";
import type { KeyedNode } from "./step-plan.ts";
import type { DoneResult } from "./step-publisher.ts";
import { stepTask } from "./step-task.ts";

/** What came of running a step again, of which nothing was recorded. */
export type RerunOutcome =
  | { readonly kind: "done"; readonly result: DoneResult; readonly durationMs: number }
  | { readonly kind: "failed"; readonly error: ErrorRecord; readonly durationMs: number }
  /** It says nothing about the step: its code or what it reads changed meanwhile, or an input is not there any more. */
  | { readonly kind: "void"; readonly why: string };

export interface RerunInit {
  /** Its artifact store takes what the step returns, so it is one that is thrown away. */
  readonly session: RunSession;
  readonly identities: StepIdentities;
}

/**
 * Runs a step as a run would compute it, with its retries, and records nothing.
 *
 * @throws the reason of the session's signal when that ends it.
 */
export async function rerunStep(node: KeyedNode, init: RerunInit): Promise<RerunOutcome> {
  const { session } = init;
  const retry = retryOf(node.step.options.retry);
  const began = session.clock.monotonic();
  // What attempts that fail leave behind: the one that succeeds may build upon it.
  let effects: readonly SideEffect[] = [];
  for (let attempt = 1; ; attempt++) {
    const { result, executor } = await runOnce(node, session, attempt);
    session.signal.throwIfAborted();
    if (result.kind === "done")
      return doneOutcome(node, { ...result, effects: withLater(effects, result.effects) }, executor, init);
    if (result.kind === "failed") effects = withLater(effects, result.effects);
    if (result.kind === "code-changed") return { kind: "void", why: `${result.what} changed while it ran` };
    if (result.kind === "bad-input") return { kind: "void", why: `its stored input ${result.label} is ${result.what}` };
    const again = (result.kind !== "failed" || result.retryable) && attempt <= retry.times;
    if (!again)
      return {
        kind: "failed",
        error: errorOf(result, node.node.id),
        durationMs: session.clock.monotonic() - began,
      };
    const { delayMs, maxDelayMs } = retry;
    await sleep(Math.min(maxDelayMs, delayMs * 2 ** (attempt - 1)), undefined, { signal: session.signal });
  }
}

async function runOnce(
  node: KeyedNode,
  session: RunSession,
  attempt: number,
): Promise<{ readonly result: StepResult; readonly executor: ExecutorKind }> {
  const executor = executorFor(node, session);
  const result = await runIn(executor, node, session, attempt);
  if (result.kind !== "not-found") return { result, executor };
  return { result: await runIn("in-process", node, session, attempt), executor: "in-process" };
}

async function runIn(kind: ExecutorKind, node: KeyedNode, session: RunSession, attempt: number): Promise<StepResult> {
  const executor = await session.executor(kind);
  return executor.execute(stepTask(node, session, attempt), { signal: session.signal, onSignal: () => undefined });
}

async function doneOutcome(
  node: KeyedNode,
  result: DoneResult,
  executor: ExecutorKind,
  init: RerunInit,
): Promise<RerunOutcome> {
  const changed = result.changed ?? (await changedMeanwhile(node, executor, init));
  if (changed !== undefined) return { kind: "void", why: `${changed} changed while it ran` };
  if (result.refused !== undefined) return { kind: "void", why: result.refused };
  return { kind: "done", result, durationMs: result.durationMs };
}
