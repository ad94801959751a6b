import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmstart-copy-"));
  const parts = ["errors.ts", "util", "encoding", "model", "pipeline"];
  await Promise.all(parts.map((part) => cp(join(root, "src", part), join(folder, "src", part), { recursive: true })));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("two copies of the package in one process work together", async () => {
  const program = join(import.meta.dirname, "fixtures/two-copies.ts");
  const other = pathToFileURL(join(folder, "src/")).href;
  const { stdout } = await promisify(execFile)(process.execPath, [program, other]);
  expect(JSON.parse(stdout)).toEqual({
    same: false,
    ids: ["ours", "their", "their-2", "ours-2"],
    keys: ["ours", "their"],
    inStep: "WS_STEP_IN_STEP",
  });
});

test("two releases that cannot work together say so", async () => {
  const stepModule = pathToFileURL(join(root, "src/pipeline/step.ts")).href;
  const source = `
    globalThis[Symbol.for("warmstart.thread-state")] = { format: 999, slots: new Map() };
    await import(${JSON.stringify(stepModule)}).catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
  expect(JSON.parse(stdout)).toEqual({
    code: "WS_TWO_RELEASES",
    message: "Two releases of Warmstart that cannot share pipelines are loaded in this process.",
    hint: "Make every package depend on one release: `npm ls warmstart` shows who brings which.",
  });
});
