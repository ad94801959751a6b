import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { canonicalDigest } from "../../../src/encoding/canonical.ts";
import { digestOf, digestToBytes } from "../../../src/encoding/digest.ts";
import { configuration } from "../../pipelines/configuration.ts";

const TABLES = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE execution (id INTEGER PRIMARY KEY, run_id INTEGER, step_id INTEGER, state INTEGER, key BLOB,
    started_at REAL, saved_ms REAL, node_id TEXT) STRICT;
  CREATE INDEX execution_run ON execution (run_id);
  CREATE INDEX execution_step ON execution (step_id);
  CREATE TABLE event (artifact_id INTEGER, kind INTEGER, execution_id INTEGER,
    PRIMARY KEY (artifact_id, kind, execution_id)) STRICT, WITHOUT ROWID;
  CREATE INDEX event_execution ON event (execution_id);
  CREATE TABLE artifact (id INTEGER PRIMARY KEY, digest BLOB UNIQUE, body TEXT) STRICT;
  CREATE TABLE property (execution_id INTEGER, name TEXT, value TEXT, PRIMARY KEY (execution_id, name)) STRICT, WITHOUT ROWID;
  CREATE TABLE entry (key BLOB PRIMARY KEY, execution_id INTEGER) STRICT, WITHOUT ROWID;`;

const INPUTS = [digestOf("train"), digestOf("test")];
const PROPERTIES = ["reason", "origin", "inputs", "code"];

/**
 * The least that a warm step can cost on `node:sqlite`: canonicalise and hash its configuration, find the key, load the
 * outputs, record the hit as 8 rows of 4 tables. No graph, no policy, no checks.
 */
export class SqliteFloor implements Disposable {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #outputs: StatementSync;
  readonly #execution: StatementSync;
  readonly #event: StatementSync;
  readonly #property: StatementSync;
  readonly #count: number;
  #runs = 0;

  constructor(file: string, count: number) {
    this.#count = count;
    this.#db = new DatabaseSync(file);
    this.#db.exec(TABLES);
    this.#find = this.#db.prepare("SELECT execution_id FROM entry WHERE key = ?");
    this.#outputs = this.#db.prepare(
      "SELECT a.id, a.digest, a.body FROM event e JOIN artifact a ON a.id = e.artifact_id WHERE e.execution_id = ? AND e.kind = 2",
    );
    this.#execution = this.#db.prepare(
      "INSERT INTO execution (run_id, step_id, state, key, started_at, saved_ms, node_id) VALUES (?, 1, 5, ?, ?, 12.5, ?)",
    );
    this.#event = this.#db.prepare("INSERT INTO event VALUES (?, ?, ?)");
    this.#property = this.#db.prepare("INSERT INTO property VALUES (?, ?, ?)");
    this.#seed();
  }

  /** One warm run; every step in a transaction of its own, or all in one. */
  run(commitEach: boolean): void {
    this.#runs++;
    if (!commitEach) this.#db.exec("BEGIN IMMEDIATE");
    for (let seed = 0; seed < this.#count; seed++) this.#step(seed, commitEach);
    if (!commitEach) this.#db.exec("COMMIT");
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #step(seed: number, commitEach: boolean): void {
    const key = keyOf(seed);
    const found = this.#find.get(key);
    const [output] = this.#outputs.all(found?.["execution_id"] ?? null);
    if (commitEach) this.#db.exec("BEGIN IMMEDIATE");
    this.#record(seed, key, Number(output?.["id"]));
    if (commitEach) this.#db.exec("COMMIT");
  }

  #record(seed: number, key: Uint8Array, output: number): number {
    const id = Number(this.#execution.run(this.#runs, key, seed, `fit-${seed}`).lastInsertRowid);
    this.#event.run(1, 1, id);
    this.#event.run(2, 1, id);
    this.#event.run(output, 2, id);
    for (const name of PROPERTIES) this.#property.run(id, name, "a short text");
    return id;
  }

  #seed(): void {
    const artifact = this.#db.prepare("INSERT INTO artifact (digest, body) VALUES (?, ?)");
    const entry = this.#db.prepare("INSERT INTO entry VALUES (?, ?)");
    this.#db.exec("BEGIN IMMEDIATE");
    for (const digest of INPUTS) artifact.run(digestToBytes(digest), "{}");
    for (let seed = 0; seed < this.#count; seed++) {
      const body = `{"type":"structured","size":120,"shown":"{ score: ${seed} }"}`;
      const output = Number(artifact.run(digestToBytes(digestOf(String(seed))), body).lastInsertRowid);
      const key = keyOf(seed);
      entry.run(key, this.#record(seed, key, output));
    }
    this.#db.exec("COMMIT");
  }
}

function keyOf(seed: number): Uint8Array {
  return digestToBytes(canonicalDigest({ settings: configuration(seed), inputs: INPUTS }));
}
