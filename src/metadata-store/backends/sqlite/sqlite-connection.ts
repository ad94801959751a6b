import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../util/clock.ts";
import type { CallOptions } from "../../metadata-store.ts";
import { closedStore } from "../../store-error.ts";
import { busyStore, isBusy, metadataFailure } from "./sqlite-failure.ts";

/** One row as an array of its columns. */
export type Row = readonly SQLOutputValue[];

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/**
 * One SQLite file: statements prepared once, and transactions that wait for other processes without blocking the loop.
 *
 * A transaction's body is synchronous, so nothing else of this process comes between its statements.
 */
export class SqliteConnection {
  readonly file: string;
  readonly #db: DatabaseSync;
  readonly #waitMs: number;
  readonly #statements = new Map<string, StatementSync>();
  #closed = false;

  constructor(init: { readonly db: DatabaseSync; readonly file: string; readonly waitMs: number }) {
    this.#db = init.db;
    this.file = init.file;
    this.#waitMs = init.waitMs;
  }

  row(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as unknown as Row | undefined;
  }

  rows(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#statement(sql).all(...values) as unknown as readonly Row[];
  }

  /** Runs a statement that writes; answers how many rows it changed. */
  change(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Runs an INSERT into a table with a rowid; answers the new id. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }

  /** Runs a body that sees one state of the store. */
  read<T>(options: CallOptions | undefined, body: () => T): Promise<T> {
    return this.attempt(options, () => this.#transaction("BEGIN", body));
  }

  /** Runs a body that writes; what it did is kept whole when it returns, and not at all when it throws. */
  write<T>(options: CallOptions | undefined, body: () => T): Promise<T> {
    return this.attempt(options, () => this.#transaction("BEGIN IMMEDIATE", body));
  }

  /** Tries until it is not refused as busy, with pauses that grow, at most the configured time. */
  async attempt<T>(options: CallOptions | undefined, body: () => T): Promise<T> {
    const start = systemClock.monotonic();
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      options?.signal?.throwIfAborted();
      if (this.#closed) throw closedStore();
      try {
        return body();
      } catch (error) {
        if (!isBusy(error)) throw metadataFailure(error, this.file);
        const waited = systemClock.monotonic() - start;
        if (waited >= this.#waitMs) throw busyStore(this.file, waited, error);
        await pauseFor(Math.min(pause, this.#waitMs - waited), options?.signal);
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#db.close();
  }

  #transaction<T>(begin: "BEGIN" | "BEGIN IMMEDIATE", body: () => T): T {
    this.#statement(begin).run();
    try {
      const result = body();
      this.#statement("COMMIT").run();
      return result;
    } catch (error) {
      // A full disk or a failed write has already rolled the transaction back.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#db.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/** Half of the pause is left to chance, so that processes that wait for each other do not stay in step. */
async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const pause = delay(ms * (0.5 + Math.random() / 2), undefined, signal === undefined ? {} : { signal });
  await pause.catch((error: unknown) => {
    throw signal?.aborted === true ? signal.reason : error;
  });
}
