/**
 * What a running step may use: only what cannot change its result unseen. What it reads through `file`, `directory` and
 * `env` is recorded, and part of what the result is reused by.
 */
export interface StepContext {
  /** Aborted when the run is stopped or the step's time is up. */
  readonly signal: AbortSignal;
  /** Keeps a line with the execution; shown again with `warmstart logs`. */
  log(...values: readonly unknown[]): void;
  /** How far the step is, in units of its own. */
  progress(done: number, total?: number): void;
  /** A number about the result, kept with the execution and restored with a hit; the last one of a name counts. */
  metric(name: string, value: number): void;
  /** The absolute path of a file, from the project's root. */
  file(path: string): string;
  /** The absolute path of a directory, from the project's root. */
  directory(path: string): string;
  /** An environment variable as it was when the step began. */
  env(name: string): string | undefined;
  /** The next number of a sequence in [0, 1) that is the same whenever configuration and inputs are. */
  readonly random: () => number;
  /** A folder of this attempt's own, removed when it has ended. */
  readonly tempDirectory: string;
}
