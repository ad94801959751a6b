import fc from "fast-check";
import { expect, test } from "vitest";
import { changesOf, withChanges } from "../../src/executor/backends/worker-thread/task-changes.ts";
import type { StepTask } from "../../src/executor/executor.ts";
import { executorTask } from "../../src/testing/executor-task.ts";

const step = { name: "train", definedAt: { url: "file:///steps.ts", line: 1, column: 1 }, occurrence: 0 };
const base = executorTask({ root: "/srv", url: "file:///steps.ts", step, artifacts: undefined });

const modules = [
  { url: "file:///a.ts", digest: base.seed, name: "project:a.ts" },
  { url: "file:///b.ts", digest: base.seed, name: "project:b.ts" },
];

/** Tasks as they follow each other in one thread: some of what they hold is shared, some is gone and comes back. */
const tasks = fc.array(
  fc
    .record({
      nodeId: fc.constantFrom("train", "train-2"),
      attempt: fc.integer({ min: 1, max: 2 }),
      timeoutMs: fc.constantFrom(undefined, 10),
      modules: fc.array(fc.constantFrom("file:///a.ts", "file:///b.ts"), { maxLength: 2 }),
      expectedModules: fc.subarray(modules),
      properties: fc.array(fc.record({ name: fc.constantFrom("a", "b"), bytes: fc.uint8Array({ maxLength: 2 }) })),
      variables: fc.option(fc.record({ ignore: fc.array(fc.constantFrom("A", "B")) }), { nil: undefined }),
      known: fc.option(fc.constant([]), { nil: undefined }),
    })
    .map(({ variables, known, ...parts }): StepTask => {
      const optional = { ...(variables && { variables }), ...(known && { knownFiles: known }) };
      return { ...base, ...parts, ...optional };
    }),
);

test("a thread has each task whole, whatever it had before", () => {
  fc.assert(
    fc.property(tasks, (sent) => {
      let before: StepTask | undefined;
      let got: StepTask | undefined;
      for (const task of sent) {
        got = withChanges(got, structuredClone(changesOf(before, task)));
        before = task;
        expect(got).toEqual(task);
        expect(Object.keys(got).sort()).toEqual(Object.keys(task).sort());
      }
    }),
  );
});

test("what did not change does not cross again", () => {
  const next = { ...base, modules: [...base.modules], nodeId: "train-2" };
  expect(changesOf(base, next)).toEqual({ changed: { nodeId: "train-2" }, gone: [] });
});
