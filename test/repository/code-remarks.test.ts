import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

function withSteps(steps: string, files: Readonly<Record<string, string>> = {}): TestProject {
  const text = `import { pipeline, step } from "warmstart";\n${steps}\n`;
  return new TestProject({ "pipeline.ts": text, ...files });
}

const clocked = `import { stamp } from "./stamp.ts";
const train = step("train", ({ n }: { n: number }) => ({ n, at: stamp(), luck: Math.random() }));
export default pipeline("p", {}, ({ n = 1 }: any) => ({ b: train({ n }) }));`;
const stamp = { "stamp.ts": "export const stamp = (): number => Date.now();" };

test("a step that reads the clock is named once per code, with its places", async () => {
  using project = withSteps(clocked, stamp);
  const first = await project.cli(["run", "pipeline.ts"]);
  expect(first.stdout).toContain(
    "· train reads the clock and random numbers: pipeline.ts:3 Math.random, stamp.ts:1 Date.now\n  Such a result is kept as it is; ctx.random is seeded",
  );
  for (const args of [[], ["--param", "n=2"], ["--no-cache"]])
    expect((await project.cli(["run", "pipeline.ts", ...args])).stdout).not.toContain("reads the clock");
  project.write({ "stamp.ts": "export const stamp = (): number => Date.now() + 1;" });
  expect((await project.cli(["run", "pipeline.ts"])).stdout).toContain("· train reads the clock");
});

test("explain shows it for each execution that was computed, and --json every place", async () => {
  using project = withSteps(clocked, stamp);
  const { stdout } = await project.cli(["run", "pipeline.ts", "--json"]);
  const { steps } = JSON.parse(stdout) as { steps: readonly { remarks: unknown }[] };
  expect(steps[0]?.remarks).toEqual({
    warnings: [
      { kind: "random", name: "Math.random", at: "pipeline.ts:3" },
      { kind: "clock", name: "Date.now", at: "stamp.ts:1" },
    ],
    environment: [],
    state: [],
    isNew: true,
  });
  await project.cli(["run", "pipeline.ts", "--param", "n=2"]);
  const explained = await project.cli(["explain"]);
  expect(explained.stdout).toContain(
    "! reads the clock and random numbers: pipeline.ts:3 Math.random, stamp.ts:1 Date.now",
  );
});

test("measuring how long something took is not worth a line of a run", async () => {
  using project = withSteps(`const train = step("train", ({ n }: { n: number }) => {
    const began = performance.now();
    console.log(performance.now() - began);
    return n;
  });
  export default pipeline("p", {}, () => ({ b: train({ n: 1 }) }));`);
  expect((await project.cli(["run", "pipeline.ts"])).stdout).not.toContain("reads the clock");
  expect((await project.cli(["explain"])).stdout).toContain("reads the clock: pipeline.ts:3 performance.now");
});

test("what loggers of packages do, and what is in the key, is not said at all", async () => {
  using project = withSteps(
    `import { log } from "logger"; import os from "node:os";
    const train = step("train", ({ n }: { n: number }) => { log("x"); return [n, os.EOL, n.toLocaleString()]; });
    export default pipeline("p", {}, () => ({ b: train({ n: 1 }) }));`,
    {
      "node_modules/logger/package.json": '{"name":"logger","version":"1.0.0","main":"index.js"}',
      "node_modules/logger/index.js": "exports.log = (text) => console.log(Date.now(), text);",
    },
  );
  expect((await project.cli(["run", "pipeline.ts"])).stdout).not.toMatch(/^[·!]/m);
});

test("a variable that other code sets while the program runs is named with both places, in runs and explain", async () => {
  using project = withSteps(
    `import { mode, setMode } from "./mode.ts";
    const look = step("look", ({ n }: { n: number }) => n + mode);
    export function configure(): void { setMode(5); }
    export default pipeline("p", {}, ({ n = 1 }: any) => ({ b: look({ n }) }));`,
    { "mode.ts": "export let mode = 1;\nexport function setMode(value: number): void { mode = value; }" },
  );
  const text =
    "mode.ts:1 mode is set at mode.ts:2 while the program runs; the step's thread does not see that; make it a parameter";
  for (const param of ["n=1", "n=2"])
    expect((await project.cli(["run", "pipeline.ts", "--param", param])).stdout).toContain(`! look: ${text}`);
  expect((await project.cli(["explain"])).stdout).toContain(`! ${text}`);
});

test("a memo that only the step's own code fills is nobody else's", async () => {
  using project = withSteps(
    `import { double } from "./memo.ts";
    const look = step("look", ({ n }: { n: number }) => double(n));
    export default pipeline("p", {}, () => ({ b: look({ n: 1 }) }));`,
    {
      "memo.ts": `const memo = new Map<number, number>();
        export function double(n: number): number { const known = memo.get(n) ?? n * 2; memo.set(n, known); return known; }`,
    },
  );
  expect((await project.cli(["run", "pipeline.ts"])).stdout).not.toMatch(/^[·!]/m);
});
