import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import type { ExecutionId } from "../../src/model/ids.ts";
import { keyFor } from "../../src/testing/metadata-drafts.ts";
import type { ChildReply, ChildRequest } from "./store-child.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describe("two processes on one file", () => {
  test("record 500 batches each at the same time: all are there, none is lost", { timeout: 120_000 }, async () => {
    const file = await temporaryFile();
    const batches = 500;
    const replies = await Promise.all(
      ["left", "right"].map((label) => ask(startChild(), { kind: "record", file, label, batches })),
    );
    expect(replies).toMatchObject([{ kind: "done" }, { kind: "done" }]);
    const ids = idsOf(replies);
    expect(new Set(ids).size).toBe(2 * 2 * batches);
    await using store = await openSqliteMetadataStore({ file });
    const found = await Promise.all(ids.map((id) => store.execution(id as ExecutionId)));
    expect(found.every((execution) => execution !== undefined)).toBe(true);
    const keys = ["left", "right"].flatMap((label) =>
      Array.from({ length: batches }, (_, n) => keyFor(`${label} ${n}`)),
    );
    expect((await store.lookup(keys)).map(({ entries }) => entries.length)).toEqual(keys.map(() => 1));
    expect((await store.codeIdentities())[0]?.executions).toBe(2 * 2 * batches);
    const shared = (await store.lookup([keyFor("shared")]))[0]?.entries.map(({ outputs }) => outputs[0]?.artifact.id);
    expect(new Set(shared).size).toBe(1);
    expectSound(file);
  });

  test("open a fresh path at the same moment: one makes it, both work", { timeout: 120_000 }, async () => {
    const pair = [startChild(), startChild()];
    for (let round = 0; round < 20; round++) {
      const file = await temporaryFile();
      const replies = await Promise.all(pair.map((child) => ask(child, { kind: "open", file })));
      expect(replies).toMatchObject([{ kind: "done" }, { kind: "done" }]);
      expect(new Set(idsOf(replies))).toEqual(new Set([1, 2]));
      expectSound(file);
    }
  });
});

test("a batch of a process that is killed is whole or absent, and what was answered is there", {
  timeout: 120_000,
}, async () => {
  const size = 300;
  for (let round = 0; round < 8; round++) {
    const file = await temporaryFile();
    const child = startChild();
    let answered = -1;
    child.on("message", (reply: ChildReply) => {
      if (reply.kind === "recorded") answered = reply.batch;
    });
    child.send({ kind: "record-until-killed", file, size } satisfies ChildRequest);
    await once(child, "message");
    await delay(5 + round * 7);
    child.kill("SIGKILL");
    await once(child, "exit");
    await using store = await openSqliteMetadataStore({ file });
    const counts = countsByNode(file);
    expect([...counts.values()].every((count) => count === size)).toBe(true);
    expect(counts.size).toBeGreaterThan(answered);
    expect(counts.size).toBeLessThanOrEqual(answered + 2);
    const keys = Array.from({ length: answered + 2 }, (_, n) => keyFor(`batch ${n}`));
    const offered = (await store.lookup(keys)).map(({ entries }) => entries.length);
    expect(offered).toEqual(keys.map((_, n) => (n < counts.size ? 1 : 0)));
    expectSound(file);
  }
});

function startChild(): ChildProcess {
  const child = fork(fileURLToPath(new URL("store-child.ts", import.meta.url)), { execArgv: [] });
  children.push(child);
  return child;
}

async function ask(child: ChildProcess, request: ChildRequest): Promise<ChildReply> {
  child.send(request);
  const [reply] = (await once(child, "message")) as [ChildReply];
  return reply;
}

function idsOf(replies: readonly ChildReply[]): readonly number[] {
  return replies.flatMap((reply) => (reply.kind === "done" ? reply.ids : []));
}

function countsByNode(file: string): ReadonlyMap<string, number> {
  using db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare("SELECT node_id, count(*) AS n FROM execution GROUP BY node_id").all();
  return new Map(rows.map((row) => [String(row["node_id"]), Number(row["n"])]));
}

function expectSound(file: string): void {
  using db = new DatabaseSync(file, { readOnly: true });
  expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
}
