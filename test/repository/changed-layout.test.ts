import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

/** While `first` runs, the thread for `second` has loaded its modules already; then `first` changes what imports mean. */
const program = (imported: string, edits: Readonly<Record<string, string>>): Record<string, string> => ({
  "first.ts": `import { step } from "warmstart"; import { setTimeout } from "node:timers/promises"; import { writeFileSync } from "node:fs";
    export const first = step("first", async ({ n }: { n: number }) => {
      await setTimeout(900);
      for (const [file, text] of Object.entries(${JSON.stringify(edits)})) writeFileSync(file, text);
      return n;
    });`,
  "second.ts": `import { step } from "warmstart"; import { v } from "${imported}";
    export const second = step("second", ({ n }: { n: number }) => n * 0 + v);`,
  "main.ts": `import { pipeline } from "warmstart"; import { first } from "./first.ts"; import { second } from "./second.ts";
    export default pipeline("p", () => { const n = first({ n: 1 }); return { v: second({ n }) }; });`,
});

async function valuesOfTwoRuns(project: TestProject): Promise<readonly string[]> {
  const values: string[] = [];
  for (let run = 0; run < 2; run++) {
    const { stdout, stderr } = await project.cli(["run", "main.ts", "--json"]);
    const [value] = /"shown":\s*"\d+"(?=[^[]*"notices")/.exec(stdout) ?? [`${stdout}\n${stderr}`];
    values.push(value.replace(/\D+/g, ""));
  }
  return values;
}

test("a package that is updated while a step runs is the one that the next step is run and stored with", async () => {
  const dependency = (v: number): Record<string, string> => ({
    "node_modules/dep/package.json": `{ "name": "dep", "version": "${v}.0.0", "type": "module", "main": "index.js" }`,
    "node_modules/dep/index.js": `export const v = ${v};`,
  });
  using project = new TestProject({ ...dependency(1), ...program("dep", dependency(2)) });
  expect(await valuesOfTwoRuns(project)).toEqual(["2", "2"]);
});

test("a path that is mapped elsewhere while a step runs leads the next step there", async () => {
  const mapped = (to: string): Record<string, string> => ({
    "tsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@/*": [`./${to}/*`] } } }),
  });
  using project = new TestProject({
    ...mapped("one"),
    "one/v.ts": "export const v = 1;",
    "two/v.ts": "export const v = 2;",
    ...program("@/v", mapped("two")),
  });
  expect(await valuesOfTwoRuns(project)).toEqual(["2", "2"]);
});

test("a file that comes to stand before another in an import's search while a step runs is the one that is loaded", async () => {
  using project = new TestProject({
    "v/index.ts": "export const v = 1;",
    ...program("./v", { "v.ts": "export const v = 2;" }),
  });
  expect(await valuesOfTwoRuns(project)).toEqual(["2", "2"]);
});

test("a package that is updated while a program runs is not what its own thread runs", async () => {
  const dependency = (v: number): Record<string, string> => ({
    "node_modules/dep/package.json": `{ "name": "dep", "version": "${v}.0.0", "type": "module", "main": "index.js" }`,
    "node_modules/dep/index.js": `export const v = ${v};`,
  });
  using project = new TestProject({
    ...dependency(1),
    "pipeline.ts": `import { pipeline, step } from "warmstart"; import { v } from "dep"; import { writeFileSync } from "node:fs";
      const first = step("first", { executor: "in-process" }, ({ n }: { n: number }) => {
        for (const [file, text] of Object.entries(${JSON.stringify(dependency(2))})) writeFileSync(file, text);
        return n;
      });
      const second = step("second", { executor: "in-process" }, ({ n }: { n: number }) => n * 0 + v);
      export default pipeline("p", { trust: ["in-process"] }, () => ({ v: second({ n: first({ n: 1 }) }) }));`,
  });
  const run = await project.drive();
  expect(run.outputs["v"]?.value).toBe(1);
  const again = await project.drive();
  expect(again.outputs["v"]?.value).toBe(2);
  expect(again.computed).toContain("second");
});
