import { randomUUID } from "node:crypto";
import { lstatSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Digest } from "../../../encoding/digest.ts";
import { RunError } from "../../../errors.ts";
import type { KnownFiles } from "../../../observation/known-files.ts";
import { systemClock } from "../../../util/clock.ts";
import type { ExecuteOptions, Executor, StepResult, StepTask } from "../../executor.ts";
import { StepWorker } from "./step-worker.ts";

/** After this time a step takes longer than most, the start of its thread included. In milliseconds. */
const SOON_MS = 150;

export interface WorkerThreadExecutorInit {
  readonly monotonic?: () => number;
  /** Digests of large data files, to be shared by all threads. */
  readonly files?: KnownFiles;
}

/**
 * Runs each attempt in a worker thread of its own, so that a step that never yields can be ended, nothing leaks from
 * one step to the next, and console output belongs to one step without guessing. The next worker imports the
 * pipeline's module while the present one computes. Only steps whose code was proved to leave nothing share a thread.
 */
export class WorkerThreadExecutor implements Executor {
  readonly kind = "worker-thread";
  readonly #monotonic: () => number;
  readonly #files: KnownFiles | undefined;
  readonly #busy = new Set<StepWorker>();
  /** Threads that ran steps which left nothing, with what they had loaded. */
  #idle: { readonly worker: StepWorker; readonly program: Digest | undefined }[] = [];
  #waiting: StepWorker | undefined;
  /** What the waiting worker was to load when it was started. */
  #program: Digest | undefined;
  #closed = false;
  #soon: NodeJS.Timeout | undefined;

  constructor(init: WorkerThreadExecutorInit = {}) {
    this.#files = init.files;
    this.#monotonic = init.monotonic ?? systemClock.monotonic;
  }

  /** A step that leaves nothing is followed in its thread by the next; only where it takes long may another kind be next. */
  prepare(task: Pick<StepTask, "modules" | "program" | "contained">): void {
    if (task.contained) this.#soon ??= setTimeout(() => this.#startWaiting(task), SOON_MS).unref();
    else this.#startWaiting(task);
  }

  /** Whether its surroundings are still as they are now is looked at when it is taken. */
  #startWaiting({ modules, program }: Pick<StepTask, "modules" | "program">): void {
    this.#soon = undefined;
    if (this.#closed || (this.#program === program?.digest && this.#waiting?.imports(modules) === true)) return;
    this.#discardWaiting();
    this.#program = program?.digest;
    this.#waiting = new StepWorker(modules, this.#monotonic);
    this.#waiting.unref();
  }

  async execute(task: StepTask, options: ExecuteOptions): Promise<StepResult> {
    if (this.#closed) throw new RunError("WS_EXECUTOR", { message: "The executor is closed." });
    const worker = this.#take(task);
    this.#busy.add(worker);
    // Of the attempt alone: a thread that was ended cannot tidy up itself.
    const temporaryRoot = path.join(task.temporaryRoot, randomUUID());
    try {
      return await this.#executeIn(worker, { ...task, temporaryRoot }, options);
    } finally {
      this.#busy.delete(worker);
      await this.#keepOrClose(worker, task);
      this.#endSoon();
      await removeFolder(temporaryRoot);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#endSoon();
    const idle = this.#idle.map(({ worker }) => worker);
    const all = [...this.#busy, ...idle, ...(this.#waiting === undefined ? [] : [this.#waiting])];
    this.#waiting = undefined;
    this.#idle = [];
    await Promise.all(all.map((worker) => worker.close()));
  }

  /** What one thread digested is known to the next: a file of gigabytes is hashed once. */
  async #executeIn(worker: StepWorker, task: StepTask, options: ExecuteOptions): Promise<StepResult> {
    const files = this.#files;
    if (files === undefined) return worker.execute(task, options);
    const result = await worker.execute({ ...task, knownFiles: files.all }, options);
    if (result.kind === "done" || result.kind === "failed") files.learn(result.knownFiles ?? []);
    return result;
  }

  async #keepOrClose(worker: StepWorker, { program }: StepTask): Promise<void> {
    if (!worker.clean || this.#closed) return worker.close();
    worker.unref();
    this.#idle.push({ worker, program: program?.digest });
  }

  /** Threads that do not fit this task will not fit the next one of its program either. */
  #takeIdle({ contained, modules, program }: StepTask): StepWorker | undefined {
    if (!contained) return undefined;
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
      if (kept.program === program?.digest && kept.worker.fits(modules)) return kept.worker;
      void kept.worker.close();
    }
    return undefined;
  }

  #take(task: StepTask): StepWorker {
    const idle = this.#takeIdle(task);
    if (idle !== undefined) {
      idle.ref();
      return idle;
    }
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

  #endSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  #discardWaiting(): void {
    void this.#waiting?.close();
    this.#waiting = undefined;
  }
}

/** Most steps make no temporary folder. */
async function removeFolder(folder: string): Promise<void> {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return;
  await rm(folder, { recursive: true, force: true, maxRetries: 2 });
}
