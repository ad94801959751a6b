import { sql } from "kysely";
import type { Compilable, Kysely } from "kysely";

/**
 * Format 2: pieces of code, for explanations, and an index by which the earlier executions of a node are found. Texts lie
 * in a table of their own by what the piece says itself: an edit changes the records of everything above it and one text.
 */
export function codeRecords(db: Kysely<unknown>): readonly Compilable[] {
  return [
    db.schema
      .createTable("code_text")
      .addColumn("own", "blob", (c) => c.primaryKey().notNull())
      .addColumn("text", "text", (c) => c.notNull())
      .modifyEnd(sql`strict`),
    // `uses` is a row of 32-byte digests.
    db.schema
      .createTable("code_record")
      .addColumn("digest", "blob", (c) => c.primaryKey().notNull())
      .addColumn("own", "blob", (c) => c.notNull())
      .addColumn("name", "text", (c) => c.notNull())
      .addColumn("file", "text")
      .addColumn("line", "integer")
      .addColumn("uses", "blob", (c) => c.notNull())
      .modifyEnd(sql`strict, without rowid`),
    db.schema.createIndex("execution_node").on("execution").columns(["step_id", "node_id"]),
  ];
}
