import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const entry = join(root, "dist/index.js");
const built = existsSync(entry) && /\brun\b/.test(readFileSync(entry, "utf8"));

// The machine's npm settings (proxy, certificates, cache) are kept, what the surrounding npm says of this project is not.
const ours = /^(?:npm_(?!config_)|npm_config_(?:local_prefix|global_prefix|prefix|workspace)|VITEST|NODE_ENV$|TEST$)/i;

/** What a stranger's project has: no variables of the npm or vitest that runs this test, and this Node first. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))),
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
};

const pipelineSource = (types: { n: string; ab: string; params: string }): string => `
import { pipeline, step } from "warmstart";
const double = step("double", ({ n }${types.n}) => n * 2);
const add = step("add", ({ a, b }${types.ab}) => a + b);
export const sums = pipeline("sums", ({ n = 20 }${types.params}) => ({ sum: add({ a: double({ n }), b: 2 }) }));
export default sums;
`;
const programSource = (pipelineFile: string): string => `
import { run } from "warmstart";
import sums from "./${pipelineFile}";
const { sum } = await run(sums, { n: 20 });
console.log("sum is " + String(sum));
`;

interface Finished {
  readonly code: number;
  readonly output: string;
}

async function execute(cwd: string, command: string, args: readonly string[]): Promise<Finished> {
  const running = promisify(execFile)(command, [...args], { cwd, env: environment, timeout: 240_000 });
  try {
    const { stdout, stderr } = await running;
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const failed = error as { readonly code?: unknown; readonly stdout?: string; readonly stderr?: string };
    const code = typeof failed.code === "number" ? failed.code : -1;
    return { code, output: `${failed.stdout ?? ""}${failed.stderr ?? ""}${String(error)}` };
  }
}

async function succeed(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const { code, output } = await execute(cwd, command, args);
  expect(code, `${command} ${args.join(" ")} failed:\n${output}`).toBe(0);
  return output;
}

async function writeProject(folder: string): Promise<void> {
  await mkdir(folder);
  const plain = { n: "", ab: "", params: "" };
  const typed = {
    n: ": { n: number }",
    ab: ": { a: number; b: number }",
    params: ": { n?: number }",
  };
  const manifest = { name: "stranger", private: true, type: "module" };
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  await Promise.all([
    writeFile(join(folder, "package.json"), JSON.stringify(manifest)),
    writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] })),
    writeFile(join(folder, "plain-pipeline.js"), pipelineSource(plain)),
    writeFile(join(folder, "plain.js"), programSource("plain-pipeline.js")),
    writeFile(join(folder, "typed-pipeline.ts"), pipelineSource(typed)),
    writeFile(join(folder, "typed.ts"), programSource("typed-pipeline.ts")),
  ]);
}

// The build is made by `npm test` before the tests; a bare `vitest` in a fresh clone has none and skips these.
describe.runIf(built)("the packed tarball, installed in an empty project", () => {
  let scratch = "";
  let project = "";

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "warmstart-package-"));
    project = join(scratch, "project");
    await writeProject(project);
    await succeed(root, "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", scratch]);
    const tarball = (await readdir(scratch)).find((name) => name.endsWith(".tgz"));
    expect(tarball).toBeDefined();
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
    await succeed(project, "npm", ["install", ...flags, join(scratch, tarball ?? "")]);
  }, 300_000);

  afterAll(async () => {
    await rm(scratch, { recursive: true, force: true });
  });

  test("holds the licence and the readme, and neither tests nor settings", async () => {
    const names = await readdir(join(project, "node_modules/warmstart"));
    expect(names).toEqual(expect.arrayContaining(["LICENSE", "README.md", "dist", "package.json"]));
    expect(names.filter((name) => !["LICENSE", "README.md", "dist", "src", "package.json"].includes(name))).toEqual([]);
  });

  test("needs no package with an install script", async () => {
    const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
    };
    const withScript = Object.entries(lock.packages).filter(([, one]) => one.hasInstallScript === true);
    expect(withScript.map(([path]) => path)).toEqual([]);
    expect(Object.keys(lock.packages).length).toBeGreaterThan(1);
  });

  test.each(["plain.js", "typed.ts"])(
    "runs %s with plain node, cold and then warm",
    async (file) => {
      expect(await succeed(project, process.execPath, [file])).toContain("sum is 42");
      expect(await succeed(project, process.execPath, [file])).toContain("sum is 42");
    },
    120_000,
  );

  test.each(["plain-pipeline.js", "typed-pipeline.ts"])(
    "runs %s by `npx warmstart run`",
    async (file) => {
      const command = ["--no-install", "warmstart", "run", file, "--param"];
      expect(await succeed(project, "npx", [...command, "n=4"])).toContain("2 computed");
      const again = await succeed(project, "npx", [...command, "n=4"]);
      expect(again).toContain("2 reused");
      expect(again).toContain("10");
    },
    120_000,
  );

  test("its types pass the stranger's own compiler, libraries checked too", async () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    expect(await succeed(project, process.execPath, [tsc, "-p", project])).toBe("");
  }, 120_000);
});
