import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ProcessResult } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

const ROUNDS = 20;

describe("two processes with one repository", () => {
  test(
    "that make it at once agree on its id and its key",
    async () => {
      using project = new TestProject({
        "open.ts": `import { Repository } from "warmstart"; import { readFileSync } from "node:fs";
          const [folder, start] = process.argv.slice(2);
          while (Date.now() < Number(start));
          await using repository = await Repository.open({ folder });
          const key = readFileSync(folder + "/secret.key", "utf8"), mark = readFileSync(folder + "/repository.json", "utf8");
          console.log(JSON.stringify([repository.created, key, mark]));`,
      });
      const created: boolean[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const args = ["open.ts", project.path(`r${round}`), String(Date.now() + 500)];
        const both = await Promise.all([project.node(args), project.node(args)]);
        expect(both.map(({ exitCode, stderr }: ProcessResult) => [exitCode, stderr])).toEqual([
          [0, ""],
          [0, ""],
        ]);
        const [one, two] = both.map(({ stdout }) => JSON.parse(stdout) as readonly [boolean, string, string]);
        expect(one?.slice(1)).toEqual(two?.slice(1));
        created.push(one?.[0] !== two?.[0]);
      }
      expect(created).toEqual(created.map(() => true));
    },
    ROUNDS * 4_000,
  );

  test("the end of one run leaves alone what a step of the other has in its temporary folder", async () => {
    using project = new TestProject({
      "pipeline.ts": `import { pipeline, step } from "warmstart"; import fs from "node:fs";
        const slow = step("slow", async ({}, ctx) => {
          fs.writeFileSync(ctx.tempDirectory + "/x", "mine");
          fs.writeFileSync("started", "");
          while (!fs.existsSync("go-on")) await new Promise((resolve) => setTimeout(resolve, 20));
          return fs.readFileSync(ctx.tempDirectory + "/x", "utf8");
        });
        const quick = step("quick", ({}, ctx) => { fs.writeFileSync(ctx.tempDirectory + "/x", "1"); return 1; });
        export default pipeline("slow", () => ({ a: slow({}) }));
        export const other = pipeline("other", () => ({ a: quick({}) }));`,
    });
    const slow = project.drive();
    while (!existsSync(project.path("started"))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await project.drive({ exported: "other" })).error).toBeUndefined();
    project.write({ "go-on": "" });
    expect((await slow).outputs["a"]?.value).toBe("mine");
    expect(readdirSync(project.path(".warmstart/tmp"))).toEqual([]);
  });
});

test("a thread that was ended leaves nothing in the temporary folder", async () => {
  using project = new TestProject({
    "pipeline.ts": `import { pipeline, step } from "warmstart"; import fs from "node:fs";
      const stuck = step("stuck", { timeout: "200ms" }, ({}, ctx) => { fs.writeFileSync(ctx.tempDirectory + "/x", "1"); for (;;); });
      export default pipeline("p", () => ({ a: stuck({}) }));`,
  });
  const run = await project.drive();
  expect(run.error?.message).toMatch(/its timeout/);
  expect(readdirSync(project.path(".warmstart/tmp"))).toEqual([]);
});

test("an output that is given a name later is found under it after a hit", async () => {
  const file = (output: string): string => `import { artifact, pipeline, step, value } from "warmstart";
    const train = step("train", { code: { version: "1" }${output} }, () => 42);
    const use = step("use", { code: { version: "1" } }, ({ m }: { m: number }) => m + 1);
    export default pipeline("p", () => ({ model: train({}) }));
    export const other = pipeline("q", () => ({ a: use({ m: artifact<number>("late-model@latest") }) }));`;
  using project = new TestProject({ "pipeline.ts": file("") });
  await project.drive();
  project.write({ "pipeline.ts": file(`, output: value<number>({ name: "late-model" })`) });
  expect((await project.drive()).reused).toEqual(["train"]);
  const other = await project.drive({ exported: "other" });
  expect(other.error).toBeUndefined();
  expect(other.outputs["a"]?.value).toBe(43);
});
