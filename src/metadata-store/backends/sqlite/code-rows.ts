import type { Digest } from "../../../encoding/digest.ts";
import { digestFromBytes } from "../../../encoding/digest.ts";
import type { CodeRecord } from "../../../model/code-record.ts";
import { damagedStore } from "../../store-error.ts";
import { digestOfCell, keyBytes, numberOf, textOf } from "./row-values.ts";
import type { Row, SqliteConnection } from "./sqlite-connection.ts";

/** All digests of a batch in one parameter: the statement is the same whatever their number. */
export const FIND_CODE_RECORDS = `SELECT code_record.digest, code_record.own, name, file, line, uses, text
  FROM json_each(?) AS asked CROSS JOIN code_record ON code_record.digest = unhex(asked.value)
  LEFT JOIN code_text ON code_text.own = code_record.own`;
const IS_KNOWN = "SELECT 1 FROM code_record WHERE digest = ?";
const INSERT = "INSERT INTO code_record (digest, own, name, file, line, uses) VALUES (?, ?, ?, ?, ?, ?)";
const INSERT_TEXT = "INSERT OR IGNORE INTO code_text (own, text) VALUES (?, ?)";

const DIGEST_BYTES = 32;

/** Records what is not there yet. `known` are digests that this process knows to be in the store; it grows. */
export function insertCodeRecords(db: SqliteConnection, records: readonly CodeRecord[], known: Set<Digest>): void {
  for (const record of records) {
    if (known.has(record.digest)) continue;
    insertCodeRecord(db, record);
    known.add(record.digest);
  }
}

export function findCodeRecords(db: SqliteConnection, digests: readonly Digest[]): readonly (CodeRecord | undefined)[] {
  const found = new Map<string, CodeRecord>();
  for (const row of db.rows(FIND_CODE_RECORDS, JSON.stringify([...new Set(digests)]))) {
    const record = recordOfRow(row);
    found.set(record.digest, record);
  }
  return digests.map((digest) => found.get(digest));
}

function insertCodeRecord(db: SqliteConnection, record: CodeRecord): void {
  const { digest, own, name, file, line, uses, text } = record;
  const bytes = keyBytes(digest);
  const ownBytes = keyBytes(own);
  if (db.row(IS_KNOWN, bytes) !== undefined) return;
  if (text !== undefined) db.change(INSERT_TEXT, ownBytes, text);
  db.change(INSERT, bytes, ownBytes, name, file ?? null, line ?? null, keyBytes(uses.join("")));
}

function recordOfRow([digest, own, name, file, line, uses, text]: Row): CodeRecord {
  return {
    digest: digestOfCell(digest),
    own: digestOfCell(own),
    name: textOf(name),
    ...(file === null ? {} : { file: textOf(file) }),
    ...(line === null ? {} : { line: numberOf(line) }),
    uses: digestsOf(uses),
    ...(text === null ? {} : { text: textOf(text) }),
  };
}

function digestsOf(cell: Row[number] | undefined): readonly Digest[] {
  if (!(cell instanceof Uint8Array) || cell.byteLength % DIGEST_BYTES !== 0)
    throw damagedStore("a record of code does not say what it uses");
  return Array.from({ length: cell.byteLength / DIGEST_BYTES }, (_, index) =>
    digestFromBytes(cell.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)),
  );
}
