import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { MetadataError } from "../../../errors.ts";
import { APPLICATION_ID, FORMAT_VERSION } from "../../schema/format.ts";
import { metadataFailure, readOnlyStore } from "./sqlite-failure.ts";
import { SqliteConnection } from "./sqlite-connection.ts";

/** One attempt blocks the loop at most this long; the waiting between attempts does not block it. */
const BUSY_TIMEOUT_MS = 25;
/** About 40 MB: checkpoints in the middle of a run are what slow commits come from. */
const CHECKPOINT_PAGES = 10_000;
const HEADER_BYTES = 100;
const APPLICATION_ID_OFFSET = 68;

interface Format {
  readonly version: number;
  readonly kind: "fresh" | "ours" | "foreign";
}

/**
 * Opens a file as a metadata store: makes the tables of a fresh one, brings an older one to the present format.
 *
 * @throws MetadataError WS_FORMAT_NEWER, or WS_METADATA_STORE for a file of something else; neither is touched.
 */
export async function openSqliteFile(file: string, waitMs: number): Promise<SqliteConnection> {
  const { DatabaseSync } = await import("node:sqlite");
  try {
    if (!(await isFreshOrOurs(file))) refuseForeign(DatabaseSync, file);
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, returnArrays: true });
    return await prepared(new SqliteConnection({ db, file, waitMs }), db);
  } catch (error) {
    throw metadataFailure(error, file);
  }
}

async function prepared(connection: SqliteConnection, db: DatabaseSync): Promise<SqliteConnection> {
  try {
    const format = await connection.attempt(undefined, () => formatAtOnce(db));
    checkFormat(format, connection.file);
    if (format.version < FORMAT_VERSION) await migrate(connection, db);
    await connection.attempt(undefined, () => configure(db));
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function configure(db: DatabaseSync): void {
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY`);
}

/** The statements are loaded before the file is locked, and the format is read again under the lock: another process may have been first. */
async function migrate(connection: SqliteConnection, db: DatabaseSync): Promise<void> {
  const { migrationStatements } = await import("../../schema/migration-statements.ts");
  await connection.attempt(undefined, () => {
    db.exec("BEGIN EXCLUSIVE");
    try {
      const format = formatOf(db);
      checkFormat(format, connection.file);
      for (const statement of migrationStatements(format.version)) db.exec(statement);
      if (format.kind === "fresh") stamp(db);
      db.exec(`PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`);
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  });
}

function stamp(db: DatabaseSync): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  const insert = db.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
  insert.run("format", `warmstart-metadata-${FORMAT_VERSION}`);
  insert.run("repository-id", randomUUID());
}

/** In one transaction: between two questions another process may make the tables, and the answers would fit nothing. */
function formatAtOnce(db: DatabaseSync): Format {
  db.exec("BEGIN");
  try {
    return formatOf(db);
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
  }
}

function formatOf(db: DatabaseSync): Format {
  const version = pragma(db, "user_version");
  if (pragma(db, "application_id") === APPLICATION_ID) return { kind: "ours", version };
  const empty = version === 0 && pragma(db, "schema_version") === 0;
  return { kind: empty ? "fresh" : "foreign", version };
}

function checkFormat({ kind, version }: Format, file: string): void {
  if (kind === "foreign") throw foreignFile(file);
  if (version <= FORMAT_VERSION) return;
  throw new MetadataError("WS_FORMAT_NEWER", {
    message: `The metadata store ${file} has format ${version}, and this Warmstart knows formats up to ${FORMAT_VERSION}.`,
    hint: "Use the Warmstart release that wrote it, or a newer one. The file was left as it is.",
    details: { version, known: FORMAT_VERSION },
  });
}

function pragma(db: DatabaseSync, name: string): number {
  const row = db.prepare(`PRAGMA ${name}`).get() as unknown as readonly unknown[] | undefined;
  return Number(row?.[0]);
}

/**
 * Looks at the bytes alone: SQLite must not open a file of something else for writing, not even to close it again, nor
 * one that cannot be written, beside which it would leave files that nobody can write later.
 */
async function isFreshOrOurs(file: string): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r+");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return true;
    throw code === "EACCES" || code === "EPERM" || code === "EROFS"
      ? readOnlyStore(file, error)
      : unreadable(file, error);
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return (
      bytesRead === 0 || (bytesRead === HEADER_BYTES && buffer.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID)
    );
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    await handle.close();
  }
}

/** Asks SQLite too, under its lock: another process may be making this very file at the moment. */
function refuseForeign(Database: typeof DatabaseSync, file: string): void {
  const db = new Database(file, { readOnly: true, timeout: 1_000, returnArrays: true });
  try {
    if (formatOf(db).kind === "foreign") throw foreignFile(file);
  } finally {
    db.close();
  }
}

function foreignFile(file: string): MetadataError {
  return new MetadataError("WS_METADATA_STORE", {
    message: `${file} is not a metadata store of Warmstart.`,
    hint: "It was left as it is. Move it aside, or choose another folder for the repository.",
  });
}

function unreadable(file: string, cause: unknown): MetadataError {
  return new MetadataError("WS_METADATA_STORE", {
    message: `The metadata store ${file} cannot be read.`,
    hint: "It must be a file that this user may read and write.",
    cause,
  });
}
