import assert from "node:assert/strict";
import type { ArtifactId, RunId } from "../model/ids.ts";
import { answeringDraft, runDraft } from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";

/** What people attach to runs and artifacts. */
export function annotationTests(test: StoreTest): void {
  test("tags are added and removed, the note is replaced, properties are merged", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    assert.deepEqual(await store.annotations({ runId }), { tags: [], properties: {} });
    const first = await store.annotate(
      { runId },
      { addTags: ["good", "a", "good"], note: "first", properties: { auc: 0.7, ok: true } },
    );
    assert.deepEqual(first, { tags: ["a", "good"], note: "first", properties: { auc: 0.7, ok: true } });
    const change = { addTags: ["b"], removeTags: ["a", "never there"], properties: { auc: 0.8, ok: null, by: "me" } };
    const second = await store.annotate({ runId }, change);
    assert.deepEqual(second, { tags: ["b", "good"], note: "first", properties: { auc: 0.8, by: "me" } });
    assert.deepEqual(await store.annotate({ runId }, { note: null }), {
      tags: ["b", "good"],
      properties: { auc: 0.8, by: "me" },
    });
    assert.deepEqual(await store.annotate({ runId }, {}), { tags: ["b", "good"], properties: { auc: 0.8, by: "me" } });
    assert.deepEqual((await store.run(runId))?.tags, ["b", "good"]);
    assert.deepEqual((await store.runs({ tag: "a" })).items, []);
  });

  test("a run and an artifact with one number do not share annotations", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const [recorded] = await store.record([answeringDraft(runId, { key: "a", value: "1" })]);
    const artifactId = recorded?.outputs[0]?.artifact.id as ArtifactId;
    await store.annotate({ artifactId }, { addTags: ["best"] });
    assert.deepEqual((await store.annotations({ runId })).tags, []);
    assert.deepEqual((await store.runs({ tag: "best" })).items, []);
    assert.equal((await store.artifacts({ tag: "best" })).items[0]?.id, artifactId);
  });

  test("an unknown target is refused, and so is what cannot be kept", async (store) => {
    const { id: runId } = await store.createRun(runDraft());
    const unknown = [{ runId: (runId + 1) as RunId }, { artifactId: 1 as ArtifactId }];
    for (const target of unknown) {
      await assert.rejects(store.annotate(target, { addTags: ["x"] }), { code: "WS_NOT_FOUND" });
      await assert.rejects(store.annotations(target), { code: "WS_NOT_FOUND" });
    }
    await assert.rejects(store.annotate({ runId }, { addTags: ["fine", ""] }), { code: "WS_METADATA_STORE" });
    await assert.rejects(store.annotate({ runId }, { properties: { auc: Number.NaN } }), { code: "WS_METADATA_STORE" });
    assert.deepEqual(await store.annotations({ runId }), { tags: [], properties: {} });
  });
}
