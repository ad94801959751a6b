import { describe, expect, test } from "vitest";
import type { TestProject } from "../rig/project.ts";
import type { ProcessResult } from "../rig/project.ts";
import { sharedProjects, steady } from "./shared-projects.ts";

const env = { NO_COLOR: "1", CI: "" };
const project = sharedProjects();

async function said(where: TestProject, ...args: readonly string[]): Promise<string> {
  return steady((await where.cli(args, { env })).stdout);
}

async function json(where: TestProject, ...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await where.cli([...args, "--json"], { env });
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

const pipelineOf = (body = "a.length"): string => `
  import { readFileSync } from "node:fs";
  import { pipeline, step } from "warmstart";
  import { width } from "./helper.ts";
  import { lib } from "lib";
  const load = step("load", ({ path, size }: { path: string; size: number }) =>
    readFileSync(path, "utf8").slice(0, size) + width + lib + (process.env.MODE ?? ""));
  const count = step("count", ({ text }: { text: string }) => { const a = text; return ${body}; });
  export default pipeline("counts", ({ size = 10 }: { size?: number }) => ({ n: count({ text: load({ path: "data.txt", size }) }) }));`;

const lib = (version: string, value: number): Record<string, string> => ({
  "node_modules/lib/package.json": JSON.stringify({ name: "lib", version, type: "module", exports: "./index.js" }),
  "node_modules/lib/index.js": `export const lib = ${value};`,
});

const files = {
  "counts.ts": pipelineOf(),
  "helper.ts": "export const width = 3;",
  "data.txt": "first",
  ...lib("4.1.0", 1),
};

describe("every difference of a miss is told, each on a line", () => {
  const counts = project(files);

  test("parameter, package, module, file and variable at once", async () => {
    await said(counts, "run", "counts.ts");
    counts.write({ "helper.ts": "export const width = 4;", "data.txt": "second", ...lib("4.1.2", 2) });
    const edited = { ...env, MODE: "fast" };
    const args = ["run", "counts.ts", "--param", "size=20"];
    const planned = steady((await counts.cli(["explain", ...args.slice(1)], { env: edited })).stdout);
    await counts.cli(args, { env: edited });
    const shown = await said(counts, "explain", "2", "load");
    const lines = [
      " compared with run 1, the nearest earlier execution of load:",
      " ~ helper.ts:1 width changed, used by load → width",
      " - export const width = 3;",
      " + export const width = 4;",
      " ~ package lib 4.1.0 → 4.1.2",
      " ~ size: 10 → 20",
      " ~ environment variable MODE changed, read at counts.ts:7 load",
      " ~ data.txt changed",
    ];
    for (const line of lines) expect(shown).toContain(`${line}\n`);
    for (const line of lines) expect(planned).toContain(`${line}\n`);
    expect(planned).toContain(" ? count depends depends on the bytes of load");
    expect(shown.trimEnd().split("\n")).toHaveLength(lines.length + 2);
  });

  test("an input is told with the step that made it, and why that one was computed", async () => {
    expect(await said(counts, "explain", "2", "count")).toContain(
      " ~ its input `text` changed, made by load in run 2 (computed: ",
    );
  });

  test("the document has the same, with old and new values", async () => {
    const { explanations } = await json(counts, "explain", "2", "load");
    expect(explanations).toMatchObject([
      {
        execution: { run: 2, node: "load" },
        comparedWith: { run: 1 },
        trust: [],
        differences: expect.arrayContaining([
          { path: "config/size", kind: "changed", text: "size: 10 → 20", before: "10", after: "20" },
          {
            path: "code/package:lib",
            kind: "changed",
            text: "package lib 4.1.0 → 4.1.2",
            before: "4.1.0",
            after: "4.1.2",
          },
          { path: "reads/file:project:data.txt", kind: "changed", text: "data.txt changed" },
        ]),
      },
    ]);
  });

  test("of a file: what would happen now, one node of it, and nothing is recorded", async () => {
    const document = await json(counts, "explain", "counts.ts", "load", "--param", "size=5");
    expect(document).toMatchObject({
      command: "explain",
      pipeline: "counts",
      nodes: [{ id: "load", verdict: "compute", comparedWith: { node: "load" } }],
    });
    expect((await json(counts, "runs"))["runs"]).toHaveLength(2);
    const plan = await json(counts, "plan", "counts.ts", "--param", "size=5");
    expect(plan["nodes"]).toMatchObject([{ id: "load", differences: expect.any(Array) }, { id: "count" }]);
  });
});

describe("what is asked wrongly is answered with what was meant", () => {
  const small = project({
    "counts.ts": pipelineOf(),
    "helper.ts": "export const width = 3;",
    "data.txt": "x",
    ...lib("1.0.0", 1),
  });
  const failed = async (...args: readonly string[]): Promise<ProcessResult> => small.cli(args, { env });

  test("a file that is not there, a step that the pipeline has not, parameters without a file", async () => {
    const lost = await failed("explain", "count.ts");
    expect(lost).toMatchObject({ exitCode: 2, stdout: "" });
    expect(lost.stderr).toContain("Did you mean `counts.ts`?");
    const unknown = await failed("explain", "counts.ts", "lod");
    expect(unknown).toMatchObject({ exitCode: 2 });
    expect(unknown.stderr).toContain("Did you mean `load`?");
    const pointless = await failed("explain", "latest", "--param", "size=3");
    expect(pointless).toMatchObject({ exitCode: 2 });
    expect(pointless.stderr).toContain("--param belongs to a pipeline's file");
  });
});

test("policy, flags, failures and what was not seen are told as they were decided", async () => {
  const where = project({
    "p.ts": `
      import { pipeline, step } from "warmstart";
      const made = [1, 2].map((n) => step("made", { trust: ["code", "in-process"] }, () => n));
      const off = step("off", { cache: "off" }, () => 1);
      const copied = step("copied", () => Object.keys({ ...process.env }).length > 0);
      export default pipeline("p", () => ({ a: off(), b: copied() }));`,
  });
  await said(where, "run", "p.ts");
  await said(where, "run", "p.ts", "--refresh", "copied");
  const shown = await said(where, "explain");
  expect(shown).toContain(" ● off computed cache off, said by the step TIME\n");
  expect(shown).toContain(" ● copied computed refresh, asked for by this run TIME\n");
  expect(shown).toContain(' offered for reuse where somebody says trust: ["environment"]\n');
  await said(where, "run", "p.ts", "--trust", "environment");
  const hit = await said(where, "explain", "latest", "copied");
  expect(hit).toContain(" level: observed, and trusted: environment\n");
  const blind = await said(where, "run", "p.ts");
  expect(blind).toContain("stored a result that nobody vouched for (environment)");
});

test("variables that were read and not counted are named, of a hit too, without their values or the terminal's", async () => {
  const keys = project({
    "keys.ts": `
      import { pipeline, step } from "warmstart";
      const work = step("work", () => [process.env.OPENAI_API_KEY, process.env.NO_COLOR, process.env.CI_JOB].length);
      const none = step("none", () => process.env.TERM === undefined);
      export default pipeline("keys", () => ({ work: work({}), none: none({}) }));`,
    "warmstart.config.ts": `export default { env: { ignore: ["CI_*"] } };`,
  });
  const secret = { ...env, OPENAI_API_KEY: "sk-1", CI_JOB: "7" };
  for (const verb of ["computed", "reused"]) {
    await keys.cli(["run", "keys.ts"], { env: secret });
    const text = steady((await keys.cli(["explain"], { env: secret })).stdout);
    expect(text).toContain(verb);
    expect(text.match(/read and not counted: .*/g)).toEqual(["read and not counted: CI_JOB, OPENAI_API_KEY"]);
    const document = await keys.cli(["explain", "--json"], { env: secret });
    const { explanations } = JSON.parse(document.stdout) as { explanations: readonly { notCounted: unknown }[] };
    expect(explanations.flatMap(({ notCounted }) => notCounted)).toEqual(["CI_JOB", "OPENAI_API_KEY"]);
    expect(text + document.stdout).not.toContain("sk-1");
  }
});
