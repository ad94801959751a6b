import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { APPLICATION_ID, FORMAT_VERSION } from "../../src/metadata-store/schema/format.ts";
import { answeringDraft, keyFor, runDraft, shownOutputs } from "../../src/testing/metadata-drafts.ts";
import { codeOfFormat2 } from "../fixtures/metadata/code-of-format-2.ts";
import { temporaryFiles } from "./temporary-store.ts";

const run = promisify(execFile);
const temporaryFile = temporaryFiles();

describe("what a metadata store is opened on", () => {
  test("a missing file and an empty one become a store with our mark", async () => {
    const file = await temporaryFile();
    await writeFile(file, "");
    for (const path of [file, `${file}-other`]) {
      await (await openSqliteMetadataStore({ file: path }))[Symbol.asyncDispose]();
      using db = new DatabaseSync(path);
      expect(db.prepare("PRAGMA application_id").get()).toEqual({ application_id: APPLICATION_ID });
      expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: FORMAT_VERSION });
      expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
      expect(db.prepare("SELECT value FROM meta WHERE name = 'repository-id'").get()).toEqual({
        value: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    }
  });

  test("a store of a later format is refused and left as it is", async () => {
    const file = await temporaryFile();
    await (await openSqliteMetadataStore({ file }))[Symbol.asyncDispose]();
    using db = new DatabaseSync(file);
    db.exec("PRAGMA user_version = 999");
    db.close();
    await expectUntouched(file, { code: "WS_FORMAT_NEWER", details: { version: 999, known: FORMAT_VERSION } });
  });

  test("a text, a torn file and a SQLite file of something else are refused and left as they are", async () => {
    const file = await temporaryFile();
    await writeFile(file, "run,auc\n1,0.69\n".repeat(100));
    await expectUntouched(file, { code: "WS_METADATA_STORE" });
    await writeFile(file, "SQLite format 3\0 and no more");
    await expectUntouched(file, { code: "WS_METADATA_STORE" });
    for (const mode of ["DELETE", "WAL"]) {
      const other = await temporaryFile();
      const db = new DatabaseSync(other);
      db.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x')`);
      if (mode === "DELETE") db.close();
      await expectUntouched(other, { code: "WS_METADATA_STORE", hint: expect.stringContaining("left as it is") });
      if (mode === "WAL") db.close();
    }
  });

  test("a file with our mark whose pages are damaged is refused and left as it is", async () => {
    const file = await temporaryFile();
    await (await openSqliteMetadataStore({ file }))[Symbol.asyncDispose]();
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0x7f, 100, 4096));
    await expectUntouched(file, { code: "WS_METADATA_STORE" });
    await writeFile(file, bytes.fill(0x7f, 0, 60));
    await expectUntouched(file, { code: "WS_METADATA_STORE" });
  });

  test("a missing folder and a folder in the file's place are named", async () => {
    const file = await temporaryFile();
    const lost = openSqliteMetadataStore({ file: join(file, "missing", "metadata.sqlite") });
    await expect(lost).rejects.toMatchObject({
      code: "WS_METADATA_STORE",
      message: expect.stringContaining("missing"),
    });
    await mkdir(file);
    await expect(openSqliteMetadataStore({ file })).rejects.toMatchObject({ code: "WS_METADATA_STORE" });
  });

  test("a store whose look-up rows are damaged answers without them", async () => {
    const file = await temporaryFile();
    const store = await openSqliteMetadataStore({ file });
    const { id } = await store.createRun(runDraft());
    const keys = ["a", "b", "c", "d"];
    await store.record(keys.map((key) => answeringDraft(id, { key, value: key })));
    await store[Symbol.asyncDispose]();
    const db = new DatabaseSync(file);
    const damage = (execution: number, body: string): void => {
      db.prepare("UPDATE cache_entry SET body = ? WHERE execution_id = ?").run(body, execution);
    };
    damage(1, "{");
    damage(2, "[]");
    damage(3, `[1,"train",1,2,[["model",3,["structured",1,"ab",1,1,[],[],null,null,null]]],[],[],[],{},null]`);
    db.close();
    await using again = await openSqliteMetadataStore({ file });
    const found = await again.lookup(keys.map(keyFor));
    expect(found.map(({ entries }) => shownOutputs(entries))).toEqual([[], [], [], ["d"]]);
  });

  test.skipIf(process.platform === "win32")("a store that this user may not write is WS_READ_ONLY", async () => {
    const file = await temporaryFile();
    await (await openSqliteMetadataStore({ file }))[Symbol.asyncDispose]();
    const script = join(dirname(fileURLToPath(import.meta.url)), "write-as-guest.ts");
    const outcome = async (): Promise<string> => (await run(process.execPath, [script, file])).stdout;
    await chmod(dirname(file), 0o777);
    await chmod(file, 0o444);
    expect(await outcome()).toBe("WS_READ_ONLY");
    await chmod(file, 0o666);
    await chmod(dirname(file), 0o555);
    expect(await outcome()).toBe("WS_READ_ONLY");
    await chmod(dirname(file), 0o777);
    expect(await outcome()).toBe("written");
  });

  test("opening a store that is there loads neither Kysely nor the migrations", async () => {
    const file = await temporaryFile();
    const script = join(dirname(fileURLToPath(import.meta.url)), "report-loaded-modules.ts");
    const loaded = async (): Promise<string> => (await run(process.execPath, [script, file])).stdout;
    expect(await loaded()).toMatch(/kysely/);
    const second = await loaded();
    expect(second).toContain("sqlite-metadata-store.ts");
    expect(second).not.toMatch(/kysely|migration/);
  });
});

describe("a store of format 1", () => {
  const golden = fileURLToPath(new URL("../fixtures/metadata/v1.sqlite", import.meta.url));

  test("is read as it was written", async () => {
    const file = await temporaryFile();
    await copyFile(golden, file);
    await using store = await openSqliteMetadataStore({ file });
    const { items: runs } = await store.runs();
    const { items: executions } = await store.executions();
    const { items: artifacts } = await store.artifacts();
    const keys = ["train", "strong", "score", "retired", "gone"].map(keyFor);
    expect({
      runs,
      executions,
      artifacts,
      lookups: await store.lookup(keys),
      trees: await Promise.all(keys.map((key) => store.keyTree(key))),
      pipelines: await store.pipelines(),
      code: await store.codeIdentities(),
      steps: await store.stepNames(),
      latest: await store.namedArtifact("late-model"),
      tagged: (await store.artifacts({ tag: "best" })).items.map(({ id }) => id),
      note: await store.annotations({ artifactId: 1 as (typeof artifacts)[number]["id"] }),
    }).toMatchSnapshot();
  });

  test("can be written on", async () => {
    const file = await temporaryFile();
    await copyFile(golden, file);
    await using store = await openSqliteMetadataStore({ file });
    const { id } = await store.createRun(runDraft());
    await store.record([answeringDraft(id, { key: "train", value: "new" })]);
    expect(shownOutputs((await store.lookup([keyFor("train")]))[0]?.entries ?? [])[0]).toBe("new");
  });
});

describe("a store of format 2", () => {
  test("is read as it was written, pieces of code and all", async () => {
    const file = await temporaryFile();
    await copyFile(fileURLToPath(new URL("../fixtures/metadata/v2.sqlite", import.meta.url)), file);
    await using store = await openSqliteMetadataStore({ file });
    expect({
      runs: await store.runs(),
      executions: await store.executions(),
      lookup: await store.lookup([keyFor("train")]),
      tree: await store.keyTree(keyFor("train")),
      code: await store.codeRecords(codeOfFormat2.map(({ digest }) => digest)),
    }).toMatchSnapshot();
    expect(await store.codeRecords(codeOfFormat2.map(({ digest }) => digest))).toEqual(codeOfFormat2);
  });
});

/** Opening is refused, and neither the file nor what lies beside it was changed. */
async function expectUntouched(file: string, error: object): Promise<void> {
  const wal = `${file}-wal`;
  const before = [await readFile(file), await readFile(wal).catch(() => undefined)];
  await expect(openSqliteMetadataStore({ file })).rejects.toMatchObject(error);
  expect([await readFile(file), await readFile(wal).catch(() => undefined)]).toEqual(before);
  const left = (await readdir(dirname(file))).filter((name) => name.endsWith("-journal"));
  expect(left).toEqual([]);
  await rm(`${file}-shm`, { force: true });
}
