import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { answeringDraft, executionDraft, runDraft } from "../../src/testing/metadata-drafts.ts";

/** What another process is asked to do with a store. */
export type ChildRequest =
  | { readonly kind: "open"; readonly file: string }
  | { readonly kind: "record"; readonly file: string; readonly label: string; readonly batches: number }
  | { readonly kind: "record-until-killed"; readonly file: string; readonly size: number };

export type ChildReply =
  | { readonly kind: "done"; readonly ids: readonly number[] }
  | { readonly kind: "recorded"; readonly batch: number }
  | { readonly kind: "failed"; readonly error: string };

process.on("message", (request: ChildRequest) => {
  answer(request).then(reply, (error: unknown) => reply({ kind: "failed", error: String(error) }));
});
process.on("disconnect", () => process.exit());

function reply(message: ChildReply): void {
  process.send?.(message);
}

async function answer(request: ChildRequest): Promise<ChildReply> {
  await using store = await openSqliteMetadataStore({ file: request.file, busyTimeoutMs: 60_000 });
  const { id: runId } = await store.createRun(runDraft());
  const ids: number[] = [];
  if (request.kind === "open") return { kind: "done", ids: [runId] };
  if (request.kind === "record") {
    for (let batch = 0; batch < request.batches; batch++) {
      const key = `${request.label} ${batch}`;
      const drafts = [
        answeringDraft(runId, { key, value: key }, { nodeId: key }),
        answeringDraft(runId, { key: "shared", value: "shared" }, { nodeId: key }),
      ];
      ids.push(...(await store.record(drafts)).map(({ id }) => id));
    }
    return { kind: "done", ids };
  }
  for (let batch = 0; ; batch++) {
    const nodeId = `batch ${batch}`;
    const first = answeringDraft(runId, { key: nodeId, value: nodeId }, { nodeId });
    await store.record([first, ...Array.from({ length: request.size - 1 }, () => executionDraft(runId, { nodeId }))]);
    reply({ kind: "recorded", batch });
    await new Promise(setImmediate);
  }
}
