import type { Digest } from "../encoding/digest.ts";
import type { CacheKey, KeyTree } from "../encoding/key-tree.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { CacheEntry, ExecutionDraft, ExecutionRecord, RecordedExecution } from "../model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../model/ids.ts";
import type { PathSet } from "../model/reads.ts";
import type { Annotations, RunDraft, RunEnd, RunRecord } from "../model/run.ts";
import type { ArtifactState, ExecutionState, RunState } from "../model/states.ts";

/** What is stored under one key. */
export interface KeyLookup {
  /** Results recorded under exactly this key, newest first, retired ones left out. */
  readonly entries: readonly CacheEntry[];
  /**
   * What executions with this weak key were seen to read, most recently recorded first, without repeats: the same
   * questions in another order are the same path set.
   */
  readonly pathSets: readonly PathSet[];
}

export interface CallOptions {
  /** Ends a wait (for a lock, a connection); the call then rejects with the signal's reason and has changed nothing. */
  readonly signal?: AbortSignal;
}

/** A page of a listing: newest first; hand `next` back as `after` to go on. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: number;
}

interface Paging {
  /** At most this many; 50 unless told, 1,000 at most. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: number;
}

export interface RunQuery extends Paging {
  readonly pipeline?: string;
  readonly state?: RunState;
  readonly tag?: string;
  /** Started at or after / before, milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
}

export interface ExecutionQuery extends Paging {
  readonly runId?: RunId;
  readonly step?: string;
  readonly nodeId?: string;
  readonly state?: ExecutionState;
  readonly pipeline?: string;
  readonly since?: number;
  readonly until?: number;
}

export interface ArtifactQuery extends Paging {
  readonly name?: string;
  /** The id of a materializer: `structured`, `late-model`. */
  readonly type?: string;
  readonly state?: ArtifactState;
  readonly tag?: string;
  readonly digest?: Digest;
  readonly step?: string;
  readonly since?: number;
  readonly until?: number;
}

export interface PipelineSummary {
  readonly name: string;
  readonly runs: number;
  readonly lastRunId: RunId;
  readonly lastStartedAt: number;
}

export interface CodeIdentityUse {
  readonly digest: Digest;
  readonly step: string;
  readonly firstUsedAt: number;
  readonly lastUsedAt: number;
  readonly executions: number;
}

/**
 * Where runs, executions, artifacts and keys are recorded. THE port: every backend passes `metadataStoreSuite` of
 * `warmstart/testing`.
 *
 * Obligations of every backend:
 * - **Atomic.** Each call happens whole or not at all, also when the process dies inside it. `record` writes its whole
 *   batch (executions, artifacts, events, key trees, code records, cache entries, retirements) in ONE transaction.
 * - **Ordered.** What a resolved call wrote is seen by every later call of every process that opens the same store.
 *   Ids rise in order of recording; `entries` come newest first.
 * - **Idempotent where said.** Artifacts are unique by (type, digest, name): recording the same content again binds the
 *   existing artifact and version; key trees are kept once per key, code records once per digest; ending an ended run
 *   or retiring a retired entry changes nothing.
 * - **Bounded path sets.** Under a weak key the 32 most recently recorded path sets are kept: `record` drops the oldest
 *   beyond them in its transaction, and with `retiresOlder` all that were there before. What a dropped one alone led to
 *   is stored and no longer found, so it is computed again, until the same questions are recorded again.
 * - **Never an answer that was not recorded.** A row that cannot be read back whole is left out of `lookup`.
 * - **Bounded waits.** A store that is busy is waited for asynchronously, at most its configured time (10 s unless
 *   told), then `MetadataError` WS_METADATA_BUSY; a `signal` ends the wait at once.
 * - Calls on a closed store reject with WS_METADATA_STORE; closing twice is fine.
 */
export interface MetadataStore extends AsyncDisposable {
  /** `sqlite`, `memory`, … for messages. */
  readonly kind: string;

  createRun(draft: RunDraft, options?: CallOptions): Promise<RunRecord>;
  finishRun(id: RunId, end: RunEnd, options?: CallOptions): Promise<void>;

  /** One answer per key, in the order of `keys`; an unknown key has two empty lists. One query for the whole batch. */
  lookup(keys: readonly CacheKey[], options?: CallOptions): Promise<readonly KeyLookup[]>;
  /**
   * Records a batch; the answers are in the order of the drafts. Drafts refer to runs and artifacts that were there
   * before the batch: unknown ones reject with WS_NOT_FOUND, drafts that cannot be kept with WS_METADATA_STORE.
   */
  record(drafts: readonly ExecutionDraft[], options?: CallOptions): Promise<readonly RecordedExecution[]>;
  /** Takes results out of every later look-up for good. Returns how many were still offered. */
  retire(executions: readonly ExecutionId[], options?: CallOptions): Promise<number>;
  /**
   * Says what became of artifacts, for retention. An entry is offered only while all its artifacts are LIVE; storing the
   * same content again makes an artifact LIVE again. Unknown ids are passed over. Returns how many changed.
   */
  setArtifactState(artifacts: readonly ArtifactId[], state: ArtifactState, options?: CallOptions): Promise<number>;

  run(id: RunId): Promise<RunRecord | undefined>;
  runs(query?: RunQuery): Promise<Page<RunRecord>>;
  execution(id: ExecutionId): Promise<ExecutionRecord | undefined>;
  executions(query?: ExecutionQuery): Promise<Page<ExecutionRecord>>;
  artifact(id: ArtifactId): Promise<ArtifactRecord | undefined>;
  artifacts(query?: ArtifactQuery): Promise<Page<ArtifactRecord>>;
  /** `version` undefined means the latest; an artifact is answered whatever its state. */
  namedArtifact(name: string, version?: number | Digest): Promise<ArtifactRecord | undefined>;
  /** Executions that had the artifact as output (`producers`, oldest first) and as input (`consumers`). */
  artifactUses(
    id: ArtifactId,
  ): Promise<{ readonly producers: readonly ExecutionId[]; readonly consumers: readonly ExecutionId[] }>;
  /** Every pipeline that ever ran, the one with the newest run first. */
  pipelines(): Promise<readonly PipelineSummary[]>;
  /** Every distinct code identity that the step (or any step) ever ran with, newest use first. */
  codeIdentities(step?: string): Promise<readonly CodeIdentityUse[]>;
  /**
   * The tree first recorded under a key. An execution that read something leaves its tree under its strong key too, so
   * that what was read can be compared.
   */
  keyTree(key: CacheKey): Promise<KeyTree | undefined>;
  /**
   * Pieces of code by digest, one answer per digest, in the order asked; undefined for those never recorded. One query
   * for the whole batch. Records with one `own` share the text that was recorded first.
   */
  codeRecords(digests: readonly Digest[]): Promise<readonly (CodeRecord | undefined)[]>;
  /** The names of all steps ever recorded, sorted; for "did you mean". */
  stepNames(): Promise<readonly string[]>;
  /** Mean duration of each step's newest COMPLETE executions, at most 5, in milliseconds; steps without one are left out. */
  typicalDurations(steps: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /** Adds tags, replaces the note, merges properties (null removes one). Unknown id: WS_NOT_FOUND. */
  annotate(target: AnnotationTarget, change: AnnotationChange, options?: CallOptions): Promise<Annotations>;
  annotations(target: AnnotationTarget): Promise<Annotations>;
}

export type AnnotationTarget = { readonly runId: RunId } | { readonly artifactId: ArtifactId };

export interface AnnotationChange {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
  readonly note?: string | null;
  readonly properties?: Readonly<Record<string, string | number | boolean | null>>;
}
