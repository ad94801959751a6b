import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { StepContext } from "./step-context.ts";

/** A context for unit tests: it keeps what the step says, and lets the test ask for it. */
export interface RecordingContext extends StepContext, Disposable {
  readonly logs: readonly (readonly unknown[])[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly progressed: readonly { readonly done: number; readonly total?: number }[];
}

export interface RecordingContextOptions {
  readonly signal?: AbortSignal;
  /** Where `file` and `directory` begin; the working directory unless told. */
  readonly root?: string;
  /** What `env` answers; the process's own environment unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Any whole number; the same seed gives the same `random` numbers. */
  readonly seed?: number;
}

/**
 * Makes a context that records in memory. Its temporary folder is made when it is first asked for, and removed on
 * disposal or when the process ends.
 *
 * @example
 * using ctx = recordingContext();
 * await train.run({ rows, rounds: 2 }, ctx);
 * ctx.metrics; // { auc: 0.69 }
 */
export function recordingContext(options: RecordingContextOptions = {}): RecordingContext {
  const logs: (readonly unknown[])[] = [];
  const metrics: Record<string, number> = {};
  const progressed: { readonly done: number; readonly total?: number }[] = [];
  const root = options.root ?? process.cwd();
  const folder = temporaryFolder();
  return {
    signal: options.signal ?? new AbortController().signal,
    logs,
    metrics,
    progressed,
    log: (...values) => void logs.push(values),
    progress: (done, total) => void progressed.push(total === undefined ? { done } : { done, total }),
    metric: (name, value) => void (metrics[name] = value),
    file: (path) => resolve(root, path),
    directory: (path) => resolve(root, path),
    env: (name) => (options.env ?? process.env)[name],
    random: seededRandom(options.seed ?? 0),
    get tempDirectory() {
      return folder.path();
    },
    [Symbol.dispose]: () => folder.remove(),
  };
}

function temporaryFolder(): { path(): string; remove(): void } {
  let path: string | undefined;
  const remove = (): void => {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
    path = undefined;
    process.removeListener("exit", remove);
  };
  const make = (): string => {
    process.once("exit", remove);
    return mkdtempSync(join(tmpdir(), "warmstart-step-"));
  };
  return { path: () => (path ??= make()), remove };
}

/** A small generator (a Weyl sequence, mixed): its numbers are only ever compared within one test. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
