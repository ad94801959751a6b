import { Worker } from "node:worker_threads";
import { RunError } from "../../../errors.ts";
import { ownModule } from "../../../util/own-code.ts";
import { isSameList } from "../../../util/same-list.ts";
import { toErrorRecord } from "../../error-record.ts";
import type { ExecuteOptions, StepFinding, StepResult, StepTask } from "../../executor.ts";
import { changesOf } from "./task-changes.ts";
import { environmentSnapshot, sameEnvironment, withoutPreloads, workerExecArgv } from "./worker-options.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";

/** How long a step that was told to end, or a thread that ends itself, may take before the thread is ended. */
const GRACE_MS = 400;

const nothingFound: StepFinding = {
  reads: [],
  effects: [],
  unseen: [],
  undeclared: [],
  warnings: [],
  metrics: {},
  durationMs: 0,
  executor: "worker-thread",
};

/** One thread for one attempt, or for several that leave nothing. It begins to import its modules at once, so it may be made before its task is known. */
export class StepWorker {
  readonly modules: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #argv: readonly string[];
  readonly #worker: Worker;
  readonly #monotonic: () => number;
  readonly #ended: Promise<StepResult>;
  #onMessage: (message: FromWorker) => void = () => undefined;
  /** It gave its result and waits: what it buffered (a log) is written when it ends itself. */
  #gaveResult = false;
  #clean = false;
  /** What the thread has of the task before. */
  #last: StepTask | undefined;

  constructor(modules: readonly string[], monotonic: () => number) {
    this.modules = modules;
    this.#monotonic = monotonic;
    this.#environment = environmentSnapshot();
    this.#argv = process.argv.slice(1);
    const { NODE_OPTIONS: nodeOptions } = this.#environment;
    const { options, preloads } = withoutPreloads(nodeOptions ?? "");
    const workerData: WorkerStart = { modules, script: this.#argv[0], nodeOptions };
    this.#worker = new Worker(ownModule("executor/backends/worker-thread/worker-main"), {
      argv: this.#argv.slice(1),
      env: nodeOptions === undefined ? this.#environment : { ...this.#environment, NODE_OPTIONS: options },
      execArgv: workerExecArgv([...preloads, ...process.execArgv]),
      stdin: false,
      stdout: true,
      stderr: true,
      workerData,
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on("message", (message: FromWorker) => this.#onMessage(message));
    this.#ended = this.#whenEnded();
  }

  /** Whether it was started as a worker for these modules would be started now. */
  fits(modules: readonly string[]): boolean {
    return (
      this.imports(modules) &&
      isSameList(process.argv.slice(1), this.#argv) &&
      sameEnvironment(this.#environment, process.env)
    );
  }

  /** Whether it was started for these modules. */
  imports(modules: readonly string[]): boolean {
    return isSameList(modules, this.modules);
  }

  async execute(task: StepTask, options: ExecuteOptions): Promise<StepResult> {
    if (options.signal.aborted) return { kind: "aborted" };
    const attempt = new Attempt(task, options);
    const began = this.#monotonic();
    this.#clean = false;
    this.#onMessage = (message) => {
      this.#gaveResult ||= message.kind === "result";
      if (message.kind === "result") this.#clean = message.clean;
      attempt.receive(message);
    };
    attempt.onExpiry = (result, reason) => this.#expire(attempt, result, reason);
    this.#send({ kind: "task", ...changesOf(this.#last, task) });
    this.#last = task;
    void this.#ended.then((result) => attempt.settle(withDuration(result, this.#monotonic() - began)));
    try {
      return await attempt.result;
    } finally {
      attempt.close();
    }
  }

  /** Whether the last attempt left nothing here, so that another task may follow. */
  get clean(): boolean {
    return this.#clean;
  }

  async close(): Promise<void> {
    if (this.#gaveResult) await this.#endItself();
    await this.#worker.terminate();
  }

  async #endItself(): Promise<void> {
    this.#send({ kind: "end" });
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GRACE_MS);
    void this.#ended.then(() => resolve());
    await promise;
    clearTimeout(timer);
  }

  /** Lets the program end although this worker is waiting for a task. */
  unref(): void {
    this.#worker.unref();
  }

  ref(): void {
    this.#worker.ref();
  }

  #send(message: ToWorker): void {
    try {
      this.#worker.postMessage(message);
    } catch (cause) {
      throw new RunError("WS_EXECUTOR", { message: "A task could not be handed to its thread.", cause });
    }
  }

  #expire(attempt: Attempt, result: StepResult, reason: string): void {
    attempt.expireWith(result);
    this.#send({ kind: "abort", reason });
    setTimeout(() => attempt.settle(result), GRACE_MS);
  }

  #whenEnded(): Promise<StepResult> {
    const { promise, resolve } = Promise.withResolvers<StepResult>();
    this.#worker.on("error", (error) => resolve(failed(error)));
    this.#worker.on("messageerror", (error) => resolve(failed(error)));
    this.#worker.on("exit", (code) => resolve(failed(endedEarly(code))));
    return promise;
  }
}

/** What is waited for while a worker has a task: its result, the time limit, an abort, or its end. */
class Attempt {
  readonly #task: StepTask;
  readonly #options: ExecuteOptions;
  readonly #settled = Promise.withResolvers<StepResult>();
  readonly #abort = (): void => this.onExpiry({ kind: "aborted" }, "the run was ended");
  #timer: NodeJS.Timeout | undefined;
  #expiry: StepResult | undefined;
  onExpiry: (result: StepResult, reason: string) => void = () => undefined;

  constructor(task: StepTask, options: ExecuteOptions) {
    this.#task = task;
    this.#options = options;
    options.signal.addEventListener("abort", this.#abort, { once: true });
  }

  get result(): Promise<StepResult> {
    return this.#settled.promise;
  }

  receive(message: FromWorker): void {
    if (message.kind === "signal") this.#options.onSignal(message.signal);
    else if (message.kind === "started") this.#startTimer();
    else if (message.kind === "result")
      this.settle(message.result.kind === "aborted" ? (this.#expiry ?? message.result) : message.result);
  }

  settle(result: StepResult): void {
    this.#settled.resolve(result);
  }

  /** What is told to whoever waits once the step has been told to end, however it then ends. */
  expireWith(result: StepResult): void {
    this.#expiry = result;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener("abort", this.#abort);
  }

  #startTimer(): void {
    const { timeoutMs } = this.#task;
    if (timeoutMs === undefined) return;
    const expired = (): void => this.onExpiry({ kind: "timeout", afterMs: timeoutMs }, "its time was up");
    this.#timer = setTimeout(expired, timeoutMs);
  }
}

function withDuration(result: StepResult, durationMs: number): StepResult {
  return result.kind === "failed" ? { ...result, durationMs } : result;
}

function failed(error: unknown): StepResult {
  return { kind: "failed", error: toErrorRecord(explained(error)), retryable: true, ...nothingFound };
}

function explained(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
  return new RunError("WS_STEP_FAILED", {
    message: "The step used up the memory of its thread.",
    hint: "Work on less at a time, or give Node more: NODE_OPTIONS=--max-old-space-size=8192.",
    cause: error,
  });
}

function endedEarly(code: number): RunError {
  if (code === 0 || code === 13) {
    return new RunError("WS_STEP_FAILED", {
      message: "The step never settled: nothing is left that could still settle its promise.",
      hint: "Look for a promise whose resolve or reject is never called, or call process.exit nowhere in the step.",
    });
  }
  return new RunError("WS_STEP_FAILED", {
    message: `The step ended its thread (process.exit with code ${code}).`,
    hint: "Return a value or throw an error instead.",
  });
}
