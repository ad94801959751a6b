import { AsyncLocalStorage } from "node:async_hooks";
import { threadSlot } from "./thread-state.ts";

/** The step whose function is running in the present asynchronous context. */
export interface RunningStep {
  readonly name: string;
  /** How many builders were open when it began; one opened since belongs to a pipeline that the step itself builds. */
  readonly openBuilders: number;
}

const running: AsyncLocalStorage<RunningStep> = threadSlot("running-step", () => new AsyncLocalStorage<RunningStep>());
const builders: unknown[] = threadSlot("open-builders", () => []);

/**
 * Calls a step's function so that a step called inside it is told apart from one called nowhere. Whoever runs step
 * functions wraps them in this.
 *
 * @example await enterStep("train", () => definition.fn(inputs, ctx));
 */
export function enterStep<T>(name: string, work: () => T): T {
  return running.run({ name, openBuilders: builders.length }, work);
}

/** The step that is running here, if any. */
export function runningStep(): RunningStep | undefined {
  return running.getStore();
}

/** The builders that are being run in this thread, outermost first. A builder is synchronous, so this is a stack. */
export function openBuilders(): readonly unknown[] {
  return builders;
}

/** Runs a builder with its graph on top of the stack. */
export function withBuilder<T>(graph: unknown, build: () => T): T {
  builders.push(graph);
  try {
    return build();
  } finally {
    builders.pop();
  }
}
