import assert from "node:assert/strict";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import { annotationTests } from "./metadata-annotation-tests.ts";
import { listingTests } from "./metadata-listing-tests.ts";
import { acceptanceTests } from "./metadata-acceptance-tests.ts";
import { codeRecordTests } from "./metadata-code-tests.ts";
import { recordTests } from "./metadata-record-tests.ts";
import { lookupTests } from "./metadata-lookup-tests.ts";
import { executionDraft, keyFor, runDraft, runEnd } from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";
import type { SuiteApi } from "./suite-api.ts";

/** The backend under test. */
export interface MetadataStoreSubject {
  /** Shown in the names of the tests. */
  readonly name: string;
  /** An empty store of its own for every test; the suite closes it. */
  open(): Promise<MetadataStore>;
  /** Closes a store and opens what it left behind again; for backends whose content outlives them. */
  reopen?(store: MetadataStore): Promise<MetadataStore>;
}

/**
 * What every metadata store must do, whatever is behind it: each obligation of the port is a test.
 *
 * @example
 * ```ts
 * import { describe, test } from "vitest";
 * import { metadataStoreSuite } from "warmstart/testing";
 *
 * metadataStoreSuite({ describe, test }, { name: "mine", open: () => openMyStore() });
 * ```
 */
export function metadataStoreSuite(api: SuiteApi, subject: MetadataStoreSubject): void {
  const test: StoreTest = (name, body) => {
    api.test(name, async () => {
      const store = await subject.open();
      try {
        await body(store);
      } finally {
        await store[Symbol.asyncDispose]();
      }
    });
  };
  api.describe(`metadata store: ${subject.name}`, () => {
    runTests(test);
    recordTests(test);
    acceptanceTests(test);
    codeRecordTests(test);
    lookupTests(test);
    listingTests(test);
    annotationTests(test);
    lifeTests(api, subject, test);
  });
}

function runTests(test: StoreTest): void {
  test("a run is RUNNING until it ends, and keeps what it ended with", async (store) => {
    const run = await store.createRun(runDraft({ module: "project:flights.ts" }));
    assert.equal(run.state, "RUNNING");
    assert.deepEqual(await store.run(run.id), run);
    await store.finishRun(run.id, runEnd());
    assert.deepEqual(await store.run(run.id), { ...run, state: "COMPLETE", end: runEnd() });
  });

  test("ending an ended run changes nothing; ending an unknown one is refused", async (store) => {
    const { id } = await store.createRun(runDraft());
    await store.finishRun(id, runEnd({ state: "FAILED", error: "out of memory" }));
    const ended = await store.run(id);
    await store.finishRun(id, runEnd({ state: "COMPLETE" }));
    assert.deepEqual(await store.run(id), ended);
    await assert.rejects(store.finishRun((id + 1) as typeof id, runEnd()), { code: "WS_NOT_FOUND" });
  });

  test("run ids rise, and an unknown run is no answer", async (store) => {
    const first = await store.createRun(runDraft());
    const second = await store.createRun(runDraft());
    assert.ok(second.id > first.id);
    assert.equal(await store.run((second.id + 1) as typeof second.id), undefined);
  });
}

function lifeTests(api: SuiteApi, subject: MetadataStoreSubject, test: StoreTest): void {
  test("an aborted call rejects with the signal's reason and has changed nothing", async (store) => {
    const { id } = await store.createRun(runDraft());
    const reason = new Error("the user pressed Ctrl-C");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(store.createRun(runDraft(), { signal }), reason);
    await assert.rejects(store.record([executionDraft(id)], { signal }), reason);
    await assert.rejects(store.lookup([keyFor("a")], { signal }), reason);
    await assert.rejects(store.retire([], { signal }), reason);
    await assert.rejects(store.annotate({ runId: id }, { addTags: ["x"] }, { signal }), reason);
    assert.equal((await store.runs()).items.length, 1);
    assert.deepEqual((await store.executions()).items, []);
    assert.deepEqual((await store.annotations({ runId: id })).tags, []);
  });

  test("calls on a closed store reject; closing twice is fine", async (store) => {
    const { id } = await store.createRun(runDraft());
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    const closed = { code: "WS_METADATA_STORE", message: "The metadata store is closed." };
    await assert.rejects(store.createRun(runDraft()), closed);
    await assert.rejects(store.lookup([keyFor("a")]), closed);
    await assert.rejects(store.record([executionDraft(id)]), closed);
    await assert.rejects(store.runs(), closed);
    await assert.rejects(store.annotations({ runId: id }), closed);
  });

  if (subject.reopen === undefined) return;
  api.test("what was recorded is there when the store is opened again", async () => {
    const store = await subject.open();
    const { id } = await store.createRun(runDraft());
    const [recorded] = await store.record([executionDraft(id, { metrics: { loss: 0.5 } })]);
    assert.ok(recorded);
    const before = await store.execution(recorded.id);
    await using again = (await subject.reopen?.(store)) ?? store;
    assert.deepEqual(await again.execution(recorded.id), before);
    assert.ok((await again.createRun(runDraft())).id > id);
  });
}
