import type { CacheKey } from "../../../encoding/key-tree.ts";
import type { Digest } from "../../../encoding/digest.ts";
import type { Acceptance } from "../../../model/acceptance.ts";
import type {
  ErrorRecord,
  ExecutionDraft,
  ExecutionEvent,
  ExecutionRecord,
  Reason,
  RecordedExecution,
} from "../../../model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../../model/ids.ts";
import type { UnseenActivity } from "../../../model/reads.ts";
import { decodeMetrics, encodeMetrics } from "../../record-json.ts";
import { requireArtifact } from "./artifact-rows.ts";
import { digestOfCell, jsonOf, keyBytes, numberOf, optionalKeyBytes, textOf } from "./row-values.ts";
import type { Row, SqliteConnection } from "./sqlite-connection.ts";
import { executionCodes, stateOf } from "./state-codes.ts";

/** What is only read back whole, as one compact JSON column. */
interface ExecutionBody {
  readonly r: readonly [kind: Reason["kind"], text: string];
  readonly i: readonly (readonly [name: string, artifactId: ArtifactId])[];
  readonly o: readonly (readonly [name: string, artifactId: ArtifactId])[];
  readonly m?: Readonly<Record<string, number | string>>;
  readonly e?: ErrorRecord;
  readonly l?: string;
  readonly u?: readonly UnseenActivity[];
  readonly w?: readonly string[];
  readonly a?: Acceptance;
  readonly g?: readonly string[];
}

/** The tables and columns that `executionOfRow` reads. */
export const EXECUTION_SOURCE =
  "execution JOIN step ON step.id = execution.step_id LEFT JOIN code_identity ON code_identity.id = execution.code_id";
export const EXECUTION_COLUMNS = `execution.id, execution.run_id, step.name, code_identity.digest, execution.state,
  execution.attempts, execution.origin_id, execution.started_at, execution.ended_at, execution.duration_ms,
  execution.saved_ms, execution.key, execution.node_id, execution.body`;

const BY_ID = `SELECT ${EXECUTION_COLUMNS} FROM ${EXECUTION_SOURCE} WHERE execution.id = ?`;
const INSERT = `INSERT INTO execution (run_id, step_id, code_id, state, attempts, origin_id, started_at, ended_at,
  duration_ms, saved_ms, key, entry_key, node_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function insertExecution(
  db: SqliteConnection,
  draft: ExecutionDraft,
  refs: { readonly stepId: number; readonly codeId: number | null; readonly outputs: RecordedExecution["outputs"] },
): ExecutionId {
  return db.insert(
    INSERT,
    draft.runId,
    refs.stepId,
    refs.codeId,
    executionCodes[draft.state],
    draft.attempts,
    draft.originId ?? null,
    draft.startedAt,
    draft.endedAt,
    draft.durationMs,
    draft.savedMs,
    optionalKeyBytes(draft.key),
    draft.entry === undefined ? null : keyBytes(draft.entry.key),
    draft.nodeId,
    JSON.stringify(bodyOf(draft, refs.outputs)),
  ) as ExecutionId;
}

export function findExecution(db: SqliteConnection, id: ExecutionId): ExecutionRecord | undefined {
  const row = db.row(BY_ID, id);
  return row && executionOfRow(db, row);
}

export function executionOfRow(db: SqliteConnection, row: Row): ExecutionRecord {
  const body = jsonOf(row[13]) as ExecutionBody;
  return {
    id: numberOf(row[0]) as ExecutionId,
    runId: numberOf(row[1]) as RunId,
    step: textOf(row[2]),
    ...(row[3] === null ? {} : { codeIdentity: digestOfCell(row[3]) }),
    state: stateOf(executionCodes, numberOf(row[4])),
    attempts: numberOf(row[5]),
    ...(row[6] === null ? {} : { originId: numberOf(row[6]) as ExecutionId }),
    startedAt: numberOf(row[7]),
    endedAt: numberOf(row[8]),
    durationMs: numberOf(row[9]),
    savedMs: numberOf(row[10]),
    ...(row[11] === null ? {} : { key: digestOfCell(row[11]) as string as CacheKey }),
    nodeId: textOf(row[12]),
    ...partsOfBody(db, body),
  };
}

function partsOfBody(
  db: SqliteConnection,
  body: ExecutionBody,
): Pick<
  ExecutionRecord,
  "reason" | "inputs" | "outputs" | "metrics" | "ignored" | "unseen" | "warnings" | "error" | "log" | "accepted"
> {
  return {
    reason: { kind: body.r[0], text: body.r[1] },
    inputs: body.i.map(([name, artifactId]): ExecutionEvent => ({ name, artifactId })),
    outputs: body.o.map(([name, artifactId]) => ({ name, artifact: requireArtifact(db, artifactId) })),
    metrics: decodeMetrics(body.m ?? {}),
    unseen: body.u ?? [],
    warnings: body.w ?? [],
    ...(body.g === undefined ? {} : { ignored: body.g }),
    ...(body.e === undefined ? {} : { error: body.e }),
    ...(body.l === undefined ? {} : { log: body.l as Digest }),
    ...(body.a === undefined ? {} : { accepted: body.a }),
  };
}

/** Built by hand and with what is empty left out: this runs once per step of a warm run. */
function bodyOf(draft: ExecutionDraft, outputs: RecordedExecution["outputs"]): ExecutionBody {
  const metrics = encodeMetrics(draft.metrics);
  return {
    r: [draft.reason.kind, draft.reason.text],
    i: draft.inputs.map(({ name, artifactId }) => [name, artifactId] as const),
    o: outputs.map(({ name, artifact }) => [name, artifact.id] as const),
    ...(Object.keys(metrics).length === 0 ? undefined : { m: metrics }),
    ...(draft.error === undefined ? undefined : { e: draft.error }),
    ...(draft.log === undefined ? undefined : { l: draft.log }),
    ...(draft.unseen.length === 0 ? undefined : { u: draft.unseen }),
    ...(draft.warnings.length === 0 ? undefined : { w: draft.warnings }),
    ...(draft.accepted === undefined ? undefined : { a: draft.accepted }),
    ...(draft.ignored === undefined ? undefined : { g: draft.ignored }),
  };
}
