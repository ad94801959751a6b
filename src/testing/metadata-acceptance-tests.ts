import assert from "node:assert/strict";
import { digestOf } from "../encoding/digest.ts";
import type { Acceptance } from "../model/acceptance.ts";
import type { ExecutionDraft } from "../model/execution.ts";
import type { ExecutionId, RunId } from "../model/ids.ts";
import { answeringDraft, cachedDraft, keyFor, runDraft } from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";

const accepted: Acceptance = {
  by: "nik",
  at: 5_000,
  verified: "others",
  code: digestOf("the code before"),
  evidence: {
    compared: 1,
    adopted: 2,
    executions: [{ id: 1 as ExecutionId, outputs: [{ name: "model", digest: digestOf("1") }] }],
  },
};
const carried = { ...accepted, evidence: { ...accepted.evidence, executions: [] } };

/** What `record` keeps of results that were adopted for code that did not compute them. */
export function acceptanceTests(test: StoreTest): void {
  test("an acceptance is read back whole, and its entry carries it without the executions", async (store) => {
    const { id } = await store.createRun(runDraft());
    const [recorded] = await store.record([adopted(id)]);
    assert.ok(recorded);
    assert.deepEqual((await store.execution(recorded.id))?.accepted, accepted);
    const [found] = await store.lookup([keyFor("a")]);
    assert.deepEqual(found?.entries[0]?.accepted, carried);
    const artifactId = recorded.outputs[0]?.artifact.id;
    assert.ok(artifactId);
    const [hit] = await store.record([cachedDraft(id, artifactId, { accepted: carried })]);
    assert.ok(hit);
    assert.deepEqual((await store.execution(hit.id))?.accepted, carried);
  });

  test("an entry may be as old as what it was adopted from", async (store) => {
    const { id } = await store.createRun(runDraft());
    await store.record([adopted(id, { entry: { computedAt: 17 } })]);
    const [found] = await store.lookup([keyFor("a")]);
    assert.equal(found?.entries[0]?.computedAt, 17);
  });

  test("what was adopted can be retired, and what it was adopted from stays", async (store) => {
    const { id } = await store.createRun(runDraft());
    await store.record([answeringDraft(id, { key: "before", value: "1" })]);
    const [recorded] = await store.record([adopted(id)]);
    assert.ok(recorded);
    assert.equal(await store.retire([recorded.id]), 1);
    const [now, before] = await store.lookup([keyFor("a"), keyFor("before")]);
    assert.deepEqual([now?.entries.length, before?.entries.length], [0, 1]);
    assert.deepEqual((await store.execution(recorded.id))?.accepted, accepted);
  });

  test("an acceptance by nobody, at no time or of no code is refused", async (store) => {
    const { id } = await store.createRun(runDraft());
    const bad: readonly Partial<Acceptance>[] = [{ by: "" }, { at: Number.NaN }, { code: "none" as never }];
    for (const change of bad)
      await assert.rejects(store.record([adopted(id, {}, { accepted: { ...accepted, ...change } })]), {
        code: "WS_METADATA_STORE",
      });
    await assert.rejects(store.record([adopted(id, { entry: { computedAt: Number.NaN } })]), {
      code: "WS_METADATA_STORE",
    });
  });
}

function adopted(
  runId: RunId,
  about: Partial<Parameters<typeof answeringDraft>[1]> = {},
  change: Partial<ExecutionDraft> = {},
): ExecutionDraft {
  return answeringDraft(runId, { key: "a", value: "1", ...about }, { accepted, ...change });
}
