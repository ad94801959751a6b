import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";
import { twoSteps } from "./pipelines.ts";

const env = { NO_COLOR: "1" };
const project = new TestProject({
  "pipelines/sums.ts": twoSteps,
  "syntax.ts": 'import { pipeline } from "warmstart";\nconst x = = 3;\n',
  "throws.ts": 'const a = 1;\nthrow new TypeError("no such thing");\n',
  "missing.ts": 'import { x } from "./not-there.ts";\nconsole.log(x);\n',
  "never.ts": "await new Promise(() => {});\n",
  "exits.ts": "process.exit(0);\n",
  "none.ts": "export const a = 1;\n",
  "several.ts": `import { pipeline, step } from "warmstart";
const s = step("s", () => 1);
export const one = pipeline("one", () => ({ r: s({}) }));
export const two = pipeline("two", () => ({ r: s({}) }));
`,
  "typed.ts": `import { pipeline, step } from "warmstart";
const s = step("s", ({ n }: { n: number }) => n);
const params = { "~standard": { version: 1, vendor: "test", validate: (value: { n?: unknown }) =>
  typeof value.n === "number" ? { value } : { issues: [{ message: "expected a number", path: ["n"] }] } } } as const;
export default pipeline("typed", { params }, ({ n }: { n: number }) => ({ r: s({ n }) }));
`,
  "bad.json": "[1]",
});

afterAll(() => project[Symbol.dispose]());

const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  [
    "no file of that name",
    ["run", "pipelines/sum.ts"],
    2,
    /sum\.ts does not exist\.\n {2}Did you mean `pipelines\/sums\.ts`\?/,
  ],
  ["a folder", ["run", "pipelines"], 2, /pipelines is a folder/],
  ["a syntax error", ["run", "syntax.ts"], 2, /syntax\.ts could not be read[\s\S]*syntax\.ts:2/],
  [
    "a module that throws",
    ["run", "throws.ts"],
    2,
    /throws\.ts failed while it was evaluated \(throws\.ts:2\)\.\n {2}TypeError: no such thing/,
  ],
  [
    "an import that is not there",
    ["run", "missing.ts"],
    2,
    /missing\.ts failed while it was evaluated[\s\S]*not-there\.ts/,
  ],
  ["a top-level await that never settles", ["run", "never.ts"], 2, /never\.ts never finishes: a top-level `await`/],
  [
    "a module that ends the process",
    ["run", "exits.ts"],
    2,
    /exits\.ts ended the process while it was being evaluated/,
  ],
  ["no pipeline", ["run", "none.ts"], 2, /none\.ts exports no pipeline \(it exports a\)/],
  ["several pipelines", ["run", "several.ts"], 2, /--pipeline one\n {4}--pipeline two/],
  ["an unknown pipeline", ["run", "several.ts", "--pipeline", "tow"], 2, /Did you mean `two`\?/],
  ["an unknown step", ["run", "--refresh", "laod"], 2, /Did you mean load\?/],
  ["an unknown command", ["rnu"], 2, /no command `rnu`\.\n {2}Did you mean `run`\?/],
  ["a file in a command's place", ["pipelines/sums.ts"], 2, /Did you mean `warmstart run pipelines\/sums\.ts`\?/],
  ["an unknown option", ["run", "--parm", "a=1"], 2, /Did you mean `--param`\?/],
  ["a parameter without a value", ["run", "--param", "rounds"], 2, /`rounds` is no parameter/],
  ["a parameter given twice", ["run", "--param", "rounds=1", "--param", "rounds=2"], 2, /given twice/],
  [
    "a parameter of the wrong type",
    ["run", "typed.ts", "--param", "n=many"],
    2,
    /do not fit its schema:\n {2}n: expected a number/,
  ],
  ["a parameters' file that is not there", ["run", "--params", "no.json"], 2, /no\.json cannot be read \(ENOENT\)/],
  ["a parameters' file of another form", ["run", "--params", "bad.json"], 2, /bad\.json holds no JSON object/],
  ["a run that is not there", ["show", "99"], 2, /no run 99/],
  ["what is no run", ["show", "x"], 2, /`x` is no run/],
  ["a word of trust that means nothing", ["run", "--trust", "netwrk"], 2, /Did you mean `network`\?/],
  ["an action that is not there", ["artifacts", "lst"], 2, /Did you mean `list`\?/],
];

describe("bad input", () => {
  test("nothing is wrong with the project itself", async () => {
    expect(await project.cli(["run"], { env })).toMatchObject({ exitCode: 0 });
  });

  test.each(cases)("%s: a clear error and its exit code", async (_what, args, exitCode, message) => {
    const result = await project.cli(args, { env });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/^\s+at .*\/dist\//m);
    expect(result).toMatchObject({ exitCode, stdout: "" });
  });

  test("an error is a document too", async () => {
    const { stdout, exitCode } = await project.cli(["run", "throws.ts", "--json"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ warmstart: 1, command: "run", error: { code: "WS_MODULE_FAILED" } });
    expect(exitCode).toBe(2);
  });
});

test("a configuration that is not valid is said by its entry", async () => {
  using configured = new TestProject({
    "pipelines/sums.ts": twoSteps,
    "warmstart.config.ts": 'import { defineConfig } from "warmstart";\nexport default { paralel: 2 };\n',
  });
  const { exitCode, stderr } = await configured.cli(["run"], { env });
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/`paralel` is unknown\.\n {2}Did you mean `parallel`\?/);
});

test("a configuration is obeyed, and the option goes before it", async () => {
  using configured = new TestProject({
    "pipelines/sums.ts": twoSteps,
    "warmstart.config.ts":
      'import { defineConfig } from "warmstart";\nexport default defineConfig({ repository: "kept" });\n',
  });
  expect((await configured.cli(["run"], { env })).stdout).toContain(`Made the repository ${configured.path("kept")}`);
  const chosen = await configured.cli(["run", "--repository", "mine"], { env });
  expect(chosen.stdout).toContain(`Made the repository ${configured.path("mine")}`);
  expect((await configured.cli(["runs", "--repository", "mine"], { env })).exitCode).toBe(0);
});

test("an old Node gets one sentence", async () => {
  project.write({
    "old.cjs": 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.3.0" } });',
  });
  const program = new URL("../../dist/cli/main.js", import.meta.url).pathname;
  const result = await project.node(["--require", project.path("old.cjs"), program, "run"], { env });
  expect(result).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: "warmstart needs Node 24 or newer; this is Node 22.3.0.\n",
  });
});

describe("a repository that cannot be used", () => {
  const folder = project.path("other");

  async function run(): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
    return project.cli(["run", "--repository", "other"], { env });
  }

  test("a foreign folder is left alone", async () => {
    mkdirSync(folder);
    writeFileSync(`${folder}/thesis.txt`, "mine");
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/other is not a Warmstart repository: it holds thesis\.txt/);
    rmSync(folder, { recursive: true });
  });

  test("a newer format", async () => {
    mkdirSync(folder);
    writeFileSync(`${folder}/repository.json`, '{ "format": 99, "id": "x" }');
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(3);
    expect(stderr).toContain("has format 99");
    const doctor = await project.cli(["doctor", "--repository", "other"], { env });
    expect(doctor.exitCode).toBe(1);
    expect(doctor.stdout).toMatch(/✖ format +99/);
    rmSync(folder, { recursive: true });
  });

  test("a damaged metadata store", async () => {
    await run();
    for (const ending of ["-wal", "-shm"]) rmSync(`${folder}/metadata.sqlite${ending}`, { force: true });
    writeFileSync(
      `${folder}/metadata.sqlite`,
      "no database at all, but long enough to be taken for the header of one".repeat(20),
    );
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(3);
    expect(stderr).toContain("metadata.sqlite");
    rmSync(folder, { recursive: true });
  });

  test.skipIf(process.getuid?.() === 0)("a folder that may not be written to", async () => {
    mkdirSync(folder, { mode: 0o500 });
    const { exitCode, stderr } = await run();
    expect(exitCode).toBe(3);
    expect(stderr).toContain("may not be written");
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });
});
