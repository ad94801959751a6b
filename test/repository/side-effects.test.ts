import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, step } from "warmstart"; import fs from "node:fs";\n`;

test("what a failed attempt wrote and the next one built upon must still stand", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const a = step("a", { retry: { times: 1, delay: "1ms" } }, ({ n }: { n: number }) => {
        if (fs.existsSync("part")) return n;
        fs.writeFileSync("part", "1");
        throw new Error("the line went dead");
      });
      export default pipeline("p", () => ({ a: a({ n: 1 }) }));`,
  });
  expect((await project.drive()).computed).toEqual(["a"]);
  expect((await project.drive()).reused).toEqual(["a"]);
  rmSync(project.path("part"));
  const again = await project.drive();
  // The second attempt also looked whether it was there.
  expect(again.reasons).toEqual({ a: "part changed" });
});

const builtUpon = (made: string, use: string): string => `${head}
  const a = step("a", ({ n }: { n: number }) => { ${made} return n; });
  const b = step("b", ({ n }: { n: number }) => { ${use} return n; });
  export default pipeline("p", ({ n = 1 }: { n?: number }) => ({ b: b({ n }, { after: [a({ n: 1 })] }) }));`;

test.each([
  [
    "a folder that a step made",
    `fs.mkdirSync("made/deep", { recursive: true });`,
    `fs.writeFileSync("made/deep/f", "1");`,
    "made",
  ],
  ["a file that a step began by appending", `fs.appendFileSync("made", "1");`, `fs.readFileSync("made");`, "made"],
])("%s is there after a hit", async (_, made, use, path) => {
  using project = new TestProject({ "pipeline.ts": builtUpon(made, use) });
  expect((await project.drive()).error).toBeUndefined();
  expect((await project.drive({ params: { n: 2 } })).reused).toEqual(["a"]);
  rmSync(project.path(path), { recursive: true });
  const again = await project.drive({ params: { n: 3 } });
  expect(again.error).toBeUndefined();
  expect(again.computed).toEqual(["a", "b"]);
});

test("making a folder that is there already is no side effect", async () => {
  using project = new TestProject({
    "data/x": "1",
    "pipeline.ts": builtUpon(`fs.mkdirSync("data", { recursive: true });`, ""),
  });
  await project.drive();
  rmSync(project.path("data"), { recursive: true });
  expect((await project.drive()).reused).toEqual(["a", "b"]);
});
