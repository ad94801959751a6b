import { expect, test } from "vitest";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { answeringDraft, executionDraft, keyFor, runDraft } from "../../src/testing/metadata-drafts.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();

test("what a failed transaction wrote is not remembered as being there", async () => {
  await using store = await openSqliteMetadataStore({ file: await temporaryFile() });
  const { id: runId } = await store.createRun(runDraft());
  const about = { step: "new", codeIdentity: digestOf("new code") };
  const unwritable = executionDraft(runId, { warnings: [1n as unknown as string] });
  const batch = [answeringDraft(runId, { key: "a", value: "a" }, about), unwritable];
  await expect(store.record(batch)).rejects.toThrow(TypeError);
  expect(await store.stepNames()).toEqual([]);
  const [recorded] = await store.record([answeringDraft(runId, { key: "a", value: "a" }, about)]);
  expect(await store.execution(recorded?.id ?? (0 as never))).toMatchObject(about);
  expect(await store.codeIdentities("new")).toMatchObject([{ executions: 1 }]);
  expect((await store.artifacts({ step: "new" })).items).toHaveLength(1);
  expect((await store.lookup([keyFor("a")]))[0]?.entries).toHaveLength(1);
});
