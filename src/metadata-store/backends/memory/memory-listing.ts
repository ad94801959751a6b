import type { ArtifactRecord } from "../../../model/artifact.ts";
import type { ExecutionRecord } from "../../../model/execution.ts";
import type { ArtifactId } from "../../../model/ids.ts";
import type { RunRecord } from "../../../model/run.ts";
import type { ArtifactQuery, ExecutionQuery, Page, RunQuery } from "../../metadata-store.ts";
import { pageLimit, toPage } from "../../paging.ts";
import type { HeldExecution, MemoryTables } from "./memory-tables.ts";

interface Range {
  readonly since?: number;
  readonly until?: number;
}

export function pageOfRuns(tables: MemoryTables, query: RunQuery): Page<RunRecord> {
  const runs = [...tables.runs.keys()].map((id) => tables.runRecord(id));
  return page(
    runs,
    query,
    (run) =>
      is(query.pipeline, run.pipeline) &&
      is(query.state, run.state) &&
      (query.tag === undefined || run.tags.includes(query.tag)) &&
      within(query, run.startedAt),
  );
}

export function pageOfExecutions(tables: MemoryTables, query: ExecutionQuery): Page<ExecutionRecord> {
  const { items, ...rest } = page(
    [...tables.executions.values()],
    query,
    (execution) =>
      is(query.runId, execution.runId) &&
      is(query.step, execution.step) &&
      is(query.nodeId, execution.nodeId) &&
      is(query.state, execution.state) &&
      is(query.pipeline, tables.requireRun(execution.runId).pipeline) &&
      within(query, execution.startedAt),
  );
  return { items: items.map((execution) => tables.executionRecord(execution)), ...rest };
}

export function pageOfArtifacts(tables: MemoryTables, query: ArtifactQuery): Page<ArtifactRecord> {
  const produced = query.step === undefined ? undefined : producedBy(tables, query.step);
  return page(
    [...tables.artifacts.values()],
    query,
    (artifact) =>
      is(query.name, artifact.name) &&
      is(query.type, artifact.type.id) &&
      is(query.state, artifact.state) &&
      is(query.digest, artifact.digest) &&
      (query.tag === undefined || tables.annotationsOf({ artifactId: artifact.id }).tags.includes(query.tag)) &&
      (produced === undefined || produced.has(artifact.id)) &&
      within(query, artifact.createdAt),
  );
}

function producedBy(tables: MemoryTables, step: string): ReadonlySet<ArtifactId> {
  const own = (execution: HeldExecution): boolean => execution.step === step;
  const outputs = [...tables.executions.values()].filter(own).flatMap((execution) => execution.outputs);
  return new Set(outputs.map(({ artifactId }) => artifactId));
}

/** Ids rise in the order of recording, and a `Map` keeps that order. */
function page<T extends { readonly id: number }>(
  all: readonly T[],
  query: { readonly limit?: number; readonly after?: number },
  matches: (item: T) => boolean,
): Page<T> {
  const limit = pageLimit(query.limit);
  const { after } = query;
  const older = all.filter((item) => (after === undefined || item.id < after) && matches(item));
  return toPage(older.toReversed().slice(0, limit + 1), limit);
}

function is<T>(wanted: T | undefined, actual: T | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function within({ since, until }: Range, at: number): boolean {
  return (since === undefined || at >= since) && (until === undefined || at < until);
}
