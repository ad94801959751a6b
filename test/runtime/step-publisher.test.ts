import { expect, test } from "vitest";
import { createCodeIdentifier } from "../../src/code-identity/code-identifier.ts";
import { openMemoryMetadataStore } from "../../src/metadata-store/backends/memory/memory-metadata-store.ts";
import { runDraft } from "../../src/testing/metadata-drafts.ts";
import { executorTask } from "../../src/testing/executor-task.ts";
import type { ComputePlan } from "../../src/runtime/step-plan.ts";
import { StepPublisher } from "../../src/runtime/step-publisher.ts";
import type { ComputedFacts, DoneResult } from "../../src/runtime/step-publisher.ts";
import { systemClock } from "../../src/util/clock.ts";

const at = { url: "file:///steps.ts", line: 1, column: 1 };
const address = { name: "train", definedAt: at, occurrence: 0 };
const { outputs } = executorTask({ root: "/srv", url: at.url, step: address, artifacts: undefined });

function planOf(id: string): ComputePlan {
  return {
    kind: "compute",
    reason: { kind: "first-time", text: "first time" },
    node: { id, step: "train", stepKey: "train", properties: [], after: [], outputs, at },
    step: { ...address, fn: () => undefined, options: {}, outputs, manyOutputs: false, address },
    inputs: new Map(),
    policy: { mode: "use", ttlMs: undefined, from: "default" },
    trust: new Set(),
    keyed: undefined,
    unkeyed: undefined,
  };
}

const result: DoneResult = {
  kind: "done",
  outputs: [],
  reads: [],
  effects: [],
  unseen: [],
  undeclared: [],
  warnings: [],
  metrics: {},
  durationMs: 1,
  executor: "worker-thread",
};

const together: ComputedFacts = {
  times: { startedAt: 1, endedAt: 2, attempts: 1 },
  mayBeOffered: false,
  group: { size: 3 },
};

test("one result that the store refuses takes none of its group with it", async () => {
  await using metadata = openMemoryMetadataStore();
  const { id: runId } = await metadata.createRun(runDraft());
  const identifier = createCodeIdentifier({ projectRoot: import.meta.dirname });
  const publisher = new StepPublisher({ runId, metadata, clock: systemClock, identifier });
  await publisher.canceled("before", "train", { kind: "aborted", text: "the run was ended" });
  const recorded = await Promise.allSettled([
    publisher.computed(planOf("a"), result, together),
    publisher.computed(planOf("b"), { ...result, durationMs: Number.NaN }, together),
    publisher.computed(planOf("c"), result, together),
  ]);
  expect(recorded.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const { items } = await metadata.executions({ runId });
  expect(items.map(({ nodeId }) => nodeId).sort()).toEqual(["a", "before", "c"]);
});

test("a group is recorded in one transaction, in order", async () => {
  await using metadata = openMemoryMetadataStore();
  const { id: runId } = await metadata.createRun(runDraft());
  const identifier = createCodeIdentifier({ projectRoot: import.meta.dirname });
  const publisher = new StepPublisher({ runId, metadata, clock: systemClock, identifier });
  const ids = ["a", "b", "c"];
  const recorded = await Promise.all(ids.map((id) => publisher.computed(planOf(id), result, together)));
  const found = await Promise.all(recorded.map(({ id }) => metadata.execution(id)));
  expect(found.map((execution) => execution?.nodeId)).toEqual(ids);
});
