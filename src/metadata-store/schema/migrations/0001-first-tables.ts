import { sql } from "kysely";
import type { Compilable, ColumnDefinitionBuilder, CreateTableBuilder, Kysely } from "kysely";

/** The tables of format 1. Keys and digests are 32-byte blobs, times and durations are milliseconds. */
export function firstTables(db: Kysely<unknown>): readonly Compilable[] {
  return [...tables(db), ...indexes(db)];
}

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const id = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.primaryKey().autoIncrement();

function tables(db: Kysely<unknown>): readonly Compilable[] {
  return [
    table(db, "meta").addColumn("name", "text", primary).addColumn("value", "text", required).modifyEnd(keyed),
    ...runTables(db),
    ...executionTables(db),
    ...artifactTables(db),
    ...keyTables(db),
    ...annotationTables(db),
  ];
}

function runTables(db: Kysely<unknown>): readonly Compilable[] {
  return [
    table(db, "run")
      .addColumn("id", "integer", id)
      .addColumn("pipeline", "text", required)
      .addColumn("state", "integer", required)
      .addColumn("started_at", "real", required)
      .addColumn("body", "text", required)
      .addColumn("ending", "text")
      .modifyEnd(plain),
  ];
}

function executionTables(db: Kysely<unknown>): readonly Compilable[] {
  return [
    table(db, "step")
      .addColumn("id", "integer", id)
      .addColumn("name", "text", (c) => c.notNull().unique())
      .modifyEnd(plain),
    table(db, "code_identity")
      .addColumn("id", "integer", id)
      .addColumn("step_id", "integer", required)
      .addColumn("digest", "blob", required)
      .addColumn("first_used_at", "real", required)
      .addColumn("last_used_at", "real", required)
      .addColumn("executions", "integer", required)
      .modifyEnd(plain),
    table(db, "execution")
      .addColumn("id", "integer", id)
      .addColumn("run_id", "integer", required)
      .addColumn("step_id", "integer", required)
      .addColumn("code_id", "integer")
      .addColumn("state", "integer", required)
      .addColumn("attempts", "integer", required)
      .addColumn("origin_id", "integer")
      .addColumn("started_at", "real", required)
      .addColumn("ended_at", "real", required)
      .addColumn("duration_ms", "real", required)
      .addColumn("saved_ms", "real", required)
      .addColumn("key", "blob")
      .addColumn("entry_key", "blob")
      .addColumn("node_id", "text", required)
      .addColumn("body", "text", required)
      .modifyEnd(plain),
    table(db, "event")
      .addColumn("artifact_id", "integer", required)
      .addColumn("kind", "integer", required)
      .addColumn("execution_id", "integer", required)
      .addPrimaryKeyConstraint("event_key", named("artifact_id", "kind", "execution_id"))
      .modifyEnd(keyed),
  ];
}

function artifactTables(db: Kysely<unknown>): readonly Compilable[] {
  return [
    table(db, "artifact")
      .addColumn("id", "integer", id)
      .addColumn("state", "integer", required)
      .addColumn("type_id", "text", required)
      .addColumn("type_version", "integer", required)
      .addColumn("digest", "blob", required)
      .addColumn("name", "text")
      .addColumn("version", "integer")
      .addColumn("created_at", "real", required)
      .addColumn("body", "text", required)
      .modifyEnd(plain),
    table(db, "artifact_step")
      .addColumn("step_id", "integer", required)
      .addColumn("artifact_id", "integer", required)
      .addPrimaryKeyConstraint("artifact_step_key", named("step_id", "artifact_id"))
      .modifyEnd(keyed),
  ];
}

function keyTables(db: Kysely<unknown>): readonly Compilable[] {
  return [
    table(db, "key_tree").addColumn("key", "blob", primary).addColumn("tree", "text", required).modifyEnd(keyed),
    // `blocked` counts the outputs whose artifact is not LIVE; `weak_key` is set where it differs from `key`.
    table(db, "cache_entry")
      .addColumn("key", "blob", required)
      .addColumn("execution_id", "integer", required)
      .addColumn("weak_key", "blob")
      .addColumn("blocked", "integer", required)
      .addColumn("body", "text", required)
      .addPrimaryKeyConstraint("cache_entry_key", named("key", "execution_id"))
      .modifyEnd(keyed),
    table(db, "question_list")
      .addColumn("id", "integer", id)
      .addColumn("digest", "blob", (c) => c.notNull().unique())
      .addColumn("body", "text", required)
      .modifyEnd(plain),
    table(db, "path_set")
      .addColumn("weak_key", "blob", required)
      .addColumn("execution_id", "integer", required)
      .addColumn("list_id", "integer", required)
      .addPrimaryKeyConstraint("path_set_key", named("weak_key", "execution_id"))
      .modifyEnd(keyed),
  ];
}

function annotationTables(db: Kysely<unknown>): readonly Compilable[] {
  return [
    table(db, "annotation")
      .addColumn("target_kind", "integer", required)
      .addColumn("target_id", "integer", required)
      .addColumn("body", "text", required)
      .addPrimaryKeyConstraint("annotation_key", named("target_kind", "target_id"))
      .modifyEnd(keyed),
    // What `annotation` holds, turned round so that a tag finds its targets.
    table(db, "tag")
      .addColumn("target_kind", "integer", required)
      .addColumn("tag", "text", required)
      .addColumn("target_id", "integer", required)
      .addPrimaryKeyConstraint("tag_key", named("target_kind", "tag", "target_id"))
      .modifyEnd(keyed),
  ];
}

function indexes(db: Kysely<unknown>): readonly Compilable[] {
  const index = (name: string, on: string, columns: readonly string[]) =>
    db.schema
      .createIndex(name)
      .on(on)
      .columns([...columns]);
  return [
    index("run_pipeline", "run", ["pipeline"]),
    index("run_state", "run", ["state"]),
    index("run_started", "run", ["started_at"]),
    index("execution_run", "execution", ["run_id"]),
    index("execution_step", "execution", ["step_id"]),
    index("execution_state", "execution", ["state"]),
    index("execution_started", "execution", ["started_at"]),
    index("execution_complete", "execution", ["step_id"]).where(sql<boolean>`state = 3`),
    index("code_identity_use", "code_identity", ["step_id", "digest"]).unique(),
    db.schema
      .createIndex("artifact_content")
      .on("artifact")
      .unique()
      .expression(sql`digest, type_id, type_version, coalesce(name, '')`),
    index("artifact_version", "artifact", ["name", "version"]).unique().where(sql<boolean>`name is not null`),
    index("artifact_type", "artifact", ["type_id"]),
    index("artifact_state", "artifact", ["state"]),
    index("artifact_created", "artifact", ["created_at"]),
    index("cache_entry_weak", "cache_entry", ["weak_key"]).where(sql<boolean>`weak_key is not null`),
  ];
}

const plain = sql`strict`;
const keyed = sql`strict, without rowid`;

function primary(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.primaryKey().notNull();
}

function table(db: Kysely<unknown>, name: string): CreateTableBuilder<string, never> {
  return db.schema.createTable(name);
}

/** Kysely asks for the columns of a key as literals of the table's own type, which the wide type above does not know. */
function named(...columns: readonly string[]): never[] {
  return columns as readonly string[] as never[];
}
