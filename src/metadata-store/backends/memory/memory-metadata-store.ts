import type { Digest } from "../../../encoding/digest.ts";
import type { CacheKey, KeyTree } from "../../../encoding/key-tree.ts";
import type { ArtifactRecord } from "../../../model/artifact.ts";
import type { CodeRecord } from "../../../model/code-record.ts";
import type { CacheEntry, ExecutionDraft, ExecutionRecord, RecordedExecution } from "../../../model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../../model/ids.ts";
import type { Annotations, RunDraft, RunEnd, RunRecord } from "../../../model/run.ts";
import type { ArtifactState } from "../../../model/states.ts";
import { systemClock } from "../../../util/clock.ts";
import type { Clock } from "../../../util/clock.ts";
import { changeAnnotations } from "../../annotation-change.ts";
import { checkExecutionDraft, checkRunDraft } from "../../draft-check.ts";
import { MAX_ENTRIES_PER_KEY, TYPICAL_SAMPLES } from "../../limits.ts";
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
import { closedStore } from "../../store-error.ts";
import { frozenCopy, frozenJson } from "./frozen-copy.ts";
import { pageOfArtifacts, pageOfExecutions, pageOfRuns } from "./memory-listing.ts";
import { recordDrafts } from "./memory-record.ts";
import { MemoryTables } from "./memory-tables.ts";

/**
 * A metadata store that lives as long as the process: for tests, and for runs that shall leave nothing behind.
 *
 * @example
 * await using store = openMemoryMetadataStore();
 * await store.createRun({ pipeline: "flights", params: {}, startedAt: 0, provenance });
 */
export function openMemoryMetadataStore(options: { readonly clock?: Clock } = {}): MetadataStore {
  return new MemoryMetadataStore(options.clock ?? systemClock);
}

class MemoryMetadataStore implements MetadataStore {
  readonly kind = "memory";
  readonly #tables = new MemoryTables();
  readonly #clock: Clock;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async createRun(draft: RunDraft, options?: CallOptions): Promise<RunRecord> {
    checkRunDraft(draft);
    const { runs } = this.#open(options);
    const id = (runs.size + 1) as RunId;
    const run = { ...draft, id, state: "RUNNING" as const };
    runs.set(id, frozenJson(run));
    return this.#tables.runRecord(id);
  }

  async finishRun(id: RunId, end: RunEnd, options?: CallOptions): Promise<void> {
    const { runs } = this.#open(options);
    const run = this.#tables.requireRun(id);
    if (run.state === "RUNNING") runs.set(id, frozenJson({ ...run, state: end.state, end }));
  }

  async lookup(keys: readonly CacheKey[], options?: CallOptions): Promise<readonly KeyLookup[]> {
    this.#open(options);
    return keys.map((key) => this.#lookUpKey(key));
  }

  async record(drafts: readonly ExecutionDraft[], options?: CallOptions): Promise<readonly RecordedExecution[]> {
    drafts.forEach(checkExecutionDraft);
    return recordDrafts(this.#open(options), drafts, this.#clock.now());
  }

  async retire(executions: readonly ExecutionId[], options?: CallOptions): Promise<number> {
    this.#open(options);
    return executions.filter((id) => this.#retireOne(id)).length;
  }

  async setArtifactState(
    artifacts: readonly ArtifactId[],
    state: ArtifactState,
    options?: CallOptions,
  ): Promise<number> {
    const held = this.#open(options).artifacts;
    const changed = new Set(artifacts.filter((id) => (held.get(id)?.state ?? state) !== state));
    for (const id of changed) held.set(id, frozenCopy({ ...this.#tables.requireArtifact(id), state }));
    return changed.size;
  }

  async run(id: RunId): Promise<RunRecord | undefined> {
    return this.#open().runs.has(id) ? this.#tables.runRecord(id) : undefined;
  }

  async runs(query: RunQuery = {}): Promise<Page<RunRecord>> {
    return pageOfRuns(this.#open(), query);
  }

  async execution(id: ExecutionId): Promise<ExecutionRecord | undefined> {
    const held = this.#open().executions.get(id);
    return held && this.#tables.executionRecord(held);
  }

  async executions(query: ExecutionQuery = {}): Promise<Page<ExecutionRecord>> {
    return pageOfExecutions(this.#open(), query);
  }

  async artifact(id: ArtifactId): Promise<ArtifactRecord | undefined> {
    return this.#open().artifacts.get(id);
  }

  async artifacts(query: ArtifactQuery = {}): Promise<Page<ArtifactRecord>> {
    return pageOfArtifacts(this.#open(), query);
  }

  async namedArtifact(name: string, version?: number | Digest): Promise<ArtifactRecord | undefined> {
    const named = [...this.#open().artifacts.values()].filter((artifact) => artifact.name === name);
    return named.findLast((artifact) => {
      if (version === undefined) return true;
      return typeof version === "number" ? artifact.version === version : artifact.digest === version;
    });
  }

  async artifactUses(
    id: ArtifactId,
  ): Promise<{ readonly producers: readonly ExecutionId[]; readonly consumers: readonly ExecutionId[] }> {
    const all = [...this.#open().executions.values()];
    const having = (side: "inputs" | "outputs"): readonly ExecutionId[] =>
      all.filter((execution) => execution[side].some(({ artifactId }) => artifactId === id)).map((found) => found.id);
    return { producers: having("outputs"), consumers: having("inputs") };
  }

  async pipelines(): Promise<readonly PipelineSummary[]> {
    const summaries = new Map<string, PipelineSummary>();
    for (const { id, pipeline, startedAt } of this.#open().runs.values()) {
      const runs = (summaries.get(pipeline)?.runs ?? 0) + 1;
      summaries.set(pipeline, { name: pipeline, runs, lastRunId: id, lastStartedAt: startedAt });
    }
    return [...summaries.values()].toSorted((a, b) => b.lastRunId - a.lastRunId);
  }

  async codeIdentities(step?: string): Promise<readonly CodeIdentityUse[]> {
    const uses = [...this.#open().codeUses.values()].filter((use) => step === undefined || use.step === step);
    return uses.toReversed().toSorted((a, b) => b.lastUsedAt - a.lastUsedAt);
  }

  async keyTree(key: CacheKey): Promise<KeyTree | undefined> {
    return this.#open().trees.get(key);
  }

  async codeRecords(digests: readonly Digest[]): Promise<readonly (CodeRecord | undefined)[]> {
    const tables = this.#open();
    return digests.map((digest) => tables.codeRecord(digest));
  }

  async stepNames(): Promise<readonly string[]> {
    return [...new Set([...this.#open().executions.values()].map(({ step }) => step))].toSorted();
  }

  async typicalDurations(steps: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const complete = [...this.#open().executions.values()].filter(({ state }) => state === "COMPLETE").toReversed();
    const means = new Map<string, number>();
    for (const step of steps) {
      const newest = complete.filter((execution) => execution.step === step).slice(0, TYPICAL_SAMPLES);
      const total = newest.reduce((sum, { durationMs }) => sum + durationMs, 0);
      if (newest.length > 0) means.set(step, total / newest.length);
    }
    return means;
  }

  async annotate(target: AnnotationTarget, change: AnnotationChange, options?: CallOptions): Promise<Annotations> {
    const { annotations } = this.#open(options);
    const key = this.#tables.requireTarget(target);
    const after = frozenCopy(changeAnnotations(this.#tables.annotationsOf(target), change));
    annotations.set(key, after);
    return after;
  }

  async annotations(target: AnnotationTarget): Promise<Annotations> {
    this.#open().requireTarget(target);
    return this.#tables.annotationsOf(target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
  }

  #open(options?: CallOptions): MemoryTables {
    options?.signal?.throwIfAborted();
    if (this.#closed) throw closedStore();
    return this.#tables;
  }

  #lookUpKey(key: CacheKey): KeyLookup {
    const entries: CacheEntry[] = [];
    for (const { weakKey: _, ...held } of (this.#tables.entries.get(key) ?? []).toReversed()) {
      const outputs = this.#tables.bind(held.outputs);
      if (outputs.every(({ artifact }) => artifact.state === "LIVE")) entries.push({ ...held, outputs });
    }
    const pathSets = [...(this.#tables.pathSets.get(key)?.values() ?? [])].toReversed();
    return { entries: entries.slice(0, MAX_ENTRIES_PER_KEY), pathSets };
  }

  #retireOne(id: ExecutionId): boolean {
    const key = this.#tables.executions.get(id)?.entryKey;
    const entries = key === undefined ? [] : (this.#tables.entries.get(key) ?? []);
    const kept = entries.filter((entry) => entry.executionId !== id);
    if (key !== undefined) this.#tables.entries.set(key, kept);
    return kept.length < entries.length;
  }
}
