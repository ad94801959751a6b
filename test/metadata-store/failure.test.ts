import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { MetadataError } from "../../src/errors.ts";
import { isBusy, metadataFailure } from "../../src/metadata-store/backends/sqlite/sqlite-failure.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();

describe("SQLite's own errors", () => {
  test("a full disk is WS_NO_SPACE", async () => {
    using db = new DatabaseSync(await temporaryFile());
    db.exec("CREATE TABLE t (a); PRAGMA max_page_count = 4");
    const error = failureOf(() => {
      for (;;) db.exec("INSERT INTO t VALUES (zeroblob(5000))");
    });
    expect(metadataFailure(error, "the.file")).toMatchObject({ code: "WS_NO_SPACE" });
  });

  test("a store that cannot be written is WS_READ_ONLY", async () => {
    const file = await temporaryFile();
    using writable = new DatabaseSync(file);
    writable.exec("CREATE TABLE t (a)");
    using db = new DatabaseSync(file, { readOnly: true });
    const error = failureOf(() => db.exec("INSERT INTO t VALUES (1)"));
    expect(metadataFailure(error, "the.file")).toMatchObject({ code: "WS_READ_ONLY" });
  });

  test("a lock of another connection is busy, and anything else is not", async () => {
    const file = await temporaryFile();
    using holder = new DatabaseSync(file);
    using other = new DatabaseSync(file);
    holder.exec("CREATE TABLE t (a); BEGIN EXCLUSIVE");
    expect(isBusy(failureOf(() => other.exec("BEGIN IMMEDIATE")))).toBe(true);
    expect(isBusy(failureOf(() => holder.exec("SELECT * FROM nothing")))).toBe(false);
    expect(isBusy(new Error("database is locked"))).toBe(false);
  });

  test("any other error of SQLite names the file; errors of ours and of others stay as they are", () => {
    using db = new DatabaseSync(":memory:");
    const error = failureOf(() => db.exec("SELECT * FROM missing"));
    const failure = metadataFailure(error, "the.file") as MetadataError;
    expect(failure).toBeInstanceOf(MetadataError);
    expect(failure).toMatchObject({ code: "WS_METADATA_STORE", cause: error });
    expect(failure.message).toBe("The metadata store the.file failed: no such table: missing.");
    expect(metadataFailure(failure, "the.file")).toBe(failure);
    const bug = new TypeError("x");
    expect(metadataFailure(bug, "the.file")).toBe(bug);
  });
});

function failureOf(body: () => void): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
