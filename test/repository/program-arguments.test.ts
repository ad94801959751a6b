import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const started = (step: string, rest: string): string => `import { pipeline, run, step } from "warmstart";
import { argv } from "node:process";
import { parseArgs } from "node:util";
import { readArguments } from "./arguments.js";
const work = step("work", ${step});
const p = pipeline("p", ({ n = 1 }) => ({ out: work({ n }) }));
${rest}`;

async function outputs(
  step: string,
  rest: string,
  ...runs: readonly (readonly string[])[]
): Promise<readonly string[]> {
  using project = new TestProject({
    "main.js": started(step, rest),
    "arguments.js": "export const readArguments = () => process.argv.slice(2).join();",
  });
  const said: string[] = [];
  for (const args of runs) said.push((await project.node([project.path("main.js"), ...args])).stdout.trim());
  return said;
}

const PRINT = "const { out } = await run(p); process.stdout.write(String(out));";

test.each([
  ["the global", "() => process.argv.slice(2).join()"],
  ["an import", "() => argv.slice(2).join()"],
  ["a helper", "() => readArguments()"],
  ["what reads them unasked", "() => parseArgs({ strict: false }).positionals.join()"],
])("a step that reads what its program was started with is not reused: %s", async (_words, step) => {
  expect(await outputs(step, PRINT, ["one"], ["two"])).toEqual(["one", "two"]);
});

test.each([
  ["for a parameter", "const n = Number(process.argv[2]); const { out } = await run(p, { n });"],
  ["in the call", "const { out } = await run(p, { n: Number(process.argv[2]) });"],
  [
    "to end early",
    `if (process.argv.includes("--help")) process.exit(0); const { out } = await run(p, { n: Number(argv[2]) });`,
  ],
])("a script that reads them %s loses nothing", async (_words, rest) => {
  const drawn = "({ n }) => `${n * 2} ${Math.random()}`";
  const [first, again, other] = await outputs(drawn, `${rest} process.stdout.write(String(out));`, ["3"], ["3"], ["4"]);
  expect([first, other]).toEqual([expect.stringMatching(/^6 0\./), expect.stringMatching(/^8 0\./)]);
  expect(again).toBe(first);
});
