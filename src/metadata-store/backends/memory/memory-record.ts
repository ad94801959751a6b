import { acceptanceOfHit } from "../../../model/acceptance.ts";
import type { ArtifactRecord } from "../../../model/artifact.ts";
import type {
  CacheEntryDraft,
  ExecutionDraft,
  ExecutionEvent,
  OutputDraft,
  RecordedExecution,
} from "../../../model/execution.ts";
import type { ArtifactId, ExecutionId } from "../../../model/ids.ts";
import type { CacheKey, KeyTree } from "../../../encoding/key-tree.ts";
import type { CodeRecord } from "../../../model/code-record.ts";
import { pathSetOf } from "../../../model/path-set.ts";
import { MAX_PATH_SETS_PER_KEY } from "../../limits.ts";
import { codeKey } from "../../../model/code-key.ts";
import { frozenCopy } from "./frozen-copy.ts";
import { contentKey } from "./memory-tables.ts";
import type { HeldEntry, HeldExecution, MemoryTables } from "./memory-tables.ts";

/**
 * Records drafts that were checked. Everything that can fail is asked before the first change, so that a batch is
 * whole or absent.
 *
 * @throws MetadataError WS_NOT_FOUND
 */
export function recordDrafts(
  tables: MemoryTables,
  drafts: readonly ExecutionDraft[],
  now: number,
): readonly RecordedExecution[] {
  const own = frozenCopy(drafts);
  for (const draft of own) requireReferences(tables, draft);
  return own.map((draft) => recordOne(tables, draft, now));
}

function requireReferences(tables: MemoryTables, draft: ExecutionDraft): void {
  tables.requireRun(draft.runId);
  for (const { artifactId } of draft.inputs) tables.requireArtifact(artifactId);
  for (const output of draft.outputs) if ("artifactId" in output) tables.requireArtifact(output.artifactId);
}

function recordOne(tables: MemoryTables, draft: ExecutionDraft, now: number): RecordedExecution {
  const { outputs: wanted, entry, tree, codeTree, codeRecords = [], ...rest } = draft;
  const id = (tables.executions.size + 1) as ExecutionId;
  const outputs = wanted.map(
    (output): ExecutionEvent => ({ name: output.name, artifactId: outputOf(tables, output, now) }),
  );
  const held: HeldExecution = { ...rest, id, outputs, ...(entry === undefined ? {} : { entryKey: entry.key }) };
  tables.executions.set(id, frozenCopy(held));
  countCodeUse(tables, draft);
  if (tree !== undefined && draft.key !== undefined) keepTrees(tables, draft.key, entry, tree);
  if (codeTree !== undefined && draft.codeIdentity !== undefined)
    keepTrees(tables, codeKey(draft.codeIdentity), undefined, codeTree);
  for (const record of codeRecords) keepCodeRecord(tables, record);
  if (entry !== undefined) addEntry(tables, entry, held);
  return { id, outputs: tables.bind(outputs) };
}

function outputOf(tables: MemoryTables, output: OutputDraft, now: number): ArtifactId {
  if ("artifactId" in output) return output.artifactId;
  const { stored, artifactName: name } = output;
  const content = contentKey(stored.type.id, stored.type.version, stored.digest, name);
  const known = tables.artifactsByContent.get(content);
  if (known !== undefined) {
    tables.artifacts.set(known, frozenCopy({ ...tables.requireArtifact(known), state: "LIVE" as const }));
    return known;
  }
  const id = (tables.artifacts.size + 1) as ArtifactId;
  const naming = name === undefined ? {} : { name, version: nextVersion(tables, name) };
  const { type, digest, blobs, size, traits, shown } = stored;
  const record: ArtifactRecord = { id, state: "LIVE", type, digest, blobs, size, traits, createdAt: now, ...naming };
  tables.artifacts.set(id, frozenCopy(shown === undefined ? record : { ...record, shown }));
  tables.artifactsByContent.set(content, id);
  return id;
}

function nextVersion(tables: MemoryTables, name: string): number {
  const version = (tables.latestVersions.get(name) ?? 0) + 1;
  tables.latestVersions.set(name, version);
  return version;
}

function countCodeUse(tables: MemoryTables, { step, codeIdentity, startedAt }: ExecutionDraft): void {
  if (codeIdentity === undefined) return;
  const key = JSON.stringify([step, codeIdentity]);
  const known = tables.codeUses.get(key);
  tables.codeUses.set(key, {
    digest: codeIdentity,
    step,
    firstUsedAt: Math.min(known?.firstUsedAt ?? startedAt, startedAt),
    lastUsedAt: Math.max(known?.lastUsedAt ?? startedAt, startedAt),
    executions: (known?.executions ?? 0) + 1,
  });
}

function keepTrees(tables: MemoryTables, key: CacheKey, entry: CacheEntryDraft | undefined, tree: KeyTree): void {
  for (const under of entry === undefined ? [key] : [key, entry.key]) {
    if (!tables.trees.has(under)) tables.trees.set(under, tree);
  }
}

function keepCodeRecord(tables: MemoryTables, { text, ...record }: CodeRecord): void {
  if (tables.codeRecords.has(record.digest)) return;
  tables.codeRecords.set(record.digest, record);
  if (text !== undefined && !tables.codeTexts.has(record.own)) tables.codeTexts.set(record.own, text);
}

function addEntry(tables: MemoryTables, entry: CacheEntryDraft, execution: HeldExecution): void {
  const weakKey = entry.weak?.key ?? entry.key;
  if (entry.retiresOlder) retireUnder(tables, weakKey);
  const { id, runId, step, endedAt, durationMs, outputs, metrics, log, accepted } = execution;
  const held: HeldEntry = {
    executionId: id,
    runId,
    step,
    key: entry.key,
    weakKey,
    computedAt: entry.computedAt ?? endedAt,
    durationMs,
    reads: entry.reads,
    effects: entry.effects,
    unseen: entry.unseen,
    outputs,
    metrics,
    ...(log === undefined ? {} : { log }),
    ...(accepted === undefined ? {} : { accepted: acceptanceOfHit(accepted) }),
  };
  tables.entries.set(entry.key, [...(tables.entries.get(entry.key) ?? []), frozenCopy(held)]);
  if (entry.weak !== undefined) addPathSet(tables, entry.weak);
}

function addPathSet(tables: MemoryTables, { key, pathSet }: NonNullable<CacheEntryDraft["weak"]>): void {
  const { questions } = pathSetOf(pathSet.questions);
  const id = JSON.stringify(questions.map(({ kind, name }) => [kind, name]));
  const others = [...(tables.pathSets.get(key) ?? [])].filter(([other]) => other !== id);
  tables.pathSets.set(key, new Map([...others, [id, { questions }] as const].slice(-MAX_PATH_SETS_PER_KEY)));
}

function retireUnder(tables: MemoryTables, weakKey: CacheKey): void {
  tables.pathSets.delete(weakKey);
  for (const [key, entries] of tables.entries) {
    if (entries.some((entry) => entry.weakKey === weakKey)) {
      tables.entries.set(
        key,
        entries.filter((entry) => entry.weakKey !== weakKey),
      );
    }
  }
}
