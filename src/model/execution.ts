import type { Digest } from "../encoding/digest.ts";
import type { CacheKey, KeyTree } from "../encoding/key-tree.ts";
import type { Acceptance } from "./acceptance.ts";
import type { ArtifactRecord, StoredValue } from "./artifact.ts";
import type { CodeRecord } from "./code-record.ts";
import type { ArtifactId, ExecutionId, RunId } from "./ids.ts";
import type { PathSet, ReadRecord, SideEffect, UnseenActivity } from "./reads.ts";
import type { ExecutionState } from "./states.ts";

/** What is kept of an error: enough to show it again. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly hint?: string;
}

/** Why a step was computed, reused or left out: kinds for programs, `text` for people (`rounds: 100 → 200`). */
export interface Reason {
  readonly kind:
    | "hit"
    | "first-time"
    | "changed"
    | "refresh"
    | "cache-off"
    | "expired"
    | "not-offered"
    | "missing-artifact"
    | "damaged-artifact"
    | "side-effect"
    | "changed-during-run"
    | "unidentified"
    | "data-version-failed"
    | "upstream-failed"
    | "aborted"
    | "not-selected"
    | "failed-before"
    | "accepted";
  readonly text: string;
}

/** One input or output of an execution. */
export interface ExecutionEvent {
  /** `rows`, or `models/0` for a handle inside an array or record. */
  readonly name: string;
  readonly artifactId: ArtifactId;
}

/** An output to be recorded: either an artifact that exists (a hit binds it) or a value that was just stored. */
export type OutputDraft =
  | { readonly name: string; readonly artifactId: ArtifactId }
  | { readonly name: string; readonly stored: StoredValue; readonly artifactName?: string };

/** What makes a computed execution answer later look-ups. */
export interface CacheEntryDraft {
  /** The key under which it will be found: the weak key where nothing was read, else the strong key. */
  readonly key: CacheKey;
  /** Present when something was read: recorded under the weak key. */
  readonly weak?: { readonly key: CacheKey; readonly pathSet: PathSet };
  readonly reads: readonly ReadRecord[];
  readonly effects: readonly SideEffect[];
  readonly unseen: readonly UnseenActivity[];
  /** True for a refresh: every earlier entry under the weak key is retired for good in the same transaction. */
  readonly retiresOlder: boolean;
  /** When the result was computed, where that is not the end of this execution. */
  readonly computedAt?: number;
}

/** One execution to be recorded, whole: nothing about it is written later. */
export interface ExecutionDraft {
  readonly runId: RunId;
  readonly nodeId: string;
  readonly step: string;
  readonly state: ExecutionState;
  readonly reason: Reason;
  /** Weak key and the whole tree (reads included when known), where the step could be keyed. */
  readonly key?: CacheKey;
  readonly tree?: KeyTree;
  readonly codeIdentity?: Digest;
  /** The leaves of the code identity, kept once under its digest as a key. */
  readonly codeTree?: KeyTree;
  /**
   * The pieces of code that leaves of `codeTree` lead to, with all that they use. Kept once per digest; a list that was
   * recorded before may be left out.
   */
  readonly codeRecords?: readonly CodeRecord[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Milliseconds spent computing; 0 for a hit. */
  readonly durationMs: number;
  /** Milliseconds that a hit saved: the duration of its origin. */
  readonly savedMs: number;
  readonly attempts: number;
  /** For CACHED: the execution that computed the outputs; for an accepted one: the one that it was adopted from. */
  readonly originId?: ExecutionId;
  /** Present where the result was computed by other code, and adopted for this; its entry carries it too. */
  readonly accepted?: Acceptance;
  readonly inputs: readonly ExecutionEvent[];
  readonly outputs: readonly OutputDraft[];
  readonly entry?: CacheEntryDraft;
  readonly error?: ErrorRecord;
  readonly metrics: Readonly<Record<string, number>>;
  /** Blob with the captured console output and log lines. */
  readonly log?: Digest;
  /** Names of variables that were read and not counted: credentials, settings of the terminal. Never values. */
  readonly ignored?: readonly string[];
  /** Shown per execution; never matched. */
  readonly unseen: readonly UnseenActivity[];
  readonly warnings: readonly string[];
}

/** What the store says after recording. */
export interface RecordedExecution {
  readonly id: ExecutionId;
  readonly outputs: readonly { readonly name: string; readonly artifact: ArtifactRecord }[];
}

/** An execution as it is read back. */
export interface ExecutionRecord
  extends Omit<ExecutionDraft, "outputs" | "entry" | "tree" | "codeTree" | "codeRecords"> {
  readonly id: ExecutionId;
  readonly outputs: readonly { readonly name: string; readonly artifact: ArtifactRecord }[];
}

/** A stored result that a look-up may use. */
export interface CacheEntry {
  readonly executionId: ExecutionId;
  readonly runId: RunId;
  readonly step: string;
  readonly key: CacheKey;
  /** Milliseconds since the epoch at which it was computed. */
  readonly computedAt: number;
  readonly durationMs: number;
  readonly reads: readonly ReadRecord[];
  readonly effects: readonly SideEffect[];
  readonly unseen: readonly UnseenActivity[];
  readonly outputs: readonly { readonly name: string; readonly artifact: ArtifactRecord }[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly log?: Digest;
  /** Where other code computed it. */
  readonly accepted?: Acceptance;
}
