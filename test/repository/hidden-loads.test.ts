import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, step } from "warmstart";\n`;
const load = `import { createRequire as make } from "node:module"; const call = (fn: any, name: string) => fn(name);`;

async function twice(project: TestProject, file: string, edited: string): Promise<readonly unknown[]> {
  const first = await project.drive();
  expect((await project.drive()).reused).toEqual(first.computed);
  project.write({ [file]: edited });
  const second = await project.drive();
  return [first.outputs["a"]?.value, second.outputs["a"]?.value];
}

test("a source that is required at top level by a function that no text shows to be `require`", async () => {
  using project = new TestProject({
    "hidden.cjs": "module.exports = { v: 1 };",
    "pipeline.ts": `${head}${load} const { v } = call(make(import.meta.url), "./hidden.cjs");
      const a = step("a", ({ n }: { n: number }) => n + v);
      export default pipeline("p", () => ({ a: a({ n: 0 }) }));`,
  });
  expect(await twice(project, "hidden.cjs", "module.exports = { v: 2 };")).toEqual([1, 2]);
});

test("a computed import at top level that the step trusts is still seen", async () => {
  using project = new TestProject({
    "hidden.ts": "export const v = 1;",
    "pipeline.ts": `${head} const name = "./hidden.ts"; const { v } = await import(name);
      const a = step("a", { trust: ["code"] }, ({ n }: { n: number }) => n + v);
      export default pipeline("p", () => ({ a: a({ n: 0 }) }));`,
  });
  expect(await twice(project, "hidden.ts", "export const v = 2;")).toEqual([1, 2]);
});

test("what another step's module loads is no part of this step", async () => {
  using project = new TestProject({
    "other.ts": `${head} export const other = step("other", ({ n }: { n: number }) => n + 1);`,
    "one.ts": `${head} export const one = step("one", ({ n }: { n: number }) => n + 1);`,
    "pipeline.ts": `${head} import { one } from "./one.ts"; import { other } from "./other.ts";
      export default pipeline("p", () => ({ a: one({ n: 0 }), b: other({ n: 0 }) }));`,
  });
  await project.drive();
  project.write({ "other.ts": `${head} export const other = step("other", ({ n }: { n: number }) => n + 2);` });
  expect((await project.drive()).reused).toEqual(["one"]);
});
