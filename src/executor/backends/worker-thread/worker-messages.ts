import type { StepResult, StepSignal } from "../../executor.ts";
import type { TaskChanges } from "./task-changes.ts";

/** What a worker is started with. */
export interface WorkerStart {
  /** `file:` URLs, imported in order. */
  readonly modules: readonly string[];
  /** `process.argv[1]` of the program, so that a module sees what it saw there. */
  readonly script: string | undefined;
  /** `NODE_OPTIONS` of the program; what it preloads is an option of the thread instead, to come after ours. */
  readonly nodeOptions: string | undefined;
}

export type ToWorker =
  | ({ readonly kind: "task" } & TaskChanges)
  | { readonly kind: "abort"; readonly reason: string }
  /** Its result has been taken: it ends itself, so that what flushes when a program ends does so here. */
  | { readonly kind: "end" };

export type FromWorker =
  | { readonly kind: "loaded" }
  /** Told of tasks that have a time limit, which begins now. */
  | { readonly kind: "started" }
  | { readonly kind: "signal"; readonly signal: StepSignal }
  /** `clean`: the attempt left nothing in the thread, which may take another task. */
  | { readonly kind: "result"; readonly result: StepResult; readonly clean: boolean };
