import { decodeKeyTree } from "../../../encoding/key-tree.ts";
import type { CacheKey, KeyTree } from "../../../encoding/key-tree.ts";
import type { Digest } from "../../../encoding/digest.ts";
import type { ArtifactRecord } from "../../../model/artifact.ts";
import type { CodeRecord } from "../../../model/code-record.ts";
import type { ExecutionDraft, ExecutionRecord, RecordedExecution } from "../../../model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../../model/ids.ts";
import type { Annotations, RunDraft, RunEnd, RunRecord } from "../../../model/run.ts";
import type { ArtifactState } from "../../../model/states.ts";
import { systemClock } from "../../../util/clock.ts";
import type { Clock } from "../../../util/clock.ts";
import { checkExecutionDraft, checkRunDraft } from "../../draft-check.ts";
import type {
  AnnotationChange,
  AnnotationTarget,
  ArtifactQuery,
  CallOptions,
  CodeIdentityUse,
  ExecutionQuery,
  KeyLookup,
  MetadataStore,
  Page,
  PipelineSummary,
  RunQuery,
} from "../../metadata-store.ts";
import { pageLimit, toPage } from "../../paging.ts";
import {
  artifactOfRow,
  artifactUses,
  findArtifact,
  findNamedArtifact,
  INPUT,
  OUTPUT,
  setArtifactState,
} from "./artifact-rows.ts";
import { lookUpKey, retireExecution } from "./cache-rows.ts";
import { findCodeRecords } from "./code-rows.ts";
import { executionOfRow, findExecution } from "./execution-rows.ts";
import { artifactListing, executionListing, runListing } from "./listing.ts";
import type { Listing } from "./listing.ts";
import { RecordBatch } from "./record-batch.ts";
import { RecordMemo } from "./record-memo.ts";
import { keyBytes, textOf } from "./row-values.ts";
import { annotate, annotationsOf, findRun, finishRun, insertRun, runOfRow } from "./run-rows.ts";
import type { Row, SqliteConnection } from "./sqlite-connection.ts";
import { openSqliteFile } from "./sqlite-file.ts";
import { allStepNames, codeIdentityUses, meanDurations, pipelineSummaries } from "./summaries.ts";

export interface SqliteMetadataStoreOptions {
  /** Path of the SQLite file; its folder must exist. */
  readonly file: string;
  readonly clock?: Clock;
  /** How long one call waits for other processes in all, in milliseconds; 10,000 unless told. */
  readonly busyTimeoutMs?: number;
}

const TREE = "SELECT tree FROM key_tree WHERE key = ?";
const DEFAULT_WAIT_MS = 10_000;

/**
 * Opens a metadata store in one SQLite file, shared by any number of processes of one machine. A missing file is made.
 *
 * @throws MetadataError WS_FORMAT_NEWER for a store of a later release, WS_METADATA_STORE for a file that is none (both
 * are left as they are), WS_METADATA_BUSY, WS_NO_SPACE, WS_READ_ONLY.
 * @example
 * await using store = await openSqliteMetadataStore({ file: ".warmstart/metadata.sqlite" });
 * const { items } = await store.runs({ pipeline: "flights" });
 */
export async function openSqliteMetadataStore(options: SqliteMetadataStoreOptions): Promise<MetadataStore> {
  const connection = await openSqliteFile(options.file, options.busyTimeoutMs ?? DEFAULT_WAIT_MS);
  return new SqliteMetadataStore(connection, options.clock ?? systemClock);
}

class SqliteMetadataStore implements MetadataStore {
  readonly kind = "sqlite";
  readonly #db: SqliteConnection;
  readonly #clock: Clock;
  readonly #memo = new RecordMemo();

  constructor(db: SqliteConnection, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async createRun(draft: RunDraft, options?: CallOptions): Promise<RunRecord> {
    checkRunDraft(draft);
    return this.#db.write(options, () => insertRun(this.#db, draft));
  }

  finishRun(id: RunId, end: RunEnd, options?: CallOptions): Promise<void> {
    return this.#db.write(options, () => finishRun(this.#db, id, end));
  }

  lookup(keys: readonly CacheKey[], options?: CallOptions): Promise<readonly KeyLookup[]> {
    return this.#db.read(options, () => keys.map((key) => lookUpKey(this.#db, key)));
  }

  async record(drafts: readonly ExecutionDraft[], options?: CallOptions): Promise<readonly RecordedExecution[]> {
    drafts.forEach(checkExecutionDraft);
    try {
      return await this.#db.write(options, () =>
        new RecordBatch(this.#db, this.#memo, this.#clock.now()).record(drafts),
      );
    } catch (error) {
      this.#memo.forget();
      throw error;
    } finally {
      this.#memo.trim();
    }
  }

  retire(executions: readonly ExecutionId[], options?: CallOptions): Promise<number> {
    return this.#db.write(options, () => executions.filter((id) => retireExecution(this.#db, id)).length);
  }

  setArtifactState(artifacts: readonly ArtifactId[], state: ArtifactState, options?: CallOptions): Promise<number> {
    return this.#db.write(options, () => artifacts.filter((id) => setArtifactState(this.#db, id, state)).length);
  }

  run(id: RunId): Promise<RunRecord | undefined> {
    return this.#read(() => findRun(this.#db, id));
  }

  runs(query: RunQuery = {}): Promise<Page<RunRecord>> {
    return this.#page(runListing(query), query.limit, (row) => runOfRow(this.#db, row));
  }

  execution(id: ExecutionId): Promise<ExecutionRecord | undefined> {
    return this.#read(() => findExecution(this.#db, id));
  }

  executions(query: ExecutionQuery = {}): Promise<Page<ExecutionRecord>> {
    return this.#page(executionListing(query), query.limit, (row) => executionOfRow(this.#db, row));
  }

  artifact(id: ArtifactId): Promise<ArtifactRecord | undefined> {
    return this.#read(() => findArtifact(this.#db, id));
  }

  artifacts(query: ArtifactQuery = {}): Promise<Page<ArtifactRecord>> {
    return this.#page(artifactListing(query), query.limit, artifactOfRow);
  }

  namedArtifact(name: string, version?: number | Digest): Promise<ArtifactRecord | undefined> {
    return this.#read(() => findNamedArtifact(this.#db, name, version));
  }

  artifactUses(
    id: ArtifactId,
  ): Promise<{ readonly producers: readonly ExecutionId[]; readonly consumers: readonly ExecutionId[] }> {
    return this.#read(() => ({
      producers: artifactUses(this.#db, id, OUTPUT),
      consumers: artifactUses(this.#db, id, INPUT),
    }));
  }

  pipelines(): Promise<readonly PipelineSummary[]> {
    return this.#read(() => pipelineSummaries(this.#db));
  }

  codeIdentities(step?: string): Promise<readonly CodeIdentityUse[]> {
    return this.#read(() => codeIdentityUses(this.#db, step));
  }

  keyTree(key: CacheKey): Promise<KeyTree | undefined> {
    return this.#read(() => {
      const row = this.#db.row(TREE, keyBytes(key));
      return row && decodeKeyTree(textOf(row[0]));
    });
  }

  codeRecords(digests: readonly Digest[]): Promise<readonly (CodeRecord | undefined)[]> {
    return this.#read(() => findCodeRecords(this.#db, digests));
  }

  stepNames(): Promise<readonly string[]> {
    return this.#read(() => allStepNames(this.#db));
  }

  typicalDurations(steps: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#read(() => meanDurations(this.#db, steps));
  }

  annotate(target: AnnotationTarget, change: AnnotationChange, options?: CallOptions): Promise<Annotations> {
    return this.#db.write(options, () => annotate(this.#db, target, change));
  }

  annotations(target: AnnotationTarget): Promise<Annotations> {
    return this.#read(() => annotationsOf(this.#db, target));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
  }

  #read<T>(body: () => T): Promise<T> {
    return this.#db.read(undefined, body);
  }

  #page<T extends { readonly id: number }>(
    { sql, values }: Listing,
    limit: number | undefined,
    read: (row: Row) => T,
  ): Promise<Page<T>> {
    return this.#read(() => toPage(this.#db.rows(sql, ...values).map(read), pageLimit(limit)));
  }
}
