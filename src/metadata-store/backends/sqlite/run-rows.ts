import type { RunId } from "../../../model/ids.ts";
import type { Annotations, RunDraft, RunEnd, RunRecord } from "../../../model/run.ts";
import { NO_ANNOTATIONS, changeAnnotations } from "../../annotation-change.ts";
import type { AnnotationChange, AnnotationTarget } from "../../metadata-store.ts";
import { notFound } from "../../store-error.ts";
import { jsonOf, numberOf, textOf } from "./row-values.ts";
import type { Row, SqliteConnection } from "./sqlite-connection.ts";
import { runCodes, stateOf } from "./state-codes.ts";

/** What an annotation belongs to. */
export const OF_RUN = 1;
export const OF_ARTIFACT = 2;

export const RUN_COLUMNS = "run.id, run.pipeline, run.state, run.started_at, run.body, run.ending";

const BY_ID = `SELECT ${RUN_COLUMNS} FROM run WHERE id = ?`;
const INSERT = `INSERT INTO run (pipeline, state, started_at, body) VALUES (?, ${runCodes.RUNNING}, ?, ?)`;
const FINISH = `UPDATE run SET state = ?, ending = ? WHERE id = ? AND state = ${runCodes.RUNNING}`;
const FIND_ARTIFACT = "SELECT 1 FROM artifact WHERE id = ?";
const FIND_RUN = "SELECT 1 FROM run WHERE id = ?";
const ANNOTATION = "SELECT body FROM annotation WHERE target_kind = ? AND target_id = ?";
const SET_ANNOTATION = "INSERT OR REPLACE INTO annotation (target_kind, target_id, body) VALUES (?, ?, ?)";
const ADD_TAG = "INSERT INTO tag (target_kind, tag, target_id) VALUES (?, ?, ?)";
const REMOVE_TAG = "DELETE FROM tag WHERE target_kind = ? AND tag = ? AND target_id = ?";

type RunBody = Pick<RunDraft, "module" | "params" | "provenance">;

export function insertRun(db: SqliteConnection, draft: RunDraft): RunRecord {
  const { module, params, provenance } = draft;
  const body: RunBody = { params, provenance, ...(module === undefined ? {} : { module }) };
  const id = db.insert(INSERT, draft.pipeline, draft.startedAt, JSON.stringify(body));
  return requireRun(db, id as RunId);
}

/** Ends a run; one that has ended stays as it is. */
export function finishRun(db: SqliteConnection, id: RunId, end: RunEnd): void {
  if (db.change(FINISH, runCodes[end.state], JSON.stringify(end), id) === 0) requireRun(db, id);
}

export function findRun(db: SqliteConnection, id: RunId): RunRecord | undefined {
  const row = db.row(BY_ID, id);
  return row && runOfRow(db, row);
}

export function runOfRow(db: SqliteConnection, row: Row): RunRecord {
  const id = numberOf(row[0]) as RunId;
  const { params, provenance, module } = jsonOf(row[4]) as RunBody;
  return {
    id,
    pipeline: textOf(row[1]),
    state: stateOf(runCodes, numberOf(row[2])),
    startedAt: numberOf(row[3]),
    params,
    provenance,
    ...(module === undefined ? {} : { module }),
    ...(row[5] === null ? {} : { end: jsonOf(row[5]) as RunEnd }),
    ...readAnnotations(db, OF_RUN, id),
  };
}

export function annotate(db: SqliteConnection, target: AnnotationTarget, change: AnnotationChange): Annotations {
  const { kind, id } = requireTarget(db, target);
  const before = readAnnotations(db, kind, id);
  const after = changeAnnotations(before, change);
  db.change(SET_ANNOTATION, kind, id, JSON.stringify(after));
  for (const tag of before.tags) if (!after.tags.includes(tag)) db.change(REMOVE_TAG, kind, tag, id);
  for (const tag of after.tags) if (!before.tags.includes(tag)) db.change(ADD_TAG, kind, tag, id);
  return after;
}

export function annotationsOf(db: SqliteConnection, target: AnnotationTarget): Annotations {
  const { kind, id } = requireTarget(db, target);
  return readAnnotations(db, kind, id);
}

function requireRun(db: SqliteConnection, id: RunId): RunRecord {
  const found = findRun(db, id);
  if (found === undefined) throw notFound("run", id);
  return found;
}

function requireTarget(db: SqliteConnection, target: AnnotationTarget): { readonly kind: number; readonly id: number } {
  if ("runId" in target) {
    if (db.row(FIND_RUN, target.runId) === undefined) throw notFound("run", target.runId);
    return { kind: OF_RUN, id: target.runId };
  }
  if (db.row(FIND_ARTIFACT, target.artifactId) === undefined) throw notFound("artifact", target.artifactId);
  return { kind: OF_ARTIFACT, id: target.artifactId };
}

function readAnnotations(db: SqliteConnection, kind: number, id: number): Annotations {
  const row = db.row(ANNOTATION, kind, id);
  return row === undefined ? NO_ANNOTATIONS : (jsonOf(row[0]) as Annotations);
}
