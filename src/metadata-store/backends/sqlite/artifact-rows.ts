import type { Digest } from "../../../encoding/digest.ts";
import type { ArtifactRecord, StoredValue } from "../../../model/artifact.ts";
import type { ArtifactId, ExecutionId } from "../../../model/ids.ts";
import type { ArtifactState } from "../../../model/states.ts";
import { notFound } from "../../store-error.ts";
import { artifactBody, artifactOfBody } from "./artifact-body.ts";
import { jsonOf, keyBytes, numberOf } from "./row-values.ts";
import type { Row, SqliteConnection } from "./sqlite-connection.ts";
import { artifactCodes, stateOf } from "./state-codes.ts";

/** What an event says of an execution and an artifact, as MLMD numbers it. */
export const INPUT = 3;
export const OUTPUT = 4;

export const ARTIFACT_COLUMNS = "artifact.id, artifact.state, artifact.body";

const BY_ID = `SELECT ${ARTIFACT_COLUMNS} FROM artifact WHERE id = ?`;
const BY_CONTENT = `SELECT ${ARTIFACT_COLUMNS} FROM artifact
  WHERE digest = ? AND type_id = ? AND type_version = ? AND coalesce(name, '') = ?`;
const LATEST_OF_NAME = `SELECT ${ARTIFACT_COLUMNS} FROM artifact WHERE name = ? ORDER BY version DESC LIMIT 1`;
const VERSION_OF_NAME = `SELECT ${ARTIFACT_COLUMNS} FROM artifact WHERE name = ? AND version = ?`;
const DIGEST_OF_NAME = `SELECT ${ARTIFACT_COLUMNS} FROM artifact WHERE digest = ? AND name = ? ORDER BY version DESC LIMIT 1`;
const NEXT_VERSION = "SELECT coalesce(max(version), 0) + 1 FROM artifact WHERE name = ?";
const INSERT = `INSERT INTO artifact (state, type_id, type_version, digest, name, version, created_at, body)
  VALUES (${artifactCodes.LIVE}, ?, ?, ?, ?, ?, ?, ?)`;
const SET_STATE = "UPDATE artifact SET state = ?1 WHERE id = ?2 AND state <> ?1";
const RECOUNT = `UPDATE cache_entry SET blocked = (
    SELECT count(*) FROM execution, json_each(execution.body, '$.o') AS output JOIN artifact ON artifact.id = output.value ->> 1
    WHERE execution.id = cache_entry.execution_id AND artifact.state <> ${artifactCodes.LIVE})
  WHERE (key, execution_id) IN (
    SELECT execution.entry_key, execution.id FROM event JOIN execution ON execution.id = event.execution_id
    WHERE event.artifact_id = ? AND event.kind = ${OUTPUT} AND execution.entry_key IS NOT NULL)`;
const USES = "SELECT execution_id FROM event WHERE artifact_id = ? AND kind = ? ORDER BY execution_id";

export function artifactOfRow(row: Row): ArtifactRecord {
  return artifactOfBody(numberOf(row[0]) as ArtifactId, stateOf(artifactCodes, numberOf(row[1])), jsonOf(row[2]));
}

export function findArtifact(db: SqliteConnection, id: ArtifactId): ArtifactRecord | undefined {
  const row = db.row(BY_ID, id);
  return row && artifactOfRow(row);
}

/** @throws MetadataError WS_NOT_FOUND */
export function requireArtifact(db: SqliteConnection, id: ArtifactId): ArtifactRecord {
  const found = findArtifact(db, id);
  if (found === undefined) throw notFound("artifact", id);
  return found;
}

export function findNamedArtifact(
  db: SqliteConnection,
  name: string,
  version?: number | Digest,
): ArtifactRecord | undefined {
  const row = namedRow(db, name, version);
  return row && artifactOfRow(row);
}

/** The artifact of a value that was just stored: the one that is known already, or a new one. Either way it is LIVE. */
export function storeArtifact(
  db: SqliteConnection,
  stored: StoredValue,
  name: string | undefined,
  now: number,
): ArtifactRecord {
  const { type, digest } = stored;
  const row = db.row(BY_CONTENT, keyBytes(digest), type.id, type.version, name ?? "");
  if (row === undefined) return insertArtifact(db, stored, name, now);
  const known = artifactOfRow(row);
  setArtifactState(db, known.id, "LIVE");
  return { ...known, state: "LIVE" };
}

/** Answers whether the state changed. Entries that offer the artifact are counted again. */
export function setArtifactState(db: SqliteConnection, id: ArtifactId, state: ArtifactState): boolean {
  if (db.change(SET_STATE, artifactCodes[state], id) === 0) return false;
  db.change(RECOUNT, id);
  return true;
}

/** Executions that had the artifact as an input or output, oldest first. */
export function artifactUses(db: SqliteConnection, id: ArtifactId, kind: number): readonly ExecutionId[] {
  return db.rows(USES, id, kind).map((row) => numberOf(row[0]) as ExecutionId);
}

function insertArtifact(
  db: SqliteConnection,
  stored: StoredValue,
  name: string | undefined,
  now: number,
): ArtifactRecord {
  const naming = name === undefined ? undefined : { name, version: numberOf(db.row(NEXT_VERSION, name)?.[0]) };
  const body = artifactBody(stored, naming, now);
  const { type, digest } = stored;
  const text = JSON.stringify(body);
  const id = db.insert(
    INSERT,
    type.id,
    type.version,
    keyBytes(digest),
    name ?? null,
    naming?.version ?? null,
    now,
    text,
  );
  return artifactOfBody(id as ArtifactId, "LIVE", JSON.parse(text));
}

function namedRow(db: SqliteConnection, name: string, version: number | Digest | undefined): Row | undefined {
  if (version === undefined) return db.row(LATEST_OF_NAME, name);
  if (typeof version === "number") return db.row(VERSION_OF_NAME, name, version);
  return db.row(DIGEST_OF_NAME, keyBytes(version), name);
}
