import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { Acceptance } from "../../src/model/acceptance.ts";
import type { AcceptReport, UndoReport } from "../../src/repository/acceptance-report.ts";
import { TestProject } from "../rig/project.ts";

/** A pipeline whose steps' code stands in a module of its own. */
function projectOf(code: string, body = `({ n = 1 }: { n?: number }) => ({ a: a({ n }) })`): TestProject {
  return new TestProject({
    "code.ts": codeOf(code),
    "pipelines/p.ts": `import { a } from "../code.ts"; import { pipeline } from "warmstart";
    export default pipeline("p", ${body});`,
  });
}

function codeOf(a: string, options = "{}"): string {
  return `import fs from "node:fs"; import { step } from "warmstart"; export const a = step("a", ${options}, (${a}));`;
}

async function run(project: TestProject, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await project.cli(["run", ...args]);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

async function accept(
  project: TestProject,
  ...args: string[]
): Promise<AcceptReport & { readonly exitCode: number | null }> {
  const { exitCode, stdout, stderr } = await project.cli(["accept", "a", ...args, "--json"]);
  expect(stderr).toBe("");
  return { ...(JSON.parse(stdout) as AcceptReport), exitCode };
}

async function undo(project: TestProject): Promise<UndoReport> {
  const { stdout } = await project.cli(["accept", "a", "--undo", "--json"]);
  return JSON.parse(stdout) as UndoReport;
}

interface Shown {
  readonly executions: readonly { readonly accepted?: Acceptance; readonly state: string; readonly origin?: number }[];
}

async function shown(project: TestProject, runId: string): Promise<Shown["executions"]> {
  const { stdout } = await project.cli(["show", runId, "--json"]);
  return (JSON.parse(stdout) as Shown).executions;
}

function rowsOf(project: TestProject): object {
  using db = new DatabaseSync(project.path(".warmstart/metadata.sqlite"), { readOnly: true });
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return tables.map(({ name }) => [name, JSON.stringify(db.prepare(`SELECT * FROM "${String(name)}"`).all())]);
}

const double = `({ n }: { n: number }) => ({ twice: n * 2 })`;
const added = `({ n }: { n: number }) => ({ twice: n + n })`;
const squared = `({ n }: { n: number }) => ({ twice: n * n })`;

test("an equivalent change is compared on every stored result's inputs, and later runs hit", async () => {
  using project = projectOf(double);
  for (const n of [1, 2, 3]) await run(project, "--param", `n=${n}`);
  project.write({ "code.ts": codeOf(added) });
  const report = await accept(project);
  expect(report).toMatchObject({ exitCode: 0, outcome: "adopted", run: 4, compared: 3, differing: [], left: [] });
  expect(report.adopted.map(({ run: id, verified }) => [id, verified])).toEqual([
    [1, "own"],
    [2, "own"],
    [3, "own"],
  ]);
  expect(report.risk).toMatch(/^Not compared: .*inputs that were never stored/);
  for (const n of [1, 2, 3])
    expect(await run(project, "--param", `n=${n}`)).toMatch(/✔ a +reused +from run 4, .* ago, accepted/);
  expect(await run(project, "--param", "n=4")).toContain("1 computed");
  project.write({ "code.ts": codeOf(double) });
  expect(await run(project, "--param", "n=1")).toMatch(/reused +from run 1/);
});

test("who, when and on what evidence is recorded, and shown wherever the result is used", async () => {
  using project = projectOf(double);
  await run(project);
  project.write({ "code.ts": codeOf(added) });
  const before = Date.now();
  const { by } = await accept(project);
  await run(project);
  const [adopted] = await shown(project, "2");
  expect(adopted).toMatchObject({
    state: "COMPLETE",
    origin: 1,
    accepted: { by, verified: "own", evidence: { compared: 1, adopted: 1 } },
  });
  expect(adopted?.accepted?.at).toBeGreaterThanOrEqual(before);
  expect(adopted?.accepted?.evidence.executions).toEqual([
    { id: 1, outputs: [{ name: "output", digest: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
  ]);
  const [hit] = await shown(project, "3");
  expect(hit).toMatchObject({ state: "CACHED", origin: 2, accepted: { by, verified: "own" } });
  const { stdout: explained } = await project.cli(["explain", "3"]);
  expect(explained).toMatch(/computed by other code \([0-9a-f]{12}\); accepted as equivalent by/);
  expect(explained).toContain("run on its own inputs, and every output was equal by content");
  expect((await project.cli(["explain", "2"])).stdout).toMatch(
    /≈ a +accepted .*compared on its own inputs[^]*compared: execution 1, output [0-9a-f]{12}/,
  );
  expect((await project.cli(["show", "3"])).stdout).toContain("accepted as equivalent by");
});

test("if any result differs nothing is adopted, the difference is shown, and nothing in the store changes", async () => {
  using project = projectOf(double);
  for (const n of [0, 2, 3]) await run(project, "--param", `n=${n}`);
  project.write({ "code.ts": codeOf(squared) });
  const before = rowsOf(project);
  const report = await accept(project);
  expect(report).toMatchObject({ exitCode: 1, outcome: "different", adopted: [] });
  expect(report.differing).toMatchObject([
    { run: 3, node: "a", outputs: [{ differences: [{ path: "twice", before: "6", after: "9" }] }] },
  ]);
  expect(rowsOf(project)).toEqual(before);
  expect(await run(project, "--param", "n=2")).toContain("1 computed");
  const { stdout, exitCode } = await project.cli(["accept", "a"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/✖ a +differs +stored by run 3\n +twice: 6 → 9\n/);
  expect(stdout).toContain("a gives another result: nothing was adopted");
});

test("a step that fails with its new code is different", async () => {
  using project = projectOf(double);
  await run(project);
  project.write({ "code.ts": codeOf(`({ n }: { n: number }): { twice: number } => { throw new Error("no " + n); }`) });
  expect((await accept(project)).differing).toMatchObject([{ error: { message: "no 1" } }]);
});

test("--verify N compares N and adopts the others on their evidence, marked so", async () => {
  using project = projectOf(double);
  for (const n of [1, 2, 3, 4]) await run(project, "--param", `n=${n}`);
  project.write({ "code.ts": codeOf(added) });
  const report = await accept(project, "--verify", "1");
  expect(report.compared).toBe(1);
  expect(report.adopted.map(({ verified }) => verified).toSorted()).toEqual(["others", "others", "others", "own"]);
  expect(report.risk).toContain("3 of 4 adopted results");
  const texts = await Promise.all([1, 2, 3, 4].map((n) => run(project, "--param", `n=${n}`)));
  expect(texts.filter((text) => text.includes("accepted on others' evidence"))).toHaveLength(3);
});

test("--verify adopts nothing where the sample differs or none could be compared", async () => {
  using project = projectOf(`({ n }: { n: number }) => ({ n, text: fs.readFileSync("data.txt", "utf8") })`);
  project.write({ "data.txt": "1" });
  await run(project);
  project.write({
    "code.ts": codeOf(`({ n }: { n: number }) => ({ n: n + 0, text: fs.readFileSync("data.txt", "utf8") })`),
    "data.txt": "2",
  });
  const report = await accept(project, "--verify", "3");
  expect(report).toMatchObject({
    outcome: "nothing",
    compared: 0,
    left: [{ reason: expect.stringContaining("no result was compared") }],
  });
  expect((await accept(project)).left).toMatchObject([{ reason: "what it read is not as it was" }]);
  project.write({ "data.txt": "1" });
  expect(await accept(project)).toMatchObject({ outcome: "adopted", compared: 1 });
  expect(await run(project)).toContain("1 reused");
  project.write({ "data.txt": "2" });
  expect(await run(project)).toContain("data.txt changed");
});

test("what the new code reads is part of what is adopted", async () => {
  using project = projectOf(double);
  project.write({ "factor.txt": "2" });
  await run(project);
  project.write({
    "code.ts": codeOf(`({ n }: { n: number }) => ({ twice: n * Number(fs.readFileSync("factor.txt", "utf8")) })`),
  });
  expect(await accept(project)).toMatchObject({ outcome: "adopted" });
  expect(await run(project)).toContain("1 reused");
  project.write({ "factor.txt": "3" });
  expect(await run(project)).toContain("factor.txt changed");
});

test("without verification it needs the word, and is marked so for ever", async () => {
  using project = projectOf(double);
  await run(project);
  project.write({ "code.ts": codeOf(squared) });
  expect((await project.cli(["accept", "a", "--unverified", "--verify", "1"])).exitCode).toBe(2);
  const report = await accept(project, "--unverified");
  expect(report).toMatchObject({ outcome: "adopted", compared: 0, adopted: [{ verified: "none" }] });
  expect(report.risk).toContain("if the new code differs, every later run is handed a wrong result");
  expect(await run(project)).toMatch(/reused .*accepted UNVERIFIED/);
  expect((await project.cli(["explain"])).stdout).toContain("UNVERIFIED: nobody has compared");
  expect((await project.cli(["show"])).stdout).toContain("UNVERIFIED");
  // What is built upon it is no better, unless it is run itself.
  project.write({ "code.ts": codeOf(`({ n }: { n: number }) => ({ twice: n ** 3 + n * 0 })`) });
  expect((await accept(project, "--unverified")).adopted).toMatchObject([{ verified: "none" }]);
  project.write({ "code.ts": codeOf(added) });
  expect((await accept(project)).adopted).toMatchObject([{ verified: "own" }]);
});

test("undo retires exactly what was adopted", async () => {
  using project = projectOf(double);
  await run(project, "--param", "n=1");
  await run(project, "--param", "n=2");
  project.write({ "code.ts": codeOf(added) });
  await run(project, "--param", "n=3");
  await accept(project);
  expect(await run(project, "--param", "n=1")).toContain("1 reused");
  expect(await undo(project)).toMatchObject({ run: 4, retired: 2 });
  expect(await run(project, "--param", "n=3")).toContain("1 reused");
  expect(await run(project, "--param", "n=1")).toContain("1 computed");
  expect(await undo(project)).toMatchObject({ retired: 0 });
  expect((await project.cli(["accept", "a", "--undo"])).exitCode).toBe(1);
  project.write({ "code.ts": codeOf(double) });
  expect(await run(project, "--param", "n=2")).toContain("1 reused");
  project.write({ "code.ts": codeOf(added) });
  // Only what has no result of the present code is adopted again.
  expect((await accept(project)).adopted).toMatchObject([{ run: 2 }]);
});

test("what the new code computed itself is never replaced", async () => {
  using project = projectOf(`({ n }: { n: number }) => ({ n, at: Date.now() })`);
  await run(project);
  project.write({ "code.ts": codeOf(`({ n }: { n: number }) => ({ n: n + 0, at: Date.now() })`) });
  await run(project);
  expect(await accept(project, "--unverified")).toMatchObject({ outcome: "nothing", adopted: [] });
  expect(await run(project)).toMatch(/reused +from run 2/);
});

test("results of which more than the code changed are left", async () => {
  using project = projectOf(double);
  await run(project);
  project.write({ "code.ts": codeOf(added, `{ version: "2" }`) });
  expect(await accept(project)).toMatchObject({
    outcome: "nothing",
    left: [{ reason: expect.stringContaining("not its code alone differs: version") }],
  });
});

test("steps that write files are left unless told", async () => {
  using project = projectOf(`({ n }: { n: number }) => { fs.appendFileSync("log.txt", "x"); return n; }`);
  project.write({ "log.txt": "" });
  await run(project);
  project.write({
    "code.ts": codeOf(`({ n }: { n: number }) => { fs.appendFileSync("log.txt", "x"); return n + 0; }`),
  });
  expect(await accept(project)).toMatchObject({
    outcome: "nothing",
    left: [{ reason: expect.stringContaining("it writes log.txt") }],
  });
  expect(readFileSync(project.path("log.txt"), "utf8")).toBe("x");
  expect(await accept(project, "--side-effects")).toMatchObject({ outcome: "adopted", compared: 1 });
  // And an audit still knows that it writes.
  const { stdout } = await project.cli(["audit"]);
  await run(project);
  expect(stdout).toContain("it writes log.txt");
});

test("what was not trusted is not trusted for having been accepted", async () => {
  using project = projectOf(`({ n }: { n: number }) => { void { ...process.env }; return n; }`);
  await run(project);
  project.write({ "code.ts": codeOf(`({ n }: { n: number }) => { void { ...process.env }; return n + 0; }`) });
  expect(await accept(project)).toMatchObject({ outcome: "adopted" });
  expect(await run(project, "--trust", "environment")).toContain("1 reused");
  expect(await run(project)).toContain("1 computed");
  // Also where the new code does nothing unseen any more, but the result came of code that did.
  using other = projectOf(`({ n }: { n: number }) => { void { ...process.env }; return n; }`);
  await run(other);
  other.write({ "code.ts": codeOf(`({ n }: { n: number }) => n`) });
  expect(await accept(other, "--unverified")).toMatchObject({ outcome: "adopted" });
  expect(await run(other)).toContain("1 computed");
});

test("the age of a result counts from when it was computed", async () => {
  using project = projectOf(double);
  await run(project);
  project.write({ "code.ts": codeOf(added, `{ cache: { ttl: "1ms" } }`) });
  expect(await accept(project)).toMatchObject({ outcome: "adopted" });
  expect(await run(project)).toContain("older than its ttl");
});

test("when the time is over, what was compared is adopted and the rest is left", async () => {
  using project = projectOf(double);
  for (const n of [1, 2]) await run(project, "--param", `n=${n}`);
  project.write({
    "code.ts": codeOf(
      `async ({ n }: { n: number }) => { if (n === 1) await new Promise((r) => setTimeout(r, 60_000)); return { twice: n + n }; }`,
    ),
  });
  const report = await accept(project, "--budget", "4s");
  expect(report).toMatchObject({ outcome: "adopted", adopted: [{ run: 2, verified: "own" }], left: [{ run: 1 }] });
  expect(report.left[0]?.reason).toContain("the time for comparing was over");
});

test("what is behind an accepted step is reused, since its input is the same", async () => {
  using project = new TestProject({
    "code.ts": codeOf(double),
    "pipelines/p.ts": `import { a } from "../code.ts"; import { pipeline, step } from "warmstart";
      const b = step("b", { code: { version: "1" } }, ({ x }: { x: { twice: number } }) => x.twice + 1);
      export default pipeline("p", () => ({ b: b({ x: a({ n: 2 }) }), c: a({ n: 3 }) }));`,
  });
  await run(project);
  project.write({ "code.ts": codeOf(added) });
  expect(await accept(project)).toMatchObject({ outcome: "adopted", compared: 2 });
  expect(await run(project)).toContain("3 reused");
});

test("functions that share a name are never taken for each other", async () => {
  const code = (left: string, right: string): string => `import { step } from "warmstart";
    export const one = step("a", ({ n }: { n: number }) => ${left}); export const two = step("a", ({ n }: { n: number }) => ${right});`;
  using project = new TestProject({
    "code.ts": code("n * 2", "n * 3"),
    "pipelines/p.ts": `import { one, two } from "../code.ts"; import { pipeline } from "warmstart";
      export default pipeline("p", ({ both = true }: { both?: boolean }) => both ? { x: one({ n: 1 }), y: two({ n: 1 }) } : { y: two({ n: 1 }), x: one({ n: 1 }) });`,
  });
  // Their nodes change places with the parameter.
  await run(project, "--param", "both=false");
  project.write({ "code.ts": code("n + n", "n + n + n") });
  expect(await accept(project)).toMatchObject({ outcome: "adopted", compared: 2, differing: [] });
  expect(await run(project)).toMatch(/2 reused[^]*x +2[^]*y +3/);
});

test("an unknown step and a bad line are refused", async () => {
  using project = projectOf(double);
  await run(project);
  const unknown = await project.cli(["accept", "b"]);
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain("No step `b` was ever run here");
  expect((await project.cli(["accept"])).exitCode).toBe(2);
  expect((await project.cli(["accept", "a", "--budget", "soon"])).exitCode).toBe(2);
  expect(await accept(project)).toMatchObject({ outcome: "nothing", exitCode: 1 });
});
