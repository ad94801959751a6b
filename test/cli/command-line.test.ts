import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TestProject } from "../rig/project.ts";
import type { ProcessResult } from "../rig/project.ts";
import { failing, twoSteps } from "./pipelines.ts";
import { sharedProjects, steady } from "./shared-projects.ts";

const env = { NO_COLOR: "1", CI: "" };
const project = sharedProjects();

async function cli(where: TestProject, ...args: readonly string[]): Promise<ProcessResult> {
  return where.cli(args, { env });
}

/** A document, as far as its lists are looked into; everything else is compared as a whole. */
type Lists = Readonly<Record<string, readonly unknown[]>>;

/** The document of a command that was called with `--json`. */
async function json(where: TestProject, ...args: readonly string[]): Promise<Lists> {
  const { stdout } = await cli(where, ...args, "--json");
  return JSON.parse(stdout) as Lists;
}

describe("the first minute", () => {
  test("init writes a pipeline, run computes it, and run again reuses it", async () => {
    const fresh = project({});
    const written = await cli(fresh, "init");
    expect(written.stdout).toMatch(/^Wrote pipelines\/hello\.ts\.\n/);
    expect(readFileSync(fresh.path("pipelines/hello.ts"), "utf8").trimEnd().split("\n")).toHaveLength(8);
    expect(readdirSync(fresh.folder).sort()).toEqual(["node_modules", "package.json", "pipelines"]);
    const first = await cli(fresh, "run");
    expect(first.stderr).toBe("");
    expect(steady(first.stdout)).toContain(`Made the repository ${fresh.path(".warmstart")}\n`);
    expect(steady(first.stdout)).toContain(" ● load computed first time TIME\n");
    const second = await cli(fresh, "run");
    expect(steady(second.stdout)).toBe(
      [
        " ✔ load reused from run 1, TIME saved TIME",
        " ✔ rate reused from run 1, TIME saved TIME",
        " 2 steps: 2 reused in TIME, saved TIME run 2 warmstart explain 2",
        " rate 0.2",
        "",
      ].join("\n"),
    );
    expect(second).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("init never overwrites", async () => {
    const used = project({ "pipelines/hello.ts": "// mine\n" });
    expect((await cli(used, "init")).stdout).toContain("was left as it is");
    expect(readFileSync(used.path("pipelines/hello.ts"), "utf8")).toBe("// mine\n");
  });
});

describe("a project with runs", () => {
  const sums = project({ "sums.ts": twoSteps, "params.json": '{ "rounds": 7 }' });

  test("run says why it computes, what it reused, and the results", async () => {
    await cli(sums, "run", "sums.ts");
    const changed = await cli(sums, "run", "sums.ts", "--param", "rounds=200");
    const lines = steady(changed.stdout).split("\n");
    expect(lines.slice(0, 7)).toEqual([
      " ◌ load running rounds: 100 → 200",
      "[load] loading 200",
      " ● load computed rounds: 100 → 200 TIME",
      " ◌ total running its input `rows` changed",
      " ● total computed its input `rows` changed TIME",
      " 2 steps: 2 computed in TIME run 2 warmstart explain 2",
      " sum 19900",
    ]);
    expect(lines[7]).toMatch(/^ rows \[0, 1, 2, 3, .*…\]$/);
  });

  test("a hit's logs are replayed only when asked", async () => {
    const silent = await cli(sums, "run", "sums.ts", "--param", "rounds=200");
    expect(silent.stdout).not.toContain("loading");
    const asked = await cli(sums, "run", "sums.ts", "--param", "rounds=200", "--logs");
    expect(asked.stdout).toContain("[load] loading 200\n");
  });

  test("parameters come from a file too, and --param goes before it", async () => {
    const fromFile = await json(sums, "run", "sums.ts", "--params", "params.json");
    expect(fromFile["results"]?.[0]).toMatchObject({ output: "sum", shown: "21" });
    const both = await json(sums, "run", "sums.ts", "--params", "params.json", "--param", "rounds=3");
    expect(both["results"]?.[0]).toMatchObject({ output: "sum", shown: "3" });
  });

  test("run --json is one document on standard output; what steps write is on standard error", async () => {
    const { stdout, stderr, exitCode } = await cli(sums, "run", "sums.ts", "--refresh", "load", "--json");
    const document = JSON.parse(stdout) as Record<string, unknown>;
    expect(exitCode).toBe(0);
    expect(stderr).toBe("[load] loading 100\n");
    expect(Object.keys(document)).toEqual([
      "warmstart",
      "command",
      "repository",
      "pipeline",
      "run",
      "state",
      "durationMs",
      "counts",
      "steps",
      "results",
      "notices",
    ]);
    expect(document).toMatchObject({
      warmstart: 1,
      command: "run",
      pipeline: "sums",
      state: "COMPLETE",
      counts: { reused: 1, computed: 1, failed: 0, canceled: 0 },
      steps: [
        { node: "load", step: "load", state: "COMPLETE", reason: { kind: "refresh" }, metrics: { rows: 100 } },
        { node: "total", state: "CACHED", reason: { kind: "hit" }, origin: { run: 1 } },
      ],
    });
  });

  test("plan says what a run would do, and does nothing", async () => {
    const before = (await json(sums, "runs"))["runs"]?.length ?? 0;
    const { stdout } = await cli(sums, "plan", "sums.ts", "--param", "rounds=999");
    expect(steady(stdout)).toMatch(
      /^ ● load compute rounds: \d+ → 999 about TIME\n \? total depends depends on the bytes of load about TIME\n 0 to reuse, 1 to 2 to compute: about (?:[\d.]+–)?TIME/,
    );
    const warm = await json(sums, "plan", "sums.ts");
    expect(warm["nodes"]).toMatchObject([
      { id: "load", verdict: "reuse" },
      { id: "total", verdict: "reuse" },
    ]);
    expect((await json(sums, "runs"))["runs"]).toHaveLength(before);
  });

  test("explain lists every differing leaf against the nearest earlier execution", async () => {
    const { stdout } = await cli(sums, "explain", "2");
    expect(steady(stdout)).toContain(
      "compared with run 1, the nearest earlier execution of load:\n ~ rounds: 100 → 200\n",
    );
    const byStep = await json(sums, "explain", "load");
    expect(byStep["explanations"]).toHaveLength(1);
    const total = (await json(sums, "explain", "2"))["explanations"]?.[1];
    expect(total).toMatchObject({
      comparedWith: { run: 1 },
      differences: [
        {
          path: "inputs/rows",
          kind: "changed",
          text: "its input `rows` changed",
          madeBy: { run: 2, node: "load", step: "load", state: "COMPLETE", reason: "rounds: 100 → 200" },
        },
      ],
    });
    const reused = await cli(sums, "explain", "3");
    expect(steady(reused.stdout)).toContain(
      " ✔ load reused from run 2, TIME old saved TIME\n computed TIME in TIME, and not again: saved TIME\n level: observed\n",
    );
  });

  test("show, runs, logs and artifacts tell what was recorded", async () => {
    const shown = await json(sums, "show", "2");
    expect(shown).toMatchObject({
      warmstart: 1,
      command: "show",
      run: { id: 2, pipeline: "sums", state: "COMPLETE", params: { rounds: 200 } },
      executions: [
        { node: "load", state: "COMPLETE", reason: { text: "rounds: 100 → 200" }, metrics: { rows: 200 } },
        { node: "total", state: "COMPLETE" },
      ],
      results: [{ output: "sum", shown: "19900" }, { output: "rows" }],
    });
    expect((await cli(sums, "show", "2")).stdout).toContain("  parameters  rounds=200\n");
    const listed = (await cli(sums, "runs", "--limit", "1")).stdout.split("\n");
    expect(listed[0]).toMatch(/^ {2}run +pipeline +state +steps +took +saved +when$/);
    expect(listed).toHaveLength(3);
    expect((await cli(sums, "logs", "2", "load")).stdout).toBe("[load] loading 200\n");
    expect((await json(sums, "logs", "2"))["logs"]).toMatchObject([
      { node: "load", lines: [{ stream: "stdout" }] },
      { lines: [] },
    ]);
    expect((await cli(sums, "artifacts", "get", "2/sum")).stdout).toBe("19900\n");
    expect((await cli(sums, "artifacts", "get", "2/total")).stdout).toBe("19900\n");
    await cli(sums, "artifacts", "get", "2/rows", "--out", "out/rows.json");
    expect(JSON.parse(readFileSync(sums.path("out/rows.json"), "utf8"))).toHaveLength(200);
    const opened = (await cli(sums, "artifacts", "open", "2/sum")).stdout.trim();
    expect(readFileSync(opened, "utf8")).toBe("19900\n");
    expect((await json(sums, "artifacts", "list", "--type", "structured"))["artifacts"]?.length).toBeGreaterThan(3);
  });

  test("a step can be named alone, or within a run", async () => {
    const [latest] = (await json(sums, "runs", "--limit", "1"))["runs"] as readonly { readonly id: number }[];
    const logs = await json(sums, "logs", "load");
    expect(logs).toMatchObject({ run: latest?.id, logs: [{ node: "load" }] });
    expect((await json(sums, "explain", "2", "total"))["explanations"]).toMatchObject([
      { execution: { run: 2, node: "total" } },
    ]);
    const wrong = await cli(sums, "explain", "2", "totl");
    expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
    expect(wrong.stderr).toContain("Did you mean `total`?");
  });

  test("doctor finds nothing wrong", async () => {
    const { stdout, exitCode } = await cli(sums, "doctor");
    expect(stdout).not.toContain("✖");
    expect(exitCode).toBe(0);
    expect(await json(sums, "doctor")).toMatchObject({ ok: true, checks: expect.any(Array) });
  });

  test("a reader that goes away ends nothing and leaves no stack", async () => {
    const script = `"${process.execPath}" dist/cli/main.js runs | head -1`;
    const { stdout, stderr } = await sums.node(["-e", shell(script)], { env });
    expect(stdout).toContain("pipeline");
    expect(stderr).toBe("");
  });
});

function shell(line: string): string {
  const root = new URL("../../", import.meta.url).pathname;
  const command = line.replace("dist/", `${root}dist/`);
  return `require("node:child_process").spawnSync("sh", ["-c", ${JSON.stringify(command)}], { stdio: "inherit" })`;
}

describe("values of classes, named", () => {
  const models = project({
    "model.ts": `import { html, materializer, pipeline, step, value } from "warmstart";
class Model { weight: number; constructor(weight: number) { this.weight = weight; } }
const kept = materializer("late-model", { version: 1, is: (v): v is Model => v instanceof Model, save: (m) => ({ weight: m.weight }), load: (d: { weight: number }) => new Model(d.weight) });
const train = step("train", { output: value<Model>({ name: "late-model", materializer: kept }) }, ({ n }: { n: number }) => new Model(n));
const page = step("page", ({ model }: { model: Model }) => html("<h1>" + model.weight + "</h1>"));
export default pipeline("models", ({ n = 1 }: { n?: number }) => { const model = train({ n }); return { model, page: page({ model }) }; });
`,
  });

  test("are shown with name, version and size, and written out as they are stored", async () => {
    await cli(models, "run", "model.ts");
    const { stdout } = await cli(models, "run", "model.ts", "--param", "n=2");
    expect(steady(stdout)).toMatch(/ model late-model@2 Model \{ weight: 2 \} \d+ B\n page <HTML, 10 B>\n/);
    const get = await cli(models, "artifacts", "get", "late-model");
    expect(get.stderr).toContain("artifacts get REF --raw");
    expect((await cli(models, "artifacts", "get", "late-model@1", "--raw")).stdout).toContain('"weight":1');
    expect((await cli(models, "artifacts", "get", "latest/page")).stdout).toBe("<h1>2</h1>");
    expect((await cli(models, "artifacts", "open", "latest/page")).stdout).toMatch(/\.html\n$/);
    expect((await cli(models, "artifacts", "get", "lat-model")).stderr).toContain("Did you mean late-model?");
  });
});

describe("exit codes", () => {
  const broken = project({ "failing.ts": failing });

  test("1 when a step failed: the error, where it was thrown, what was not run", async () => {
    const { stdout, stderr, exitCode } = await cli(broken, "run", "failing.ts");
    expect(exitCode).toBe(1);
    expect(stderr).toBe("");
    expect(stdout).toContain("      RangeError: too much 1\n");
    expect(stdout).toMatch(/at .*failing\.ts:4:\d+/);
    expect(stdout).toMatch(/○ after +canceled bad failed/);
    expect(stdout).toContain("1 computed, 1 failed, 1 canceled");
    const logs = (await cli(broken, "logs", "1", "bad")).stdout.split("\n");
    expect(logs.slice(0, 2)).toEqual(["[bad] about to fail", "[bad] RangeError: too much 1"]);
    expect(logs[2]).toMatch(/^\[bad\] +at .*failing\.ts:4:\d+\)$/);
    expect((await cli(broken, "show", "1")).stdout).toMatch(/RangeError: too much 1\n +at .*failing\.ts:4:/);
  });

  test("the document of a failed run says what failed", async () => {
    const document = await json(broken, "run", "failing.ts");
    expect(document).toMatchObject({ state: "FAILED", error: { code: "WS_STEP_FAILED" } });
    expect(document["steps"]?.[1]).toMatchObject({ node: "bad", state: "FAILED", error: { name: "RangeError" } });
  });

  test("4 when --from would have to compute something before it", async () => {
    const { exitCode, stderr } = await cli(broken, "run", "failing.ts", "--from", "after");
    expect(exitCode).toBe(4);
    expect(stderr).toContain("these would have to be computed: bad");
  });

  test("colours are for terminals, and where FORCE_COLOR asks", async () => {
    expect((await cli(broken, "runs")).stdout).not.toContain("\u001b[");
    const { NO_COLOR: _, ...colourful } = { ...env, FORCE_COLOR: "1" };
    const forced = await broken.cli(["runs"], { env: { ...colourful, NO_COLOR: "" } });
    expect(forced.stdout).toContain("\u001b[");
  });

  test("asking makes nothing", async () => {
    const empty = project({});
    const { exitCode, stderr } = await cli(empty, "runs");
    expect(exitCode).toBe(3);
    expect(stderr).toContain("There is no repository in");
    expect(existsSync(empty.path(".warmstart"))).toBe(false);
  });
});
