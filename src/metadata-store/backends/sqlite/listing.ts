import type { SQLInputValue } from "node:sqlite";
import type { ArtifactQuery, ExecutionQuery, RunQuery } from "../../metadata-store.ts";
import { pageLimit } from "../../paging.ts";
import { ARTIFACT_COLUMNS } from "./artifact-rows.ts";
import { EXECUTION_COLUMNS, EXECUTION_SOURCE } from "./execution-rows.ts";
import { keyBytes } from "./row-values.ts";
import { OF_ARTIFACT, OF_RUN, RUN_COLUMNS } from "./run-rows.ts";
import { artifactCodes, executionCodes, runCodes } from "./state-codes.ts";

/** A statement and the values of its parameters. */
export interface Listing {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** A condition, and a value for each of its parameters. */
type Condition = readonly [sql: string, ...values: SQLInputValue[]];

/** One row more than the page has, newest first. */
export function runListing(query: RunQuery): Listing {
  const time = timeConditions("run", query);
  const conditions: Condition[] = [];
  if (query.pipeline !== undefined) conditions.push(["run.pipeline = ?", query.pipeline]);
  if (query.state !== undefined) conditions.push(["run.state = ?", runCodes[query.state]]);
  if (query.tag !== undefined) conditions.push(tagged("run", OF_RUN, query.tag));
  const source = byTimeAlone(conditions, time) ? "run INDEXED BY run_started" : "run";
  return listing("run", { columns: RUN_COLUMNS, source }, [...conditions, ...time], query);
}

export function executionListing(query: ExecutionQuery): Listing {
  const time = timeConditions("execution", query);
  const conditions: Condition[] = [];
  if (query.runId !== undefined) conditions.push(["execution.run_id = ?", query.runId]);
  if (query.step !== undefined)
    conditions.push(["execution.step_id = (SELECT id FROM step WHERE name = ?)", query.step]);
  if (query.state !== undefined) conditions.push(["execution.state = ?", executionCodes[query.state]]);
  if (query.pipeline !== undefined) {
    conditions.push(["execution.run_id IN (SELECT id FROM run WHERE pipeline = ?)", query.pipeline]);
  }
  const forced = byTimeAlone(conditions, time);
  if (query.nodeId !== undefined) conditions.push(["execution.node_id = ?", query.nodeId]);
  const source = forced
    ? EXECUTION_SOURCE.replace("execution ", "execution INDEXED BY execution_started ")
    : EXECUTION_SOURCE;
  return listing("execution", { columns: EXECUTION_COLUMNS, source }, [...conditions, ...time], query);
}

export function artifactListing(query: ArtifactQuery): Listing {
  const time = timeConditions("artifact", query, "created_at");
  const conditions: Condition[] = [];
  if (query.name !== undefined) conditions.push(["artifact.name = ?", query.name]);
  if (query.type !== undefined) conditions.push(["artifact.type_id = ?", query.type]);
  if (query.state !== undefined) conditions.push(["artifact.state = ?", artifactCodes[query.state]]);
  if (query.digest !== undefined) conditions.push(["artifact.digest = ?", keyBytes(query.digest)]);
  if (query.tag !== undefined) conditions.push(tagged("artifact", OF_ARTIFACT, query.tag));
  if (query.step !== undefined) {
    conditions.push([
      "artifact.id IN (SELECT artifact_id FROM artifact_step WHERE step_id = (SELECT id FROM step WHERE name = ?))",
      query.step,
    ]);
  }
  const source = byTimeAlone(conditions, time) ? "artifact INDEXED BY artifact_created" : "artifact";
  return listing("artifact", { columns: ARTIFACT_COLUMNS, source }, [...conditions, ...time], query);
}

function listing(
  table: string,
  from: { readonly columns: string; readonly source: string },
  conditions: readonly Condition[],
  { limit, after }: { readonly limit?: number; readonly after?: number },
): Listing {
  const all: readonly Condition[] = after === undefined ? conditions : [...conditions, [`${table}.id < ?`, after]];
  const where = all.length === 0 ? "" : ` WHERE ${all.map(([sql]) => sql).join(" AND ")}`;
  return {
    sql: `SELECT ${from.columns} FROM ${from.source}${where} ORDER BY ${table}.id DESC LIMIT ?`,
    values: [...all.flatMap(([, ...values]) => values), pageLimit(limit) + 1],
  };
}

function tagged(table: string, kind: number, tag: string): Condition {
  return [`${table}.id IN (SELECT target_id FROM tag WHERE target_kind = ${kind} AND tag = ?)`, tag];
}

function timeConditions(
  table: string,
  { since, until }: { readonly since?: number; readonly until?: number },
  column = "started_at",
): readonly Condition[] {
  const conditions: Condition[] = [];
  if (since !== undefined) conditions.push([`${table}.${column} >= ?`, since]);
  if (until !== undefined) conditions.push([`${table}.${column} < ?`, until]);
  return conditions;
}

/** Where nothing else narrows, SQLite would rather walk the table in the order that is asked for. */
function byTimeAlone(conditions: readonly Condition[], time: readonly Condition[]): boolean {
  return time.length > 0 && conditions.length === 0;
}
