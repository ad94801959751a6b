import { mkdirSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { format } from "node:util";
import type { ReadRecorder } from "../observation/read-recorder.ts";
import type { StepContext } from "../pipeline/step-context.ts";
import type { StepSignal, StepTask } from "./executor.ts";
import type { OutputCapture } from "./output-capture.ts";
import { seededRandom } from "./seeded-random.ts";

const PROGRESS_EVERY_MS = 50;

export interface AttemptContextInit {
  readonly task: StepTask;
  readonly signal: AbortSignal;
  readonly reads: ReadRecorder;
  readonly output: OutputCapture;
  readonly monotonic: () => number;
  onSignal(signal: StepSignal): void;
}

/** The `ctx` of one attempt, and what was told through it. */
export class AttemptContext {
  readonly #init: AttemptContextInit;
  readonly #metrics = new Map<string, number>();
  #lastProgress = Number.NEGATIVE_INFINITY;
  #folder: string | undefined;
  readonly context: StepContext;

  constructor(init: AttemptContextInit) {
    this.#init = init;
    const folder = (): string => this.temporaryFolder("tmp");
    this.context = Object.freeze({
      signal: init.signal,
      log: (...values: readonly unknown[]) => init.output.write("log", `${format(...values)}\n`),
      progress: (done: number, total?: number) => this.#progress(done, total),
      metric: (name: string, value: number) => this.#metric(name, value),
      file: (wanted: string) => init.reads.file(wanted),
      directory: (wanted: string) => init.reads.directory(wanted),
      env: (name: string) => init.reads.env(name),
      random: seededRandom(init.task.seed),
      get tempDirectory() {
        return folder();
      },
    });
  }

  get metrics(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#metrics);
  }

  /** Made on first use: `tmp` is the step's own, `inputs` holds its inputs that are files. */
  temporaryFolder(name: "tmp" | "inputs"): string {
    if (this.#folder === undefined) {
      mkdirSync(this.#init.task.temporaryRoot, { recursive: true });
      this.#folder = mkdtempSync(path.join(this.#init.task.temporaryRoot, "step-"));
    }
    const folder = path.join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async removeTemporaryFolder(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true, maxRetries: 2 });
  }

  #progress(done: number, total: number | undefined): void {
    const now = this.#init.monotonic();
    if (now - this.#lastProgress < PROGRESS_EVERY_MS && done !== total) return;
    this.#lastProgress = now;
    this.#init.onSignal({ kind: "progress", done, ...(total === undefined ? {} : { total }) });
  }

  #metric(name: string, value: number): void {
    if (typeof value !== "number") throw new TypeError(`metric ${name} must be a number, not a ${typeof value}`);
    this.#metrics.set(name, value);
  }
}
