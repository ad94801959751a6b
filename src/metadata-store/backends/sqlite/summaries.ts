import type { CodeIdentityUse, PipelineSummary } from "../../metadata-store.ts";
import type { RunId } from "../../../model/ids.ts";
import { TYPICAL_SAMPLES } from "../../limits.ts";
import { digestOfCell, numberOf, textOf } from "./row-values.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";
import { executionCodes } from "./state-codes.ts";

const PIPELINES = `SELECT latest.pipeline, latest.runs, run.id, run.started_at
  FROM (SELECT pipeline, count(*) AS runs, max(id) AS last FROM run GROUP BY pipeline) AS latest
  JOIN run ON run.id = latest.last ORDER BY run.id DESC`;
const CODE_COLUMNS = "code.digest, step.name, code.first_used_at, code.last_used_at, code.executions";
const CODE_OF_ALL = `SELECT ${CODE_COLUMNS} FROM code_identity AS code JOIN step ON step.id = code.step_id
  ORDER BY code.last_used_at DESC, code.id DESC`;
const CODE_OF_STEP = `SELECT ${CODE_COLUMNS} FROM code_identity AS code JOIN step ON step.id = code.step_id
  WHERE code.step_id = (SELECT id FROM step WHERE name = ?) ORDER BY code.last_used_at DESC, code.id DESC`;
const STEP_NAMES = "SELECT name FROM step";
const NEWEST_DURATIONS = `SELECT duration_ms FROM execution WHERE step_id = (SELECT id FROM step WHERE name = ?)
  AND state = ${executionCodes.COMPLETE} ORDER BY id DESC LIMIT ${TYPICAL_SAMPLES}`;

export function pipelineSummaries(db: SqliteConnection): readonly PipelineSummary[] {
  return db.rows(PIPELINES).map((row) => ({
    name: textOf(row[0]),
    runs: numberOf(row[1]),
    lastRunId: numberOf(row[2]) as RunId,
    lastStartedAt: numberOf(row[3]),
  }));
}

export function codeIdentityUses(db: SqliteConnection, step: string | undefined): readonly CodeIdentityUse[] {
  const rows = step === undefined ? db.rows(CODE_OF_ALL) : db.rows(CODE_OF_STEP, step);
  return rows.map((row) => ({
    digest: digestOfCell(row[0]),
    step: textOf(row[1]),
    firstUsedAt: numberOf(row[2]),
    lastUsedAt: numberOf(row[3]),
    executions: numberOf(row[4]),
  }));
}

export function allStepNames(db: SqliteConnection): readonly string[] {
  return db
    .rows(STEP_NAMES)
    .map((row) => textOf(row[0]))
    .toSorted();
}

/** Steps that never completed have no entry. */
export function meanDurations(db: SqliteConnection, steps: readonly string[]): ReadonlyMap<string, number> {
  const means = new Map<string, number>();
  for (const step of steps) {
    const durations = db.rows(NEWEST_DURATIONS, step).map((row) => numberOf(row[0]));
    if (durations.length > 0) means.set(step, durations.reduce((sum, ms) => sum + ms, 0) / durations.length);
  }
  return means;
}
