import { symlinkSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { ExecutionDocument } from "../../src/cli/json-document.ts";
import { TestProject } from "../rig/project.ts";

const env = { NO_COLOR: "1", CI: "" };
const packages = path.resolve(import.meta.dirname, "../../node_modules");
const tsx = import.meta.resolve("tsx");

/** Two steps, the second of which tells whether it ran in a worker thread. */
const flow = (specifier: string): string => `import { isMainThread } from "node:worker_threads";
import { pipeline, step } from "warmstart";
import { Size } from "${specifier}";
const rows = step("rows", ({ size }: { size: number }) => [size, size + 1]);
const where = step("where", ({ rows }: { rows: number[] }) => \`\${rows.length} rows, worker: \${!isMainThread}\`);
export const flow = pipeline("flow", () => ({ told: where({ rows: rows({ size: Size.Two }) }) }));
`;
const program = 'const { told } = await run(flow);\nconsole.log("told:", told);\n';

async function latest(project: TestProject): Promise<readonly ExecutionDocument[]> {
  const { stdout } = await project.cli(["show", "--json"], { env });
  return (JSON.parse(stdout) as { readonly executions: readonly ExecutionDocument[] }).executions;
}

function summary(executions: readonly ExecutionDocument[]): readonly string[] {
  return executions.map(({ node, state, unseen }) => [node, state, ...unseen.map(({ kind }) => kind)].join(" "));
}

test("a script that defines and runs its steps, by plain node", async () => {
  using project = new TestProject({
    "size.ts": "export const Size = { Two: 2 } as const;\n",
    "script.ts": `${flow("./size.ts").replace("{ pipeline,", "{ pipeline, run,")}${program}`,
  });
  for (const state of ["COMPLETE", "CACHED"]) {
    const { stdout, stderr, exitCode } = await project.node(["script.ts"]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: "told: 2 rows, worker: true\n", stderr: "", exitCode: 0 });
    expect(summary(await latest(project))).toEqual([`rows ${state}`, `where ${state}`]);
  }
}, 60_000);

test("a script under tsx: the program loads by tsx, its workers by our hooks", async () => {
  using project = new TestProject({
    "tsconfig.json": '{ "compilerOptions": { "moduleResolution": "bundler", "module": "esnext" } }',
    "size.ts": "export enum Size { One = 1, Two }\n",
    "flow.ts": flow("./size"),
    "script.ts": `import { run } from "warmstart";\nimport { flow } from "./flow";\n${program}`,
  });
  for (const state of ["COMPLETE", "CACHED"]) {
    const { stdout, stderr, exitCode } = await project.node(["--import", tsx, "script.ts"]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: "told: 2 rows, worker: true\n", stderr: "", exitCode: 0 });
    expect(summary(await latest(project))).toEqual([`rows ${state}`, `where ${state}`]);
  }
  project.write({ "size.ts": "export enum Size { One = 1, Two = 3 }\n" });
  await project.node(["--import", tsx, "script.ts"]);
  expect(summary(await latest(project))[0]).toBe("rows COMPLETE");
}, 60_000);

test("a script that is itself run by tsx", async () => {
  using project = new TestProject({
    "tsconfig.json": '{ "compilerOptions": { "moduleResolution": "bundler", "module": "esnext" } }',
    "size.ts": "export enum Size { One = 1, Two }\n",
    "script.ts": `${flow("./size").replace("{ pipeline,", "{ pipeline, run,")}${program}`,
  });
  for (const state of ["COMPLETE", "CACHED"]) {
    const { stdout, stderr } = await project.node(["--import", tsx, "script.ts"]);
    expect({ stdout, stderr }).toEqual({ stdout: "told: 2 rows, worker: true\n", stderr: "" });
    expect(summary(await latest(project))).toEqual([`rows ${state}`, `where ${state}`]);
  }
}, 60_000);

const testFile = `import { isMainThread } from "node:worker_threads";
import { expect, test } from "vitest";
import { pipeline, run, step } from "warmstart";
import { flow } from "./flow";

test("imported", async () => {
  expect(await run(flow)).toEqual({ told: "2 rows, worker: true" });
});

const here = step("here", () => \`vitest: \${"VITEST" in process.env}\`);
const own = pipeline("own", () => ({ told: here({}) }));

test("own", async () => {
  expect(await run(own)).toEqual({ told: "vitest: true" });
});
`;

test("a test of vitest: an imported module's steps run in workers, those of the test file in its process", async () => {
  using project = new TestProject({
    "tsconfig.json": '{ "compilerOptions": { "moduleResolution": "bundler", "module": "esnext" } }',
    "size.ts": "export enum Size { One = 1, Two }\n",
    "flow.ts": flow("./size"),
    "flow.test.ts": testFile,
  });
  symlinkSync(path.join(packages, "vitest"), project.path("node_modules/vitest"));
  const runTests = async (): Promise<string> => {
    const { stdout, stderr, exitCode } = await project.node(["node_modules/vitest/vitest.mjs", "run"], { env });
    expect(exitCode, stdout + stderr).toBe(0);
    return stdout + stderr;
  };
  const runOf = async (pipeline: string): Promise<readonly string[]> => {
    const { stdout } = await project.cli(["runs", "--json"], { env });
    const { runs } = JSON.parse(stdout) as {
      readonly runs: readonly { readonly id: number; readonly pipeline: string }[];
    };
    const id = runs.find((run) => run.pipeline === pipeline)?.id;
    const shown = await project.cli(["show", String(id), "--json"], { env });
    return summary((JSON.parse(shown.stdout) as { readonly executions: readonly ExecutionDocument[] }).executions);
  };
  const first = await runTests();
  expect(await runOf("flow")).toEqual(["rows COMPLETE", "where COMPLETE"]);
  // The test file imports vitest with its addons; the step reaches none of it.
  expect(await runOf("own")).toEqual(["here COMPLETE in-process"]);
  expect(first).toMatch(/here runs in this process/);
  await runTests();
  expect(await runOf("flow")).toEqual(["rows CACHED", "where CACHED"]);
  expect(await runOf("own")).toEqual(["here COMPLETE in-process"]);
}, 90_000);
