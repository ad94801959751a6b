import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { runDraft } from "../../src/testing/metadata-drafts.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();

/** A store whose file another connection is writing. */
async function lockedStore(busyTimeoutMs: number) {
  const file = await temporaryFile();
  const store = await openSqliteMetadataStore({ file, busyTimeoutMs });
  const holder = new DatabaseSync(file);
  holder.exec("BEGIN IMMEDIATE");
  return { store, holder, file };
}

describe("a store that another process is writing", () => {
  test("is waited for without blocking the loop, and then written", async () => {
    const { store, holder } = await lockedStore(10_000);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const created = store.createRun(runDraft());
    await delay(250);
    holder.exec("COMMIT");
    expect((await created).id).toBe(1);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    holder.close();
    await store[Symbol.asyncDispose]();
  });

  test("is given up after the configured time", async () => {
    const { store, holder, file } = await lockedStore(150);
    await expect(store.createRun(runDraft())).rejects.toMatchObject({
      code: "WS_METADATA_BUSY",
      message: expect.stringContaining(file),
      details: { waitedMs: expect.any(Number) },
    });
    holder.exec("COMMIT");
    expect((await store.createRun(runDraft())).id).toBe(1);
    holder.close();
    await store[Symbol.asyncDispose]();
  });

  test("is not waited for any longer when the signal aborts", async () => {
    const { store, holder } = await lockedStore(60_000);
    const controller = new AbortController();
    const reason = new Error("the user pressed Ctrl-C");
    const created = store.createRun(runDraft(), { signal: controller.signal });
    const refused = expect(created).rejects.toBe(reason);
    await delay(60);
    controller.abort(reason);
    await refused;
    holder.exec("COMMIT");
    expect((await store.runs()).items).toEqual([]);
    holder.close();
    await store[Symbol.asyncDispose]();
  });

  test("is not waited for any longer when it is closed", async () => {
    const { store, holder } = await lockedStore(60_000);
    const refused = expect(store.createRun(runDraft())).rejects.toMatchObject({ code: "WS_METADATA_STORE" });
    await delay(60);
    await store[Symbol.asyncDispose]();
    await refused;
    holder.close();
  });

  test("can be read meanwhile", async () => {
    const { store, holder } = await lockedStore(60_000);
    expect((await store.runs()).items).toEqual([]);
    expect(await store.lookup([])).toEqual([]);
    holder.close();
    await store[Symbol.asyncDispose]();
  });
});
