import { digestOf } from "../../../encoding/digest.ts";
import type { CacheKey } from "../../../encoding/key-tree.ts";
import type { CacheEntry, ExecutionDraft, RecordedExecution } from "../../../model/execution.ts";
import type { ExecutionId } from "../../../model/ids.ts";
import { pathSetOf } from "../../../model/path-set.ts";
import type { PathSet, ReadQuestion } from "../../../model/reads.ts";
import { MAX_ENTRIES_PER_KEY, MAX_PATH_SETS_PER_KEY } from "../../limits.ts";
import type { KeyLookup } from "../../metadata-store.ts";
import { decodeEntry, encodeEntry } from "./cache-entry-body.ts";
import { keyBytes, numberOf, textOf } from "./row-values.ts";
import type { Row, SqliteConnection } from "./sqlite-connection.ts";

/** One statement per key; a path set has no execution's id, which is how the two kinds of rows are told apart. */
export const LOOKUP: string = `SELECT * FROM (SELECT execution_id, body FROM cache_entry
    WHERE key = ?1 AND blocked = 0 ORDER BY execution_id DESC LIMIT ${MAX_ENTRIES_PER_KEY})
  UNION ALL SELECT * FROM (SELECT NULL, question_list.body FROM path_set
    CROSS JOIN question_list ON question_list.id = path_set.list_id
    WHERE weak_key = ?1 ORDER BY execution_id DESC LIMIT ${MAX_PATH_SETS_PER_KEY})`;
const INSERT_ENTRY = "INSERT INTO cache_entry (key, execution_id, weak_key, blocked, body) VALUES (?, ?, ?, ?, ?)";
const RETIRE_UNDER_KEY = "DELETE FROM cache_entry WHERE key = ? AND weak_key IS NULL";
const RETIRE_UNDER_WEAK_KEY = "DELETE FROM cache_entry WHERE weak_key = ?";
const RETIRE_EXECUTION = `DELETE FROM cache_entry
  WHERE execution_id = ?1 AND key = (SELECT entry_key FROM execution WHERE id = ?1)`;
const FIND_LIST = "SELECT id FROM question_list WHERE digest = ?";
const INSERT_LIST = "INSERT INTO question_list (digest, body) VALUES (?, ?)";
const FORGET_PATH_SET = "DELETE FROM path_set WHERE weak_key = ? AND list_id = ?";
const INSERT_PATH_SET = "INSERT INTO path_set (weak_key, execution_id, list_id) VALUES (?, ?, ?)";
const RETIRE_PATH_SETS = "DELETE FROM path_set WHERE weak_key = ?";
const DROP_OLDEST_PATH_SETS = `DELETE FROM path_set WHERE weak_key = ?1 AND execution_id <= (SELECT execution_id
  FROM path_set WHERE weak_key = ?1 ORDER BY execution_id DESC LIMIT 1 OFFSET ${MAX_PATH_SETS_PER_KEY})`;

export function lookUpKey(db: SqliteConnection, key: CacheKey): KeyLookup {
  const entries: CacheEntry[] = [];
  const pathSets: PathSet[] = [];
  for (const row of db.rows(LOOKUP, keyBytes(key))) {
    if (row[0] === null) addReadable(pathSets, () => pathSetOfText(textOf(row[1])));
    else addReadable(entries, () => entryOfRow(key, row));
  }
  return { entries, pathSets };
}

/** Records what makes an execution answer look-ups; with `retiresOlder`, everything before it under its weak key is gone. */
export function insertEntry(
  db: SqliteConnection,
  id: ExecutionId,
  draft: ExecutionDraft,
  outputs: RecordedExecution["outputs"],
): void {
  const entry = draft.entry;
  if (entry === undefined) return;
  const key = keyBytes(entry.key);
  if (entry.retiresOlder) retireUnder(db, entry.weak === undefined ? key : keyBytes(entry.weak.key));
  const weakKey = entry.weak === undefined || entry.weak.key === entry.key ? null : keyBytes(entry.weak.key);
  const blocked = outputs.filter(({ artifact }) => artifact.state !== "LIVE").length;
  db.change(INSERT_ENTRY, key, id, weakKey, blocked, encodeEntry(draft, entry, outputs));
  if (entry.weak !== undefined) insertPathSet(db, keyBytes(entry.weak.key), id, entry.weak.pathSet);
}

/** Takes an execution's entry out for good; answers whether there was one. */
export function retireExecution(db: SqliteConnection, id: ExecutionId): boolean {
  return db.change(RETIRE_EXECUTION, id) > 0;
}

function retireUnder(db: SqliteConnection, weakKey: Uint8Array): void {
  db.change(RETIRE_UNDER_KEY, weakKey);
  db.change(RETIRE_UNDER_WEAK_KEY, weakKey);
  db.change(RETIRE_PATH_SETS, weakKey);
}

function insertPathSet(db: SqliteConnection, weakKey: Uint8Array, id: ExecutionId, pathSet: PathSet): void {
  const body = JSON.stringify(pathSetOf(pathSet.questions).questions.map(({ kind, name }) => [kind, name]));
  const digest = keyBytes(digestOf(body));
  const known = db.row(FIND_LIST, digest);
  const listId = known === undefined ? db.insert(INSERT_LIST, digest, body) : numberOf(known[0]);
  if (known !== undefined) db.change(FORGET_PATH_SET, weakKey, listId);
  db.change(INSERT_PATH_SET, weakKey, id, listId);
  db.change(DROP_OLDEST_PATH_SETS, weakKey);
}

/** A row that cannot be read back whole is left out: no answer rather than half of one. */
function addReadable<T>(list: T[], read: () => T): void {
  const item = readable(read);
  if (item !== undefined) list.push(item);
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function entryOfRow(key: CacheKey, row: Row): CacheEntry {
  return decodeEntry(key, numberOf(row[0]) as ExecutionId, textOf(row[1]));
}

function pathSetOfText(text: string): PathSet {
  const questions = JSON.parse(text) as readonly (readonly [ReadQuestion["kind"], string])[];
  return { questions: questions.map(([kind, name]) => ({ kind, name })) };
}
