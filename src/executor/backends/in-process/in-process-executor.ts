import type { ArtifactStore } from "../../../artifact-store/artifact-store.ts";
import { RunError } from "../../../errors.ts";
import type { MaterializerRegistry } from "../../../materializer/registry.ts";
import type { DataDigests } from "../../../observation/data-digests.ts";
import { systemClock } from "../../../util/clock.ts";
import { executeTask } from "../../execute-task.ts";
import type { StepFunction } from "../../execute-task.ts";
import type { ExecuteOptions, Executor, StepResult, StepTask } from "../../executor.ts";
import { outsideConsole, withConsole } from "./shared-console.ts";

export interface InProcessExecutorInit {
  readonly artifacts: ArtifactStore;
  readonly materializers: MaterializerRegistry;
  readonly digests: DataDigests;
  readonly monotonic?: () => number;
  nameOf(absolutePath: string): string;
  /** The step's function in this thread. */
  functionOf(task: StepTask): StepFunction;
}

/**
 * Runs steps in the program's own thread, one at a time: for debuggers, and for functions that no worker can import.
 * A step that never yields cannot be ended here, and what it shares with the rest of the program cannot be seen.
 */
export class InProcessExecutor implements Executor {
  readonly kind = "in-process";
  readonly #init: InProcessExecutorInit;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(init: InProcessExecutorInit) {
    this.#init = init;
  }

  prepare(): void {
    // Nothing is started ahead: the thread is there.
  }

  async execute(task: StepTask, options: ExecuteOptions): Promise<StepResult> {
    if (this.#closed) throw new RunError("WS_EXECUTOR", { message: "The executor is closed." });
    const turn = this.#last.then(() => this.#attempt(task, options));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  async #attempt(task: StepTask, options: ExecuteOptions): Promise<StepResult> {
    if (options.signal.aborted) return { kind: "aborted" };
    const limit = task.timeoutMs === undefined ? undefined : AbortSignal.timeout(task.timeoutMs);
    const signal = limit === undefined ? options.signal : AbortSignal.any([options.signal, limit]);
    const ended = Promise.withResolvers<StepResult>();
    const end = (): void =>
      ended.resolve(options.signal.aborted ? { kind: "aborted" } : { kind: "timeout", afterMs: task.timeoutMs ?? 0 });
    signal.addEventListener("abort", end, { once: true });
    try {
      return await Promise.race([this.#run(task, options, signal), ended.promise]);
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async #run(task: StepTask, options: ExecuteOptions, signal: AbortSignal): Promise<StepResult> {
    const { artifacts, digests, materializers, monotonic = systemClock.monotonic } = this.#init;
    let write: (stream: "stdout" | "stderr", text: string) => void = () => undefined;
    const body = (): Promise<StepResult> =>
      executeTask(task, {
        fn: this.#init.functionOf(task),
        kind: "in-process",
        artifacts,
        materializers,
        digests,
        environment: { ...process.env },
        signal,
        ownFolders: task.ownFolders,
        monotonic,
        nameOf: (absolute) => this.#init.nameOf(absolute),
        onSignal: (sign) => outsideConsole(() => options.onSignal(sign)),
        captureConsole: (capture) => {
          write = capture;
          return () => {
            write = () => undefined;
          };
        },
        sourcesEvaluated: () => [],
      });
    return withConsole((stream, text) => write(stream, text), body);
  }
}
