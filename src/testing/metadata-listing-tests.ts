import assert from "node:assert/strict";
import { digestOf } from "../encoding/digest.ts";
import type { MetadataStore, Page } from "../metadata-store/metadata-store.ts";
import type { ArtifactId, RunId } from "../model/ids.ts";
import { cachedDraft, executionDraft, runDraft, runEnd, storedValue } from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";

/** Listings, filters, pages and summaries. */
export function listingTests(test: StoreTest): void {
  filterTests(test);
  pagingTests(test);
  summaryTests(test);
}

function filterTests(test: StoreTest): void {
  test("runs by pipeline, state, tag and time", async (store) => {
    const [a, b, c] = [
      await createRun(store, "flights", 100),
      await createRun(store, "notes", 200),
      await createRun(store, "flights", 300),
    ];
    await store.finishRun(b, runEnd({ state: "FAILED" }));
    await store.annotate({ runId: a }, { addTags: ["good"] });
    const ids = async (query: Parameters<MetadataStore["runs"]>[0]): Promise<readonly number[]> =>
      idsOf(await store.runs(query));
    assert.deepEqual(await ids({}), [c, b, a]);
    assert.deepEqual(await ids({ pipeline: "flights" }), [c, a]);
    assert.deepEqual(await ids({ state: "FAILED" }), [b]);
    assert.deepEqual(await ids({ tag: "good" }), [a]);
    assert.deepEqual(await ids({ since: 200 }), [c, b]);
    assert.deepEqual(await ids({ until: 300 }), [b, a]);
    assert.deepEqual(await ids({ since: 101, until: 300 }), [b]);
    assert.deepEqual(await ids({ pipeline: "flights", state: "RUNNING", tag: "good", since: 100, until: 101 }), [a]);
    assert.deepEqual(await ids({ pipeline: "notes", tag: "good" }), []);
  });

  test("executions by run, step, node, state, pipeline and time", async (store) => {
    const [run1, run2] = [await createRun(store, "flights", 1), await createRun(store, "notes", 2)];
    const recorded = await store.record([
      executionDraft(run1, { step: "load", nodeId: "load", startedAt: 10 }),
      executionDraft(run1, { step: "train", nodeId: "fold-1", startedAt: 20, state: "FAILED" }),
      executionDraft(run2, { step: "load", nodeId: "load", startedAt: 30, state: "CANCELED" }),
    ]);
    const [a, b, c] = recorded.map(({ id }): number => id) as [number, number, number];
    const ids = async (query: Parameters<MetadataStore["executions"]>[0]): Promise<readonly number[]> =>
      idsOf(await store.executions(query));
    assert.deepEqual(await ids({}), [c, b, a]);
    assert.deepEqual(await ids({ runId: run1 }), [b, a]);
    assert.deepEqual(await ids({ step: "load" }), [c, a]);
    assert.deepEqual(await ids({ step: "no such step" }), []);
    assert.deepEqual(await ids({ nodeId: "fold-1" }), [b]);
    assert.deepEqual(await ids({ state: "CANCELED" }), [c]);
    assert.deepEqual(await ids({ pipeline: "flights" }), [b, a]);
    assert.deepEqual(await ids({ since: 20 }), [c, b]);
    assert.deepEqual(await ids({ until: 20 }), [a]);
    assert.deepEqual(await ids({ nodeId: "load", until: 20 }), [a]);
    assert.deepEqual(
      await ids({ runId: run1, step: "train", state: "FAILED", pipeline: "flights", since: 20, until: 21 }),
      [b],
    );
    assert.deepEqual(await ids({ pipeline: "notes", step: "train" }), []);
  });

  test("artifacts by name, type, state, tag, digest, step and time", async (store) => {
    const runId = await createRun(store, "flights", 1);
    const text = { id: "text", version: 1 };
    const recorded = await store.record([
      executionDraft(runId, { step: "load", outputs: [{ name: "rows", stored: storedValue("rows") }] }),
      executionDraft(runId, {
        step: "train",
        outputs: [{ name: "m", stored: storedValue("m"), artifactName: "late-model" }],
      }),
      executionDraft(runId, { step: "report", outputs: [{ name: "r", stored: storedValue("r", { type: text }) }] }),
    ]);
    const [a, b, c] = recorded.map(({ outputs }) => outputs[0]?.artifact.id) as [ArtifactId, ArtifactId, ArtifactId];
    await store.record([cachedDraft(runId, a, { step: "reload" })]);
    await store.annotate({ artifactId: b }, { addTags: ["best"] });
    await store.setArtifactState([c], "MARKED_FOR_DELETION");
    const createdAt = (await store.artifact(a))?.createdAt ?? 0;
    const ids = async (query: Parameters<MetadataStore["artifacts"]>[0]): Promise<readonly number[]> =>
      idsOf(await store.artifacts(query));
    assert.deepEqual(await ids({}), [c, b, a]);
    assert.deepEqual(await ids({ name: "late-model" }), [b]);
    assert.deepEqual(await ids({ type: "text" }), [c]);
    assert.deepEqual(await ids({ state: "LIVE" }), [b, a]);
    assert.deepEqual(await ids({ tag: "best" }), [b]);
    assert.deepEqual(await ids({ digest: digestOf("rows") }), [a]);
    assert.deepEqual(await ids({ step: "reload" }), [a]);
    assert.deepEqual(await ids({ step: "train" }), [b]);
    assert.deepEqual(await ids({ since: createdAt }), [c, b, a]);
    assert.deepEqual(await ids({ until: createdAt }), []);
    assert.deepEqual(await ids({ name: "late-model", type: "structured", state: "LIVE", tag: "best", step: "train" }), [
      b,
    ]);
  });
}

function pagingTests(test: StoreTest): void {
  test("pages have no gap and no repeat while new rows arrive", async (store) => {
    const runId = await createRun(store, "flights", 1);
    const drafts = Array.from({ length: 25 }, (_, n) => executionDraft(runId, { nodeId: `n${n}`, startedAt: n }));
    const expected = (await store.record(drafts)).map(({ id }) => id).toReversed();
    const seen: number[] = [];
    let after: number | undefined;
    do {
      const page = await store.executions({ limit: 10, ...(after === undefined ? {} : { after }) });
      seen.push(...idsOf(page));
      after = page.next;
      await store.record([executionDraft(runId, { nodeId: "late" })]);
    } while (after !== undefined);
    assert.deepEqual(seen, expected);
  });

  test("a page has 50 items unless told, at most 1,000, and no next where there is no more", async (store) => {
    const runId = await createRun(store, "flights", 1);
    await store.record(Array.from({ length: 1_001 }, () => executionDraft(runId)));
    assert.equal((await store.executions()).items.length, 50);
    assert.equal((await store.executions({ limit: 5_000 })).items.length, 1_000);
    assert.equal((await store.executions({ limit: 0 })).items.length, 1);
    const { next } = await store.executions({ limit: 1_000 });
    const rest = await store.executions(next === undefined ? {} : { after: next });
    assert.equal(rest.items.length, 1);
    assert.equal(rest.next, undefined);
    assert.equal((await store.runs({ limit: 1 })).next, undefined);
  });
}

function summaryTests(test: StoreTest): void {
  test("pipelines with their runs and their last one, the latest first", async (store) => {
    assert.deepEqual(await store.pipelines(), []);
    await createRun(store, "flights", 100);
    const notes = await createRun(store, "notes", 200);
    const last = await createRun(store, "flights", 150);
    assert.deepEqual(await store.pipelines(), [
      { name: "flights", runs: 2, lastRunId: last, lastStartedAt: 150 },
      { name: "notes", runs: 1, lastRunId: notes, lastStartedAt: 200 },
    ]);
  });

  test("code identities of a step or of all, the newest use first", async (store) => {
    const runId = await createRun(store, "flights", 1);
    const use = (step: string, code: string, startedAt: number): ReturnType<typeof executionDraft> =>
      executionDraft(runId, { step, codeIdentity: digestOf(code), startedAt });
    await store.record([use("train", "v1", 10), use("train", "v1", 30), use("train", "v2", 20)]);
    await store.record([use("load", "v1", 25), use("train", "v1", 5), executionDraft(runId, { step: "nothing" })]);
    const v1 = { digest: digestOf("v1"), step: "train", firstUsedAt: 5, lastUsedAt: 30, executions: 3 };
    const v2 = { digest: digestOf("v2"), step: "train", firstUsedAt: 20, lastUsedAt: 20, executions: 1 };
    const load = { digest: digestOf("v1"), step: "load", firstUsedAt: 25, lastUsedAt: 25, executions: 1 };
    assert.deepEqual(await store.codeIdentities("train"), [v1, v2]);
    assert.deepEqual(await store.codeIdentities(), [v1, load, v2]);
    assert.deepEqual(await store.codeIdentities("nothing"), []);
  });

  test("the names of all steps, sorted", async (store) => {
    const runId = await createRun(store, "flights", 1);
    await store.record(["train", "load", "train", "Zed"].map((step) => executionDraft(runId, { step })));
    assert.deepEqual(await store.stepNames(), ["Zed", "load", "train"]);
  });

  test("a typical duration is the mean of the newest five COMPLETE executions", async (store) => {
    const runId = await createRun(store, "flights", 1);
    const durations = [1_000, 10, 20, 30, 40, 50];
    await store.record(durations.map((durationMs) => executionDraft(runId, { durationMs })));
    await store.record([
      executionDraft(runId, { durationMs: 9_999, state: "FAILED" }),
      executionDraft(runId, { durationMs: 0, state: "CACHED" }),
      executionDraft(runId, { step: "load", durationMs: 7 }),
      executionDraft(runId, { step: "broken", durationMs: 7, state: "FAILED" }),
    ]);
    const typical = await store.typicalDurations(["train", "load", "broken", "unknown"]);
    assert.deepEqual(
      [...typical],
      [
        ["train", 30],
        ["load", 7],
      ],
    );
  });
}

async function createRun(store: MetadataStore, pipeline: string, startedAt: number): Promise<RunId> {
  return (await store.createRun(runDraft({ pipeline, startedAt }))).id;
}

function idsOf(page: Page<{ readonly id: number }>): readonly number[] {
  return page.items.map(({ id }) => id);
}
