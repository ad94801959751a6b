import type { Digest } from "../../../encoding/digest.ts";
import type { CacheKey, KeyTree } from "../../../encoding/key-tree.ts";
import type { ArtifactRecord } from "../../../model/artifact.ts";
import type { CacheEntry, ExecutionEvent, ExecutionRecord } from "../../../model/execution.ts";
import type { CodeRecord } from "../../../model/code-record.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../../model/ids.ts";
import type { PathSet } from "../../../model/reads.ts";
import type { Annotations, RunRecord } from "../../../model/run.ts";
import type { AnnotationTarget, CodeIdentityUse } from "../../metadata-store.ts";
import { NO_ANNOTATIONS } from "../../annotation-change.ts";
import { notFound } from "../../store-error.ts";

/** An execution with its outputs by id, since an artifact's state may change. */
export interface HeldExecution extends Omit<ExecutionRecord, "outputs"> {
  readonly outputs: readonly ExecutionEvent[];
  readonly entryKey?: CacheKey;
}

export interface HeldEntry extends Omit<CacheEntry, "outputs"> {
  readonly outputs: readonly ExecutionEvent[];
  /** The weak key; equal to `key` where nothing was read. */
  readonly weakKey: CacheKey;
}

/** Everything that the store holds. Each value is frozen; a change replaces it. */
export class MemoryTables {
  readonly runs: Map<RunId, Omit<RunRecord, keyof Annotations>> = new Map();
  readonly executions: Map<ExecutionId, HeldExecution> = new Map();
  readonly artifacts: Map<ArtifactId, ArtifactRecord> = new Map();
  readonly artifactsByContent: Map<string, ArtifactId> = new Map();
  readonly latestVersions: Map<string, number> = new Map();
  /** By key, oldest first. */
  readonly entries: Map<CacheKey, readonly HeldEntry[]> = new Map();
  /** By weak key; the most recently recorded last. */
  readonly pathSets: Map<CacheKey, Map<string, PathSet>> = new Map();
  readonly trees: Map<CacheKey, KeyTree> = new Map();
  /** By digest; texts apart, by what the piece says itself. */
  readonly codeRecords: Map<Digest, Omit<CodeRecord, "text">> = new Map();
  readonly codeTexts: Map<Digest, string> = new Map();
  readonly codeUses: Map<string, CodeIdentityUse> = new Map();
  readonly annotations: Map<string, Annotations> = new Map();

  /** @throws MetadataError WS_NOT_FOUND */
  requireArtifact(id: ArtifactId): ArtifactRecord {
    const found = this.artifacts.get(id);
    if (found === undefined) throw notFound("artifact", id);
    return found;
  }

  /** @throws MetadataError WS_NOT_FOUND */
  requireRun(id: RunId): Omit<RunRecord, keyof Annotations> {
    const found = this.runs.get(id);
    if (found === undefined) throw notFound("run", id);
    return found;
  }

  bind(events: readonly ExecutionEvent[]): ExecutionRecord["outputs"] {
    return events.map(({ name, artifactId }) => ({ name, artifact: this.requireArtifact(artifactId) }));
  }

  executionRecord(held: HeldExecution): ExecutionRecord {
    const { outputs, entryKey: _, ...rest } = held;
    return { ...rest, outputs: this.bind(outputs) };
  }

  runRecord(id: RunId): RunRecord {
    return { ...this.requireRun(id), ...this.annotationsOf({ runId: id }) };
  }

  annotationsOf(target: AnnotationTarget): Annotations {
    return this.annotations.get(targetKey(target)) ?? NO_ANNOTATIONS;
  }

  codeRecord(digest: Digest): CodeRecord | undefined {
    const record = this.codeRecords.get(digest);
    const text = record && this.codeTexts.get(record.own);
    return record && { ...record, ...(text === undefined ? {} : { text }) };
  }

  /** @throws MetadataError WS_NOT_FOUND */
  requireTarget(target: AnnotationTarget): string {
    if ("runId" in target) this.requireRun(target.runId);
    else this.requireArtifact(target.artifactId);
    return targetKey(target);
  }
}

/** What makes two stored values one artifact. */
export function contentKey(typeId: string, typeVersion: number, digest: Digest, name: string | undefined): string {
  return JSON.stringify([typeId, typeVersion, digest, name ?? null]);
}

function targetKey(target: AnnotationTarget): string {
  return "runId" in target ? `run/${target.runId}` : `artifact/${target.artifactId}`;
}
