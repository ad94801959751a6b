import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../code-identity/project.ts";
import { TestProject } from "../rig/project.ts";

/** A file must have been left alone for two seconds before its stamp alone is believed. */
const UNTIL_STAMPS_COUNT_MS = 2500;

/** Notes each thread that starts and each module that is loaded, packages and Node's own by name. */
const noting = (notes: string): string => `import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module"; import { threadId } from "node:worker_threads";
const note = (line) => appendFileSync(${JSON.stringify(notes)}, line + "\\n");
note("thread " + threadId);
registerHooks({ load(url, context, next) { note(url); return next(url, context); } });`;

const FILES = {
  "engine.ts": "export const sum = (...values: number[]): number => values.reduce((a, b) => a + b, 0);",
  "add.ts": `export async function add({ a, b }: { a: number; b: number }): Promise<number> {
    const { sum } = await import("./engine.ts"); return sum(a, b);
  }`,
  "pipeline.ts": `import { pipeline, step } from "warmstart"; import { add } from "./add.ts";
    const double = step("double", ({ n }: { n: number }) => n * 2);
    const plus = step("plus", add);
    export default pipeline("sums", {}, () => { const a = double({ n: 2 }); return { sum: plus({ a, b: 2 }) }; });`,
};

class NotedProject extends TestProject {
  /** Outside of the project, whose folder is looked at. */
  readonly #notes: string;

  constructor() {
    const notes = path.join(temporaryFolder(), "notes.txt");
    super({ ...FILES, "noting.mjs": noting(notes) });
    this.#notes = notes;
  }

  /** What a command loads. To be asked for every command of a test: what is preloaded belongs to the program. */
  async loadedBy(...args: readonly string[]): Promise<string> {
    rmSync(this.#notes, { force: true });
    const { exitCode, stderr } = await this.cli(args, { env: { NODE_OPTIONS: `--import ${this.path("noting.mjs")}` } });
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("rror")]);
    const all = readFileSync(this.#notes, "utf8").split("\n");
    return [...new Set(all.map((line) => /^thread.*|node:\w+|[^/]+\/[^/]+$/.exec(line)?.[0] ?? line))].join("\n");
  }
}

const STARTED = /thread [1-9]|worker-main|worker-thread-executor/;
const LOOKED_INTO = /oxc-(?:parser|resolver|transform)\/(?!package\.json)|binding-/;

test("a plan starts no thread and loads nothing that runs a step, whatever it says; nor does it parse what it knows", async () => {
  using project = new NotedProject();
  const first = await project.loadedBy("plan", "pipeline.ts");
  expect(first).not.toMatch(STARTED);
  expect(first).not.toContain("engine.ts");
  await project.loadedBy("run", "pipeline.ts");
  await setTimeout(UNTIL_STAMPS_COUNT_MS);
  await project.loadedBy("plan", "pipeline.ts");
  const again = await project.loadedBy("plan", "pipeline.ts");
  expect(again).not.toMatch(STARTED);
  expect(again).not.toMatch(LOOKED_INTO);
  expect(again).not.toContain("kysely");
});

test("a run that reuses everything starts no thread, parses no source and loads no step's engine", async () => {
  using project = new NotedProject();
  expect(await project.loadedBy("run", "pipeline.ts")).toMatch(STARTED);
  await setTimeout(UNTIL_STAMPS_COUNT_MS);
  await project.loadedBy("run", "pipeline.ts");
  const warm = await project.loadedBy("run", "pipeline.ts");
  expect(warm).not.toMatch(STARTED);
  expect(warm).not.toMatch(LOOKED_INTO);
  expect(warm).not.toContain("engine.ts");
  expect(warm).not.toContain("kysely");
});
