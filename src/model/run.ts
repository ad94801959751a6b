import type { RunId } from "./ids.ts";
import type { RunState } from "./states.ts";

/** Where a run came from. Shown and searched, never part of a key. */
export interface Provenance {
  readonly lockfileDigest?: string;
  readonly node: string;
  readonly platform: string;
  readonly command: readonly string[];
}

/** What git says of the project; `unknown` where there is no git or no answer in time. */
export type GitState =
  | { readonly state: "known"; readonly commit?: string; readonly branch?: string; readonly dirty: boolean }
  | { readonly state: "unknown" };

export interface RunDraft {
  readonly pipeline: string;
  /** Rooted path of the pipeline's module, where known. */
  readonly module?: string;
  /** Plain JSON of the parameters, secrets left out. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly startedAt: number;
  readonly provenance: Provenance;
}

export interface RunEnd {
  readonly state: Exclude<RunState, "RUNNING">;
  readonly endedAt: number;
  readonly error?: string;
  /** Asked beside the run, so it is known at its end. */
  readonly git?: GitState;
  /** Paths of the run's results (`model`, `folds/0`) and the artifacts they are. */
  readonly results: readonly { readonly path: string; readonly artifactId: number }[];
  readonly counts: RunCounts;
}

export interface RunCounts {
  readonly reused: number;
  readonly computed: number;
  readonly failed: number;
  readonly canceled: number;
  /** Milliseconds. */
  readonly savedMs: number;
}

/** What people attach to a run or an artifact. */
export interface Annotations {
  readonly tags: readonly string[];
  readonly note?: string;
  /** Custom properties, plain JSON values. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

export interface RunRecord extends RunDraft, Annotations {
  readonly id: RunId;
  /** RUNNING until it ends; the run of a process that died stays RUNNING and is shown as interrupted. */
  readonly state: RunState;
  readonly end?: RunEnd;
}
