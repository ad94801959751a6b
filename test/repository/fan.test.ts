import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";
import type { DrivenRun } from "../rig/project.ts";

const COUNT = 600;

/** Steps that share threads and are recorded in groups, and one that sees what all of them gave. */
const pipeline = `import { pipeline, step } from "warmstart";
import { work } from "./work.ts";
const one = step("one", ({ n }: { n: number }) => work(n));
const gather = step("gather", ({ all }: { all: readonly number[] }) => all);
export default pipeline("fan", ({ count }: { count: number }) => ({
  gathered: gather({ all: Array.from({ length: count }, (_, n) => one({ n })) }),
}));
`;

/** Runs the fan, and does something when the given number of steps were told to be computed. */
const at = (count: number, what: string): string => `import { writeFileSync } from "node:fs";
import { Repository } from "warmstart";
import fan from "./pipeline.ts";
let computed = 0;
const observer = ({ kind }) => {
  if (kind === "step-computed" && ++computed === ${count}) ${what};
};
await using repository = await Repository.open();
await repository.run(fan, { count: ${COUNT} }, { observer });
`;

const times = (factor: number): string => `export const work = (n: number): number => n * ${factor};\n`;
const expected = (factor: number): readonly number[] => Array.from({ length: COUNT }, (_, n) => n * factor);

function drive(project: TestProject): Promise<DrivenRun> {
  return project.drive({ params: { count: COUNT } });
}

test("what was told to be computed is reused after the process was killed, and all of it is right", async () => {
  using project = new TestProject({
    "pipeline.ts": pipeline,
    "work.ts": times(3),
    "killed.mjs": at(250, `process.kill(process.pid, "SIGKILL")`),
  });
  const killed = await project.node(["killed.mjs"]);
  expect(killed.exitCode).toBeNull();
  const run = await drive(project);
  expect(run.error).toBeUndefined();
  expect(run.reused.length).toBeGreaterThanOrEqual(250);
  expect(run.computed.length + run.reused.length).toBe(COUNT + 1);
  expect(run.outputs["gathered"]?.value).toEqual(expected(3));
});

test("an edit in the middle of a fan mixes nothing, and neither does the undo", async () => {
  using project = new TestProject({
    "pipeline.ts": pipeline,
    "work.ts": times(3),
    "edits.mjs": at(100, `writeFileSync("work.ts", ${JSON.stringify(times(5))})`),
  });
  const edited = await project.node(["edits.mjs"]);
  expect(edited.stderr).toBe("");
  const after = await drive(project);
  expect(after.outputs["gathered"]?.value).toEqual(expected(5));
  project.write({ "work.ts": times(3) });
  const undone = await drive(project);
  expect(undone.reused.length).toBeGreaterThanOrEqual(90);
  expect(undone.outputs["gathered"]?.value).toEqual(expected(3));
});

test("a failure in a fan leaves every node told of once, and what was computed is kept", async () => {
  const fails = `export const work = (n: number): number => { if (n === 200) throw new Error("no"); return n * 3; };\n`;
  using project = new TestProject({ "pipeline.ts": pipeline, "work.ts": fails });
  const run = await drive(project);
  const ends = run.events.filter(({ kind }) => ["step-computed", "step-failed", "step-canceled"].includes(kind));
  const nodes = ends.map((event) => ("nodeId" in event ? event.nodeId : undefined));
  expect(new Set(nodes).size).toBe(COUNT + 1);
  expect(nodes).toHaveLength(COUNT + 1);
  expect(run.computed.length).toBeGreaterThanOrEqual(190);
  const again = await drive(project);
  expect([...run.computed].filter((id) => !again.reused.includes(id))).toEqual([]);
});
