import { createHash } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { AuditReport } from "../../src/repository/repository-audit.ts";
import { TestProject } from "../rig/project.ts";
import type { ProcessResult } from "../rig/project.ts";

const head = `import fs from "node:fs"; import { file, directory, materializer, pipeline, step, value } from "warmstart";\n`;

/** A project whose pipeline was run once. */
async function ran(text: string, files: Readonly<Record<string, string>> = {}): Promise<TestProject> {
  const project = new TestProject({ "pipelines/p.ts": head + text, ...files });
  const { exitCode, stderr } = await project.cli(["run"]);
  expect(exitCode, stderr).toBe(0);
  return project;
}

async function audit(
  project: TestProject,
  ...args: string[]
): Promise<AuditReport & { readonly exitCode: number | null }> {
  const { exitCode, stdout, stderr } = await project.cli(["audit", "--json", ...args]);
  expect(stderr).toBe("");
  return { ...(JSON.parse(stdout) as AuditReport), exitCode };
}

function verdicts({ steps }: AuditReport): Readonly<Record<string, string>> {
  return Object.fromEntries(steps.map(({ node, verdict }) => [node, verdict]));
}

/** Every row of the metadata store, and every file of the artifact store with its bytes and stamps. */
function storeOf(project: TestProject): object {
  using db = new DatabaseSync(project.path(".warmstart/metadata.sqlite"), { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const rows = tables.map(({ name }) => [name, JSON.stringify(db.prepare(`SELECT * FROM "${String(name)}"`).all())]);
  const folder = project.path(".warmstart/artifacts");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stats = statSync(path.join(folder, name));
      if (!stats.isFile()) return [name];
      return [
        name,
        stats.mtimeMs,
        stats.ino,
        createHash("sha256")
          .update(readFileSync(path.join(folder, name)))
          .digest("hex"),
      ];
    });
  return { rows, files };
}

const doubtful = `
  const seeded = step("seeded", (_: {}, ctx) => [ctx.random(), ctx.random()]);
  const clock = step("clock", () => ({ fixed: 1, at: Date.now() }));
  const dice = step("dice", ({ n }: { n: number }) => Array.from({ length: n }, () => Math.random()));
  const sum = step("sum", ({ all }: { all: number[] }) => all.length);
  export default pipeline("p", () => ({ s: seeded({}), c: clock(), d: sum({ all: dice({ n: 2 }) }) }));`;

test("steps that read the clock or draw numbers are found, seeded ones agree, and nothing in the stores changes", async () => {
  using project = await ran(doubtful);
  const before = storeOf(project);
  const report = await audit(project);
  expect(report.exitCode).toBe(1);
  expect(verdicts(report)).toEqual({ seeded: "same", clock: "different", dice: "different", sum: "same" });
  expect(report.counts).toEqual({ same: 2, different: 2, failed: 0, skipped: 0, notSampled: 0 });
  const [output] = report.steps.find(({ node }) => node === "clock")?.outputs ?? [];
  expect(output?.differences).toEqual([
    { path: "at", before: expect.stringMatching(/^\d+$/), after: expect.stringMatching(/^\d+$/) },
  ]);
  expect(report.steps.find(({ node }) => node === "dice")?.outputs[0]?.differences.map(({ path: at }) => at)).toEqual([
    "[0]",
    "[1]",
  ]);
  expect(storeOf(project)).toEqual(before);
  expect(readdirSync(project.path(".warmstart/tmp"))).toEqual([]);
  const again = await project.cli(["run"]);
  expect(again.stdout).toContain("4 reused");
});

test("the report for people names places with old and new value, and ends in one line", async () => {
  using project = await ran(doubtful);
  const { stdout, exitCode } = await project.cli(["audit"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/✔ seeded +same +stored by run 1/);
  expect(stdout).toMatch(/✖ clock +differs +stored by run 1.*\n +at: \d+ → \d+\n/);
  expect(stdout).toMatch(/4 steps run again: 2 same, 2 different, in .*; nothing in the repository changed\n$/);
});

const counted = (returned: string): string => `
  const a = step("a", ({ n }: { n: number }) => {
    const turn = n + Number(process.hrtime.bigint() % 1_000_000_007n);
    return ${returned};
  });
  export default pipeline("p", () => ({ a: a({ n: 1 }) }));`;

test.each([
  [
    "the order of properties",
    `Object.fromEntries(["a", "b", "c", "d", "e", "f", "g", "h"].sort(() => Math.random() - 0.5).map((k) => [k, 1]))`,
    /^order of the properties$/,
  ],
  ["a value in a Map", `new Map([["t", turn]])`, /^get\("t"\)$/],
  ["a member of a Set", `new Set(["x", turn])`, /^members$/],
  ["a place that is NaN", `[NaN, turn]`, /^\[1\]$/],
  ["a text", `"one\\n" + turn + "\\nthree"`, /^line 2$/],
  ["bytes", `new Uint8Array(crypto.getRandomValues(new Uint8Array(16)))`, /^\[\d+\]$/],
])("%s", async (_, returned, where) => {
  using project = await ran(counted(returned));
  const [step] = (await audit(project)).steps;
  expect(step?.verdict).toBe("different");
  expect(step?.outputs[0]?.differences[0]?.path).toMatch(where);
});

test("files and folders are compared by what is in them", async () => {
  using project = await ran(`
    const one = step("one", (_: {}, ctx) => { fs.writeFileSync(ctx.tempDirectory + "/x.txt", "a\\n" + Date.now()); return file(ctx.tempDirectory + "/x.txt"); });
    const many = step("many", (_: {}, ctx) => {
      fs.mkdirSync(ctx.tempDirectory + "/d");
      fs.writeFileSync(ctx.tempDirectory + "/d/same", "1");
      fs.writeFileSync(ctx.tempDirectory + "/d/other", String(Date.now()));
      return directory(ctx.tempDirectory + "/d");
    });
    const same = step("same", ({ f }: { f: ReturnType<typeof file> }) => fs.readFileSync(f.path, "utf8").length);
    export default pipeline("p", () => { const f = one({}); return { f, d: many({}), n: same({ f }) }; });`);
  const report = await audit(project);
  expect(verdicts(report)).toEqual({ one: "different", many: "different", same: "same" });
  expect(report.steps[0]?.outputs[0]?.differences).toEqual([
    { path: "content line 2", before: expect.any(String), after: expect.any(String) },
  ]);
  expect(report.steps[1]?.outputs[0]?.differences[0]?.path).toBe('get("other").digest');
});

test("a class's value is compared as what its materializer saved", async () => {
  using project = await ran(`
    class Model { #at: number; constructor(at: number) { this.#at = at; } toJSON() { return { at: this.#at }; } static from(o: { at: number }) { return new Model(o.at); } }
    const model = materializer("model", { version: 1, is: (v): v is Model => v instanceof Model, save: (m: Model) => m.toJSON(), load: (o) => Model.from(o as { at: number }) });
    const fit = step("fit", { output: value<Model>({ materializer: model }) }, () => new Model(Date.now()));
    export default pipeline("p", () => ({ m: fit() }));`);
  const [step] = (await audit(project)).steps;
  expect(step?.outputs[0]?.differences).toEqual([
    { path: "at", before: expect.any(String), after: expect.any(String) },
  ]);
});

test("a step that writes files is left alone unless told, also one that only appends", async () => {
  using project = await ran(
    `const log = step("log", ({ n }: { n: number }) => { fs.appendFileSync("log.txt", "x"); return n; });
     const write = step("write", ({ n }: { n: number }) => { fs.writeFileSync("out.txt", "1"); return n; });
     export default pipeline("p", () => ({ a: log({ n: 1 }), b: write({ n: 2 }) }));`,
    { "log.txt": "" },
  );
  const report = await audit(project);
  expect(report.exitCode).toBe(0);
  expect(report.steps.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ["skipped", expect.stringContaining("it writes log.txt; `--side-effects`")],
    ["skipped", expect.stringContaining("it writes out.txt; `--side-effects`")],
  ]);
  expect(readFileSync(project.path("log.txt"), "utf8")).toBe("x");
  expect(verdicts(await audit(project, "--side-effects"))).toEqual({ log: "same", write: "same" });
  expect(readFileSync(project.path("log.txt"), "utf8")).toBe("xx");
});

test("a step of which the code or what it reads changed since is skipped and says why; what is behind it is audited", async () => {
  using project = await ran(
    `import { a } from "../a.ts"; import { b, c } from "../other.ts";
     export default pipeline("p", () => ({ b: b(), c: c({ x: a({ n: 2 }) }) }));`,
    {
      "data.txt": "1",
      "helper.ts": "export const times = (n: number) => n * 2;",
      "a.ts": `import { step } from "warmstart"; import { times } from "./helper.ts";
        export const a = step("a", ({ n }: { n: number }) => times(n));`,
      "other.ts": `import fs from "node:fs"; import { step } from "warmstart";
        export const b = step("b", () => fs.readFileSync("data.txt", "utf8"));
        export const c = step("c", ({ x }: { x: number }) => x + 1);`,
    },
  );
  project.write({ "data.txt": "2" });
  const { steps } = await audit(project);
  expect(steps.map(({ node, verdict, reason }) => [node, verdict, reason])).toContainEqual([
    "b",
    "skipped",
    "a run would compute it: data.txt changed",
  ]);
  project.write({ "helper.ts": "export const times = (n: number) => n * 3;", "data.txt": "1" });
  const changed = await audit(project);
  const byName = changed.steps.toSorted((x, y) => (x.node < y.node ? -1 : 1));
  expect(byName).toMatchObject([
    {
      node: "a",
      verdict: "skipped",
      reason: expect.stringContaining("a run would compute it: helper.ts:1 times") as string,
    },
    { node: "b", verdict: "same" },
    { node: "c", verdict: "same" },
  ]);
});

test("a step that fails now and did not then is a difference", async () => {
  using project = await ran(`
    const a = step("a", () => { if (Date.now() > ${Date.now() + 4000}) throw new Error("too late"); return 1; });
    export default pipeline("p", () => ({ a: a() }));`);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const report = await audit(project);
  expect(report.steps[0]).toMatchObject({ verdict: "failed", error: { message: "too late" } });
  expect(report.exitCode).toBe(1);
});

test("what nobody vouches for is run again too, and says what it does unseen", async () => {
  using project = await ran(`
    const a = step("a", () => Object.keys({ ...process.env }).length > 0);
    export default pipeline("p", () => ({ a: a() }));`);
  const [step] = (await audit(project)).steps;
  expect(step).toMatchObject({ verdict: "same", notes: [expect.stringContaining("unseen: environment")] });
});

test("a sample is the same for one seed, and says what it left out", async () => {
  using project = await ran(`
    const a = step("a", ({ n }: { n: number }) => n);
    export default pipeline("p", () => ({ all: Array.from({ length: 20 }, (_, n) => a({ n })) }));`);
  const picked = async (seed: string): Promise<readonly string[]> => {
    const report = await audit(project, "--sample", "15%", "--seed", seed);
    expect(report.counts).toMatchObject({ same: 3, notSampled: 17 });
    return report.steps.map(({ node }) => node);
  };
  const first = await picked("7");
  expect(await picked("7")).toEqual(first);
  expect(await picked("8")).not.toEqual(first);
  const { stdout } = await project.cli(["audit", "--sample", "1"]);
  expect(stdout).toMatch(/1 step run again: 1 same, 0 different, 19 not in the sample of 1 \(--seed \d+\)/);
  const bad: ProcessResult = await project.cli(["audit", "--sample", "200%"]);
  expect(bad.exitCode).toBe(2);
  const unknown = await project.cli(["audit", "--step", "aa"]);
  expect(unknown.exitCode).toBe(2);
});

test("equal nodes are run again once, one step can be picked, and parameters of the latest run are taken", async () => {
  using project = new TestProject({
    "pipelines/p.ts": `${head}
      const a = step("a", ({ n }: { n: number }) => n);
      const b = step("b", ({ n }: { n: number }) => n + 1);
      export default pipeline("p", ({ n = 1 }: { n?: number }) => ({ x: a({ n }), y: a({ n }), z: b({ n }) }));`,
  });
  await project.cli(["run", "--param", "n=5"]);
  const report = await audit(project);
  expect(verdicts(report)).toEqual({ a: "same", "a-2": "skipped", b: "same" });
  expect(verdicts(await audit(project, "--step", "b"))).toEqual({ b: "same" });
  expect(verdicts(await audit(project, "--param", "n=6"))).toEqual({ a: "skipped", "a-2": "skipped", b: "skipped" });
});

test("damaged bytes are neither healed nor moved", async () => {
  using project = await ran(`
    const a = step("a", () => ({ big: "x".repeat(100) }));
    const b = step("b", ({ a }: { a: { big: string } }) => a.big.length);
    export default pipeline("p", () => ({ b: b({ a: a() }) }));`);
  const folder = project.path(".warmstart/artifacts/objects-v1");
  const blob = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .find((name) => statSync(name).isFile() && readFileSync(name, "utf8").includes("xxxx"));
  chmodSync(blob ?? "", 0o644);
  writeFileSync(blob ?? "", readFileSync(blob ?? "", "utf8").replace("xxxx", "xxyx"));
  const before = storeOf(project);
  const report = await audit(project);
  expect(report.steps.find(({ node }) => node === "b")).toMatchObject({
    verdict: "skipped",
    reason: "its stored input a is damaged",
  });
  expect(storeOf(project)).toEqual(before);
});
