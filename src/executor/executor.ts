import type { ArtifactStoreLocation } from "../artifact-store/artifact-store.ts";
import type { CapturedValue, IdentifiedModule, LoadedProgram } from "../code-identity/code-identity.ts";
import type { StoredValue } from "../model/artifact.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { ReadRecord, SideEffect, UnseenActivity } from "../model/reads.ts";
import type { Digest } from "../encoding/digest.ts";
import type { BlobInfo } from "../model/blob.ts";
import type { KnownFile } from "../observation/known-files.ts";
import type { VariableRules } from "../observation/variable-rules.ts";
import type { OutputSpec } from "../pipeline/pipeline-spec.ts";
import type { ExecutorKind } from "../pipeline/step-options.ts";
import type { StepAddress } from "../pipeline/step-table.ts";

/** One property to be handed to the step, as it was keyed. */
export interface TaskProperty {
  readonly name: string;
  /** Canonical bytes; holes are filled with the decoded inputs of the same label and with secrets. */
  readonly bytes: Uint8Array;
}

/**
 * Everything that one attempt needs, as plain data: no function, no credential of the metadata store.
 */
export interface StepTask {
  readonly nodeId: string;
  readonly step: StepAddress;
  /** `file:` URLs to import in order: the pipeline's module, then those that registered materializers of the inputs. */
  readonly modules: readonly string[];
  /** The module whose evaluation must define the step. */
  readonly pipelineModule: string | undefined;
  readonly properties: readonly TaskProperty[];
  /** By label of the hole. */
  readonly inputs: readonly { readonly label: string; readonly stored: StoredValue }[];
  readonly outputs: readonly OutputSpec[];
  /** Names of the secrets among the properties; their values are taken from the environment where the step runs. */
  readonly secrets: readonly string[];
  /** True when the step declares `outputs`: its result is a record of them. */
  readonly manyOutputs: boolean;
  /** What the worker must have loaded; it refuses otherwise. */
  readonly expectedModules: readonly IdentifiedModule[];
  /** What everything that is loaded for it was when it was keyed; another one: a thread that was started before is of no use. */
  readonly program: LoadedProgram | undefined;
  /** Which function it must be; empty where the place of its `step(…)` call says it all. */
  readonly expectedCaptures: readonly CapturedValue[];
  /** Where digests and parsed sources are kept between processes, to be read only. */
  readonly sourceStamps: string;
  /** Large data files whose digests are known already. */
  readonly knownFiles?: readonly KnownFile[];
  readonly artifacts: ArtifactStoreLocation | undefined;
  /** Folders of the repository: writing there is no side effect, and no value may hold their paths. */
  readonly ownFolders: readonly string[];
  readonly projectRoot: string;
  /** Where temporary folders of steps are made; one below it per attempt, removed at the end. */
  readonly temporaryRoot: string;
  /** Where what could not be stored is kept aside. */
  readonly asideFolder: string;
  /** Seed of `ctx.random`: from configuration and input leaves and the salt. */
  readonly seed: Digest;
  /** Key for HMACs of environment values. */
  readonly environmentKey: string;
  /** What the configuration says about variables that count and that do not. */
  readonly variables?: VariableRules;
  readonly attempt: number;
  /**
   * Whether its code was proved to leave nothing behind in its thread, so that another such task may follow there. In a thread
   * that ran one, only such tasks run.
   */
  readonly contained: boolean;
  /** Milliseconds; undefined = no bound. */
  readonly timeoutMs: number | undefined;
}

/** A sign of life of a running step. */
export type StepSignal =
  | { readonly kind: "progress"; readonly done: number; readonly total?: number }
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr" | "log"; readonly text: string };

export interface StepFinding {
  readonly reads: readonly ReadRecord[];
  readonly effects: readonly SideEffect[];
  readonly unseen: readonly UnseenActivity[];
  /** What was read without having been declared through `ctx`, for people: an error in strict mode. */
  readonly undeclared: readonly string[];
  /** Names of variables that were read and not counted: credentials, settings of the terminal. Never values. */
  readonly ignored?: readonly string[];
  /** Large data files that were digested for it, so that the next one need not. */
  readonly knownFiles?: readonly KnownFile[];
  readonly warnings: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  /** Captured console output and log lines, stored; absent when there were none. */
  readonly log?: BlobInfo;
  /** Milliseconds from the call of the function to its settling. */
  readonly durationMs: number;
  readonly executor: ExecutorKind;
}

/** What came of one attempt. Expected outcomes are values: an executor rejects only when it is broken itself. */
export type StepResult =
  | ({
      readonly kind: "done";
      readonly outputs: readonly { readonly name: string; readonly stored: StoredValue }[];
      readonly changed?: string;
      /** Why the result may be used by this run alone, for people. */
      readonly refused?: string;
    } & StepFinding)
  | ({
      readonly kind: "failed";
      readonly error: ErrorRecord;
      readonly keptAside?: string;
      readonly retryable: boolean;
    } & StepFinding)
  | { readonly kind: "timeout"; readonly afterMs: number; readonly log?: BlobInfo }
  | { readonly kind: "aborted" }
  /** The code or captures that were loaded are not those of the task: key again. */
  | { readonly kind: "code-changed"; readonly what: string }
  /** The function could not be found where the task said; `why` is for people, with the cure. */
  | { readonly kind: "not-found"; readonly why: string }
  /** Stored bytes of an input are missing or damaged. */
  | {
      readonly kind: "bad-input";
      readonly label: string;
      readonly digest: Digest;
      readonly what: "missing" | "damaged";
    };

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  onSignal(signal: StepSignal): void;
}

/**
 * Runs one attempt of one step. THE port: every backend passes `executorSuite`.
 *
 * Obligations: resolves within a second of an abort or of the timeout, also when the step never yields
 * (`worker-thread`); nothing of an attempt is left running or left in the temporary folder after it resolved; two
 * attempts share no state but the stores; an executor never sees the metadata store.
 */
export interface Executor extends AsyncDisposable {
  readonly kind: ExecutorKind;
  execute(task: StepTask, options: ExecuteOptions): Promise<StepResult>;
  /** Hint that tasks of this kind will follow: a worker may be started while the run is being planned. */
  prepare(task: Pick<StepTask, "modules" | "program" | "pipelineModule" | "projectRoot" | "contained">): void;
}
