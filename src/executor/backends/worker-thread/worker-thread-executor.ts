import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "../../../encoding/digest.ts";
import { RunError } from "../../../errors.ts";
import { systemClock } from "../../../util/clock.ts";
import type { ExecuteOptions, Executor, StepResult, StepTask } from "../../executor.ts";
import { StepWorker } from "./step-worker.ts";

/**
 * Runs each attempt in a worker thread of its own, so that a step that never yields can be ended, nothing leaks from
 * one step to the next, and console output belongs to one step without guessing. The next worker imports the
 * pipeline's module while the present one computes.
 */
export class WorkerThreadExecutor implements Executor {
  readonly kind = "worker-thread";
  readonly #monotonic: () => number;
  readonly #busy = new Set<StepWorker>();
  #waiting: StepWorker | undefined;
  /** What the waiting worker was to load when it was started. */
  #program: Digest | undefined;
  #closed = false;

  constructor(init: { readonly monotonic?: () => number } = {}) {
    this.#monotonic = init.monotonic ?? systemClock.monotonic;
  }

  prepare(task: Pick<StepTask, "modules" | "program">): void {
    if (this.#closed || this.#waitingFor(task) !== undefined) return;
    this.#discardWaiting();
    this.#program = task.program?.digest;
    this.#waiting = new StepWorker(task.modules, this.#monotonic);
    this.#waiting.unref();
  }

  async execute(task: StepTask, options: ExecuteOptions): Promise<StepResult> {
    if (this.#closed) throw new RunError("WS_EXECUTOR", { message: "The executor is closed." });
    const worker = this.#take(task);
    this.#busy.add(worker);
    // Of the attempt alone: a thread that was ended cannot tidy up itself.
    const temporaryRoot = path.join(task.temporaryRoot, randomUUID());
    try {
      return await worker.execute({ ...task, temporaryRoot }, options);
    } finally {
      this.#busy.delete(worker);
      await worker.close();
      await rm(temporaryRoot, { recursive: true, force: true, maxRetries: 2 });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const all = this.#waiting === undefined ? [...this.#busy] : [...this.#busy, this.#waiting];
    this.#waiting = undefined;
    await Promise.all(all.map((worker) => worker.close()));
  }

  #take(task: StepTask): StepWorker {
    const waiting = this.#waitingFor(task);
    if (waiting === undefined) return new StepWorker(task.modules, this.#monotonic);
    this.#waiting = undefined;
    waiting.ref();
    return waiting;
  }

  /** A package, a path mapping or a file that came in between may have given imports another meaning than was loaded. */
  #waitingFor({ modules, program }: Pick<StepTask, "modules" | "program">): StepWorker | undefined {
    return this.#program === program?.digest && this.#waiting?.fits(modules) === true ? this.#waiting : undefined;
  }

  #discardWaiting(): void {
    void this.#waiting?.close();
    this.#waiting = undefined;
  }
}
