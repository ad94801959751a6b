import assert from "node:assert/strict";
import { digestOf } from "../encoding/digest.ts";
import type { ArtifactId, ExecutionId, RunId } from "../model/ids.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import {
  answeringDraft,
  cachedDraft,
  entryDraft,
  keyFor,
  pathSet,
  runDraft,
  shownOutputs,
  storedValue,
} from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";

/** What `lookup` answers, and what it must never answer. */
export function lookupTests(test: StoreTest): void {
  answerTests(test);
  stateTests(test);
  retireTests(test);
}

function answerTests(test: StoreTest): void {
  test("an entry carries all that a warm start needs", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const entry = {
      reads: [{ kind: "file" as const, name: "project:data/x.csv", digest: digestOf("x") }],
      effects: [
        { path: "project:out.csv", state: { kind: "file" as const, digest: digestOf("out") } },
        { path: "project:old.csv", state: { kind: "removed" as const } },
      ],
      unseen: [{ kind: "native" as const, name: "duckdb" }],
    };
    const draft = answeringDraft(
      runId,
      { key: "a", value: "model 1", entry },
      { log: digestOf("log"), metrics: { auc: 0.7 } },
    );
    const [recorded] = await store.record([draft]);
    assert.ok(recorded);
    const [found] = await store.lookup([keyFor("a")]);
    assert.deepEqual(found?.entries, [
      {
        executionId: recorded.id,
        runId,
        step: "train",
        key: keyFor("a"),
        computedAt: draft.endedAt,
        durationMs: draft.durationMs,
        ...entry,
        outputs: recorded.outputs,
        metrics: { auc: 0.7 },
        log: digestOf("log"),
      },
    ]);
  });

  test("one answer per key in the order of the keys; an unknown key has two empty lists", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    await store.record([
      answeringDraft(runId, { key: "a", value: "1" }),
      answeringDraft(runId, { key: "b", value: "2" }),
    ]);
    const found = await store.lookup([keyFor("b"), keyFor("unknown"), keyFor("a"), keyFor("b")]);
    assert.deepEqual(
      found.map(({ entries }) => shownOutputs(entries)),
      [["2"], [], ["1"], ["2"]],
    );
    assert.deepEqual(found[1], { entries: [], pathSets: [] });
    assert.deepEqual(await store.lookup([]), []);
  });

  test("entries come newest first, at most 50", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const drafts = Array.from({ length: 60 }, (_, n) => answeringDraft(runId, { key: "a", value: `v${n}` }));
    await store.record(drafts);
    const [found] = await store.lookup([keyFor("a")]);
    assert.deepEqual(
      shownOutputs(found?.entries ?? []),
      Array.from({ length: 50 }, (_, n) => `v${59 - n}`),
    );
  });

  test("a reuse and a failure answer nothing", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const [first] = await store.record([answeringDraft(runId, { key: "a", value: "1" })]);
    const artifactId = first?.outputs[0]?.artifact.id as ArtifactId;
    await store.record([
      cachedDraft(runId, artifactId, { key: keyFor("a") }),
      cachedDraft(runId, artifactId, { key: keyFor("b") }),
    ]);
    const found = await store.lookup([keyFor("a"), keyFor("b")]);
    assert.deepEqual(
      found.map(({ entries }) => entries.map(({ executionId }) => executionId)),
      [[first?.id], []],
    );
  });

  test("what was read is asked under the weak key, and the entry is found under the strong key alone", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    await recordRead(store, runId, { weak: "w", strong: "s1", names: ["a.csv"], value: "1" });
    const [weak, strong] = await store.lookup([keyFor("w"), keyFor("s1")]);
    assert.deepEqual(weak, { entries: [], pathSets: [pathSet("a.csv")] });
    assert.deepEqual(shownOutputs(strong?.entries ?? []), ["1"]);
    assert.deepEqual(strong?.pathSets, []);
  });

  test("path sets come most recently recorded first, without repeats", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const ask = async (strong: string, ...names: readonly string[]): Promise<void> =>
      recordRead(store, runId, { weak: "w", strong, names, value: strong });
    await ask("s1", "a");
    await ask("s2", "b", "c");
    await ask("s3", "a");
    await recordRead(store, runId, { weak: "other", strong: "s4", names: ["a"], value: "4" });
    assert.deepEqual((await store.lookup([keyFor("w")]))[0]?.pathSets, [pathSet("a"), pathSet("b", "c")]);
  });

  test("the same questions in another order, or asked twice, are one path set", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    await recordRead(store, runId, { weak: "w", strong: "s1", names: ["a", "b"], value: "1" });
    await recordRead(store, runId, { weak: "w", strong: "s2", names: ["b", "a", "b"], value: "2" });
    assert.deepEqual((await store.lookup([keyFor("w")]))[0]?.pathSets, [pathSet("a", "b")]);
  });

  test("under a weak key the 32 most recently recorded path sets are kept, and the entries stay", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const ask = async (n: number): Promise<void> =>
      recordRead(store, runId, { weak: "w", strong: `s${n}`, names: [`file ${n}`], value: String(n) });
    const kept = async (): Promise<readonly unknown[]> =>
      (await store.lookup([keyFor("w")]))[0]?.pathSets.map(({ questions }) => questions[0]?.name) ?? [];
    await recordRead(store, runId, { weak: "other", strong: "s", names: ["file 0"], value: "other" });
    for (let n = 0; n < 32; n++) await ask(n);
    await ask(0);
    const newestFirst = [0, ...Array.from({ length: 31 }, (_, index) => 31 - index)];
    assert.deepEqual(
      await kept(),
      newestFirst.map((n) => `file ${n}`),
    );
    await ask(32);
    assert.deepEqual(
      await kept(),
      [32, ...newestFirst.slice(0, -1)].map((n) => `file ${n}`),
    );
    const [dropped, other] = await store.lookup([keyFor("s1"), keyFor("other")]);
    assert.deepEqual([shownOutputs(dropped?.entries ?? []), other?.pathSets], [["1"], [pathSet("file 0")]]);
    await ask(1);
    assert.deepEqual((await kept()).slice(0, 2), ["file 1", "file 32"]);
  });

  test("what retires everything older retires the path sets that led there, of its weak key alone", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    for (const weak of ["w", "other"])
      await recordRead(store, runId, { weak, strong: `${weak} 1`, names: ["a"], value: "1" });
    await recordRead(store, runId, { weak: "w", strong: "w 2", names: ["b"], value: "2", retiresOlder: true });
    const found = await store.lookup([keyFor("w"), keyFor("other")]);
    assert.deepEqual(
      found.map(({ pathSets }) => pathSets),
      [[pathSet("b")], [pathSet("a")]],
    );
  });
}

function stateTests(test: StoreTest): void {
  for (const state of ["MARKED_FOR_DELETION", "DELETED", "PENDING"] as const) {
    test(`an entry with an artifact that is ${state} is not offered, and the older one is`, async (store) => {
      const { id: runId } = await store.createRun(runDraft());
      const outputs = [
        { name: "model", stored: storedValue("new") },
        { name: "report", stored: storedValue("report") },
      ];
      const [, newer] = await store.record([
        answeringDraft(runId, { key: "a", value: "old" }),
        answeringDraft(runId, { key: "a", value: "new" }, { outputs }),
        answeringDraft(runId, { key: "b", value: "report" }),
      ]);
      const report = newer?.outputs[1]?.artifact.id as ArtifactId;
      await store.setArtifactState([report], state);
      const gone = await store.lookup([keyFor("a"), keyFor("b")]);
      assert.deepEqual(
        gone.map(({ entries }) => shownOutputs(entries)),
        [["old"], []],
      );
      await store.setArtifactState([report], "LIVE");
      const back = await store.lookup([keyFor("a"), keyFor("b")]);
      assert.deepEqual(
        back.map(({ entries }) => shownOutputs(entries)),
        [["new", "old"], ["report"]],
      );
    });
  }

  test("an entry is offered again only when all its artifacts are LIVE again", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const outputs = ["x", "y", "x2"].map((name) => ({ name, stored: storedValue(name.slice(0, 1)) }));
    const [recorded] = await store.record([answeringDraft(runId, { key: "a", value: "" }, { outputs })]);
    const [x, y] = (recorded?.outputs ?? []).map(({ artifact }) => artifact.id) as [ArtifactId, ArtifactId];
    const offered = async (): Promise<number> => (await store.lookup([keyFor("a")]))[0]?.entries.length ?? 0;
    await store.setArtifactState([x, y], "DELETED");
    await store.setArtifactState([x], "LIVE");
    assert.equal(await offered(), 0);
    await store.record([answeringDraft(runId, { key: "b", value: "y" })]);
    assert.equal(await offered(), 1);
  });
}

function retireTests(test: StoreTest): void {
  test("a retired entry is gone for good; retiring again counts nothing", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const recorded = await store.record([
      answeringDraft(runId, { key: "a", value: "1" }),
      answeringDraft(runId, { key: "a", value: "2" }),
      answeringDraft(runId, { key: "b", value: "3" }),
    ]);
    const ids = recorded.map(({ id }) => id) as [ExecutionId, ExecutionId, ExecutionId];
    assert.equal(await store.retire([ids[1], ids[2], ids[1], 1_000_000 as ExecutionId]), 2);
    assert.equal(await store.retire([ids[1]]), 0);
    const found = await store.lookup([keyFor("a"), keyFor("b")]);
    assert.deepEqual(
      found.map(({ entries }) => shownOutputs(entries)),
      [["1"], []],
    );
    await store.record([answeringDraft(runId, { key: "c", value: "2" })]);
    assert.deepEqual(shownOutputs((await store.lookup([keyFor("a")]))[0]?.entries ?? []), ["1"]);
    assert.equal((await store.execution(ids[1]))?.state, "COMPLETE");
  });

  test("a refresh retires what was found under its key, earlier in the batch too", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    await store.record([
      answeringDraft(runId, { key: "a", value: "1" }),
      answeringDraft(runId, { key: "b", value: "kept" }),
    ]);
    await store.record([
      answeringDraft(runId, { key: "a", value: "2" }),
      answeringDraft(runId, { key: "a", value: "3", entry: { retiresOlder: true } }),
      answeringDraft(runId, { key: "a", value: "4" }),
    ]);
    const found = await store.lookup([keyFor("a"), keyFor("b")]);
    assert.deepEqual(
      found.map(({ entries }) => shownOutputs(entries)),
      [["4", "3"], ["kept"]],
    );
  });

  test("a refresh retires every entry under its weak key, whatever was read", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    await store.record([answeringDraft(runId, { key: "w", value: "read nothing" })]);
    await recordRead(store, runId, { weak: "w", strong: "s1", names: ["a"], value: "1" });
    await recordRead(store, runId, { weak: "w", strong: "s2", names: ["b"], value: "2" });
    await recordRead(store, runId, { weak: "other", strong: "s1", names: ["a"], value: "other" });
    await recordRead(store, runId, { weak: "w", strong: "s3", names: ["a"], value: "3", retiresOlder: true });
    const found = await store.lookup(["w", "s1", "s2", "s3"].map(keyFor));
    assert.deepEqual(
      found.map(({ entries }) => shownOutputs(entries)),
      [[], ["other"], [], ["3"]],
    );
    await store.record([answeringDraft(runId, { key: "w", value: "5", entry: { retiresOlder: true } })]);
    const after = await store.lookup(["w", "s1", "s3"].map(keyFor));
    assert.deepEqual(
      after.map(({ entries }) => shownOutputs(entries)),
      [["5"], ["other"], []],
    );
  });

  test("a refresh leaves an entry that has its weak key as a strong key", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    await recordRead(store, runId, { weak: "w", strong: "k", names: ["a"], value: "1" });
    await store.record([answeringDraft(runId, { key: "k", value: "2", entry: { retiresOlder: true } })]);
    assert.deepEqual(shownOutputs((await store.lookup([keyFor("k")]))[0]?.entries ?? []), ["2", "1"]);
  });
}

interface Reading {
  readonly weak: string;
  readonly strong: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly retiresOlder?: boolean;
}

/** Records an execution that read files. */
async function recordRead(
  store: MetadataStore,
  runId: RunId,
  { weak, strong, names, value, retiresOlder }: Reading,
): Promise<void> {
  const reads = names.map((name) => ({ kind: "file" as const, name, digest: digestOf(name) }));
  const weakPart = { key: keyFor(weak), pathSet: pathSet(...names) };
  const entry = entryDraft(keyFor(strong), { weak: weakPart, reads, retiresOlder: retiresOlder ?? false });
  await store.record([answeringDraft(runId, { key: weak, value }, { entry })]);
}
