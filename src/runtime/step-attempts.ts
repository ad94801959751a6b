import type { StepResult } from "../executor/executor.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { SideEffect } from "../model/reads.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { ExecutorKind, RetryOptions } from "../pipeline/step-options.ts";
import type { RunSession } from "./run-session.ts";
import type { KeyedNode } from "./step-plan.ts";

const DEFAULT_DELAY_MS = 1000;
const DEFAULT_MAX_DELAY_MS = 60_000;

/** What no worker can find, or what lives in this thread's memory, runs in this process. */
export function executorFor({ step }: KeyedNode, session: RunSession): ExecutorKind {
  if (session.artifacts.location === undefined) return "in-process";
  return step.options.executor ?? session.defaultExecutor;
}

/** How often an attempt that failed is made again, and after how long; each wait is twice the one before. */
export interface Retry {
  readonly times: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
}

/** What a step says of it, in milliseconds. */
export function retryOf(retry: number | RetryOptions | undefined): Retry {
  const options: RetryOptions = typeof retry === "number" ? { times: retry } : (retry ?? { times: 0 });
  return {
    times: options.times,
    delayMs: options.delay === undefined ? DEFAULT_DELAY_MS : parseDuration(options.delay),
    maxDelayMs: options.maxDelay === undefined ? DEFAULT_MAX_DELAY_MS : parseDuration(options.maxDelay),
  };
}

/** What is kept of an attempt that gave no result. */
export function errorOf(result: StepResult, nodeId: string): ErrorRecord {
  if (result.kind === "failed") return result.error;
  if (result.kind === "timeout") {
    return {
      name: "RunError",
      code: "WS_STEP_TIMEOUT",
      message: `${nodeId} was ended after ${result.afterMs} ms, its timeout.`,
      hint: "Give it more time with `timeout`, or make it do less.",
    };
  }
  return { name: "RunError", code: "WS_EXECUTOR", message: `${nodeId} could not be run (${result.kind}).` };
}

/** What stands after both: of a path that both wrote, what the later one left. */
export function withLater(earlier: readonly SideEffect[], later: readonly SideEffect[]): readonly SideEffect[] {
  const rewritten = new Set(later.map((effect) => effect.path));
  return [...earlier.filter((effect) => !rewritten.has(effect.path)), ...later];
}
