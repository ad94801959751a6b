import assert from "node:assert/strict";
import { digestOf } from "../encoding/digest.ts";
import type { CacheKey } from "../encoding/key-tree.ts";
import type { ExecutionDraft } from "../model/execution.ts";
import type { ArtifactId, RunId } from "../model/ids.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import {
  answeringDraft,
  cachedDraft,
  entryDraft,
  executionDraft,
  keyFor,
  runDraft,
  storedValue,
  treeFor,
} from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";

/** What `record` keeps, and that it keeps all of a batch or nothing. */
export function recordTests(test: StoreTest): void {
  contentTests(test);
  manyInputsTest(test);
  identityTests(test);
  atomicityTests(test);
}

function contentTests(test: StoreTest): void {
  test("an execution is read back as it was recorded", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const [source] = await store.record([answeringDraft(runId, { key: "a", value: "rows" })]);
    assert.ok(source?.outputs[0]);
    const rows = source.outputs[0].artifact;
    const full = fullDraft(runId, rows.id);
    const [recorded] = await store.record([full]);
    assert.ok(recorded);
    const { outputs: _, entry: __, tree: ___, ...rest } = full;
    assert.deepEqual(await store.execution(recorded.id), { ...rest, id: recorded.id, outputs: recorded.outputs });
    assert.deepEqual(
      recorded.outputs.map(({ name }) => name),
      ["same", "model"],
    );
    assert.deepEqual(recorded.outputs[0]?.artifact, rows);
    assert.equal(await store.execution((recorded.id + 1) as typeof recorded.id), undefined);
  });

  test("metrics that are no finite numbers are kept", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const metrics = {
      diverged: Number.NaN,
      up: Number.POSITIVE_INFINITY,
      down: Number.NEGATIVE_INFINITY,
      zero: -0,
      auc: 0.69,
    };
    const [recorded] = await store.record([answeringDraft(runId, { key: "a", value: "m" }, { metrics })]);
    assert.ok(recorded);
    assert.deepEqual((await store.execution(recorded.id))?.metrics, metrics);
    const [found] = await store.lookup([keyFor("a")]);
    assert.deepEqual(found?.entries[0]?.metrics, metrics);
  });

  test("what a caller changes afterwards does not reach the store", async (store) => {
    const params = { rounds: [1, 2] };
    const run = await store.createRun(runDraft({ params }));
    const metrics = { auc: 0.5 };
    const [recorded] = await store.record([executionDraft(run.id, { metrics })]);
    params.rounds.push(3);
    metrics.auc = 0.9;
    assert.ok(recorded);
    assert.deepEqual((await store.run(run.id))?.params, { rounds: [1, 2] });
    assert.deepEqual((await store.execution(recorded.id))?.metrics, { auc: 0.5 });
  });

  test("a key tree is kept once per key, and under the strong key too", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const strong = keyFor("with reads");
    const weak = { key: keyFor("a"), pathSet: { questions: [] } };
    await store.record([answeringDraft(runId, { key: "a", value: "1" })]);
    await store.record([
      answeringDraft(
        runId,
        { key: "a", value: "2" },
        { tree: treeFor("with reads"), entry: entryDraft(strong, { weak }) },
      ),
    ]);
    assert.deepEqual(await store.keyTree(keyFor("a")), treeFor("a"));
    assert.deepEqual(await store.keyTree(strong), treeFor("with reads"));
    assert.equal(await store.keyTree(keyFor("never seen")), undefined);
  });

  test("producers and consumers of an artifact, oldest first", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const [source] = await store.record([answeringDraft(runId, { key: "a", value: "rows" })]);
    const rows = source?.outputs[0]?.artifact.id as ArtifactId;
    const twice = [
      { name: "left", artifactId: rows },
      { name: "right", artifactId: rows },
    ];
    const later = await store.record([cachedDraft(runId, rows), executionDraft(runId, { inputs: twice })]);
    assert.deepEqual(await store.artifactUses(rows), {
      producers: [source?.id, later[0]?.id],
      consumers: [later[1]?.id],
    });
    assert.deepEqual(await store.artifactUses((rows + 100) as ArtifactId), { producers: [], consumers: [] });
  });
}

function manyInputsTest(test: StoreTest): void {
  test("an execution may have many inputs and outputs", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const outputs = Array.from({ length: 40 }, (_, n) => ({ name: `part ${n}`, stored: storedValue(`part ${n}`) }));
    const [split] = await store.record([executionDraft(runId, { outputs })]);
    const parts = (split?.outputs ?? []).map(({ artifact }) => artifact.id);
    const inputs = parts.map((artifactId, n) => ({ name: `parts/${n}`, artifactId }));
    const [merge] = await store.record([executionDraft(runId, { inputs })]);
    for (const part of parts) {
      assert.deepEqual(await store.artifactUses(part), { producers: [split?.id], consumers: [merge?.id] });
    }
    assert.ok(merge);
    assert.deepEqual((await store.execution(merge.id))?.inputs, inputs);
  });
}

function identityTests(test: StoreTest): void {
  test("the same content, type and name is one artifact; anything else is another", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const ids = new Map<string, ArtifactId>();
    const store1 = async (
      label: string,
      stored: ReturnType<typeof storedValue>,
      artifactName?: string,
    ): Promise<ArtifactId> => {
      const output = { name: "out", stored, ...(artifactName === undefined ? {} : { artifactName }) };
      const [recorded] = await store.record([executionDraft(runId, { outputs: [output] })]);
      const id = recorded?.outputs[0]?.artifact.id as ArtifactId;
      ids.set(label, id);
      return id;
    };
    const plain = await store1("plain", storedValue("v"));
    assert.equal(await store1("again", storedValue("v")), plain);
    await store1("other content", storedValue("w"));
    await store1("other type", storedValue("v", { type: { id: "text", version: 1 } }));
    await store1("other version of the type", storedValue("v", { type: { id: "structured", version: 2 } }));
    await store1("named", storedValue("v"), "late-model");
    await store1("named otherwise", storedValue("v"), "early-model");
    assert.equal(new Set(ids.values()).size, ids.size - 1);
  });

  test("a name counts its versions in order of first appearance", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const save = async (text: string): Promise<number | undefined> => {
      const outputs = [{ name: "model", stored: storedValue(text), artifactName: "late-model" }];
      const [recorded] = await store.record([executionDraft(runId, { outputs })]);
      return recorded?.outputs[0]?.artifact.version;
    };
    assert.deepEqual([await save("a"), await save("b"), await save("a"), await save("c")], [1, 2, 1, 3]);
    assert.equal((await store.namedArtifact("late-model"))?.shown, "c");
    assert.equal((await store.namedArtifact("late-model", 2))?.shown, "b");
    assert.equal((await store.namedArtifact("late-model", digestOf("a")))?.version, 1);
    assert.equal(await store.namedArtifact("late-model", 4), undefined);
    assert.equal(await store.namedArtifact("late-model", digestOf("z")), undefined);
    assert.equal(await store.namedArtifact("other"), undefined);
  });

  test("content that is stored again is LIVE again", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const draft = executionDraft(runId, { outputs: [{ name: "out", stored: storedValue("v") }] });
    const [first] = await store.record([draft]);
    const id = first?.outputs[0]?.artifact.id as ArtifactId;
    for (const state of ["MARKED_FOR_DELETION", "DELETED"] as const) {
      assert.equal(await store.setArtifactState([id], state), 1);
      assert.equal(await store.setArtifactState([id], state), 0);
      assert.equal((await store.artifact(id))?.state, state);
      const [again] = await store.record([draft]);
      assert.deepEqual(again?.outputs[0]?.artifact, await store.artifact(id));
      assert.equal((await store.artifact(id))?.state, "LIVE");
    }
    assert.equal(await store.setArtifactState([(id + 1) as ArtifactId], "DELETED"), 0);
  });

  test("a reuse of an artifact that was deleted meanwhile does not bring it back", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const [first] = await store.record([answeringDraft(runId, { key: "a", value: "v" })]);
    const id = first?.outputs[0]?.artifact.id as ArtifactId;
    await store.setArtifactState([id], "DELETED");
    const [reused] = await store.record([cachedDraft(runId, id)]);
    assert.equal(reused?.outputs[0]?.artifact.state, "DELETED");
    assert.deepEqual((await store.lookup([keyFor("a")]))[0]?.entries, []);
  });
}

function atomicityTests(test: StoreTest): void {
  test("a batch is answered in its order, with rising ids; an empty one is fine", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const steps = ["c", "a", "b"];
    const recorded = await store.record(steps.map((step) => executionDraft(runId, { step })));
    const found = await Promise.all(recorded.map(({ id }) => store.execution(id)));
    assert.deepEqual(
      found.map((execution) => execution?.step),
      steps,
    );
    assert.deepEqual(
      recorded.map(({ id }) => id),
      recorded.map(({ id }) => id).toSorted((a, b) => a - b),
    );
    assert.deepEqual(await store.record([]), []);
  });

  const nowhere = 1_000_000;
  const broken: Readonly<Record<string, readonly [Partial<ExecutionDraft>, string]>> = {
    "of an unknown run": [{ runId: nowhere as RunId }, "WS_NOT_FOUND"],
    "with an unknown input": [{ inputs: [{ name: "rows", artifactId: nowhere as ArtifactId }] }, "WS_NOT_FOUND"],
    "with an unknown output": [{ outputs: [{ name: "rows", artifactId: nowhere as ArtifactId }] }, "WS_NOT_FOUND"],
    "with two outputs of one name": [
      {
        outputs: [
          { name: "a", stored: storedValue("1") },
          { name: "a", stored: storedValue("2") },
        ],
      },
      "WS_METADATA_STORE",
    ],
    "that failed and would answer look-ups": [{ state: "FAILED", entry: entryDraft(keyFor("f")) }, "WS_METADATA_STORE"],
    "with a value whose root blob is not listed": [
      { outputs: [{ name: "a", stored: storedValue("1", { blobs: [] }) }] },
      "WS_METADATA_STORE",
    ],
    "with a key that is no digest": [{ key: "abc" as CacheKey }, "WS_METADATA_STORE"],
    "that took NaN milliseconds": [{ durationMs: Number.NaN }, "WS_METADATA_STORE"],
  };
  for (const [what, [change, code]] of Object.entries(broken)) {
    test(`a batch with an execution ${what} leaves nothing`, async (store) => {
      const { id: runId } = await store.createRun(runDraft());
      await store.record([answeringDraft(runId, { key: "before", value: "before" })]);
      const before = await everything(store, ["before", "x", "y"]);
      const batch = [
        answeringDraft(runId, { key: "x", value: "x", entry: { retiresOlder: true } }, { step: "new" }),
        executionDraft(runId, change),
        answeringDraft(runId, { key: "y", value: "y" }),
      ];
      await assert.rejects(store.record(batch), { code });
      assert.deepEqual(await everything(store, ["before", "x", "y"]), before);
      const [recorded] = await store.record([answeringDraft(runId, { key: "x", value: "x" }, { step: "new" })]);
      assert.equal((await store.artifact(recorded?.outputs[0]?.artifact.id as ArtifactId))?.shown, "x");
      assert.deepEqual(await store.stepNames(), ["new", "train"]);
      assert.equal((await store.codeIdentities("new"))[0]?.executions, 1);
    });
  }
}

async function everything(store: MetadataStore, keys: readonly string[]): Promise<unknown> {
  return {
    executions: await store.executions(),
    artifacts: await store.artifacts(),
    lookups: await store.lookup(keys.map(keyFor)),
    trees: await Promise.all(keys.map((key) => store.keyTree(keyFor(key)))),
    steps: await store.stepNames(),
    code: await store.codeIdentities(),
  };
}

function fullDraft(runId: RunId, rows: ArtifactId): ExecutionDraft {
  const unseen = [{ kind: "network" as const, name: "api.example.org", note: "fetch in notes.ts:9" }];
  return answeringDraft(
    runId,
    { key: "full", value: "weights" },
    {
      nodeId: "train-2",
      step: "train",
      reason: { kind: "changed", text: "rounds: 100 → 200" },
      attempts: 3,
      originId: 1 as NonNullable<ExecutionDraft["originId"]>,
      savedMs: 12.5,
      inputs: [
        { name: "rows", artifactId: rows },
        { name: "models/0", artifactId: rows },
      ],
      outputs: [
        { name: "same", artifactId: rows },
        { name: "model", stored: storedValue("weights", { traits: ["date"] }), artifactName: "late-model" },
      ],
      error: { name: "TypeError", message: "x is not a function", stack: "at train", hint: "check x", code: "E_X" },
      metrics: { auc: 0.69, rounds: 200 },
      log: digestOf("the log"),
      unseen,
      ignored: ["OPENAI_API_KEY"],
      warnings: ["Math.random in train.ts:3"],
    },
  );
}
