import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Compilable } from "kysely";
import { firstTables } from "./migrations/0001-first-tables.ts";
import { codeRecords } from "./migrations/0002-code-records.ts";

/** Migration `n` brings a store from format `n - 1` to format `n`. Entries are only ever added. */
const migrations: readonly ((db: Kysely<unknown>) => readonly Compilable[])[] = [firstTables, codeRecords];

/**
 * The statements that bring a SQLite store from a format to the present one, in order. They are to be run in one
 * exclusive transaction.
 *
 * @example migrationStatements(0) // the statements that make a fresh store
 */
export function migrationStatements(fromVersion: number): readonly string[] {
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (own) => new SqliteIntrospector(own),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return migrations.slice(fromVersion).flatMap((migration) => migration(db).map((part) => part.compile().sql));
}
