import assert from "node:assert/strict";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import type { CodeRecord } from "../model/code-record.ts";
import { codeRecord, executionDraft, runDraft } from "./metadata-drafts.ts";
import type { StoreTest } from "./store-test.ts";

/** What `record` keeps of pieces of code. */
export function codeRecordTests(test: StoreTest): void {
  test("pieces of code are read back by digest, in the order asked", async (store) => {
    const { id } = await store.createRun(runDraft());
    const parse = codeRecord("parseDate", "new Date(text)");
    const zod: CodeRecord = { digest: digestOf("zod"), own: digestOf("4.1.0"), name: "package zod", uses: [] };
    const load = codeRecord("load", "parseDate(text)", [parse, zod]);
    const [recorded] = await store.record([executionDraft(id, { codeRecords: [load, parse, zod] })]);
    const never = digestOf("never recorded");
    const asked = [zod, load, zod, parse].map(({ digest }) => digest);
    assert.deepEqual(await store.codeRecords([never, ...asked]), [undefined, zod, load, zod, parse]);
    assert.deepEqual(await store.codeRecords([]), []);
    assert.ok(recorded);
    assert.equal("codeRecords" in ((await store.execution(recorded.id)) ?? {}), false);
  });

  test("pieces that lead to each other are kept", async (store) => {
    const { id } = await store.createRun(runDraft());
    const [even, odd] = [codeRecord("even", "n === 0 || odd(n - 1)"), codeRecord("odd", "n !== 0 && even(n - 1)")];
    const circle = [
      { ...even, uses: [odd.digest] },
      { ...odd, uses: [even.digest, odd.digest] },
    ];
    await store.record([executionDraft(id, { codeRecords: circle })]);
    assert.deepEqual(await store.codeRecords([even.digest, odd.digest]), circle);
  });

  test("a piece is kept once, as it was first; pieces that say the same share the first text", async (store) => {
    const { id } = await store.createRun(runDraft());
    const first = codeRecord("parseDate", "new Date(text)");
    await store.record([executionDraft(id, { codeRecords: [first] })]);
    const above = { ...codeRecord("other", "", [first]), own: first.own, text: "new Date( text )" };
    const { text: _, ...silent } = { ...codeRecord("silent", "", [first, first]), own: first.own };
    await store.record([
      executionDraft(id, { codeRecords: [{ ...first, name: "renamed", text: "later", line: 9 }] }),
      executionDraft(id, { codeRecords: [above, silent, first] }),
    ]);
    assert.deepEqual(await store.codeRecords([first.digest, above.digest, silent.digest]), [
      first,
      { ...above, text: first.text },
      { ...silent, text: first.text },
    ]);
  });

  test("many pieces are asked for at once", async (store) => {
    const { id } = await store.createRun(runDraft());
    const many = Array.from({ length: 2_000 }, (_, n) => codeRecord(`f${n}`, `return ${n}`));
    await store.record([executionDraft(id, { codeRecords: many })]);
    const reversed = many.toReversed();
    assert.deepEqual(await store.codeRecords(reversed.map(({ digest }) => digest)), reversed);
  });

  test("pieces of a refused batch are not kept, nor believed to be", async (store) => {
    const { id } = await store.createRun(runDraft());
    const piece = codeRecord("parseDate", "new Date(text)");
    const good = executionDraft(id, { codeRecords: [piece] });
    const bad = { ...piece, uses: ["abc" as Digest] };
    await assert.rejects(store.record([good, executionDraft(id, { codeRecords: [bad] })]), {
      code: "WS_METADATA_STORE",
    });
    const lost = executionDraft((id + 1_000) as typeof id);
    await assert.rejects(store.record([good, lost]), { code: "WS_NOT_FOUND" });
    assert.deepEqual(await store.codeRecords([piece.digest]), [undefined]);
    await store.record([good]);
    assert.deepEqual(await store.codeRecords([piece.digest]), [piece]);
  });
}
