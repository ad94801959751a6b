import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { StepDocument } from "../../src/cli/run-document.ts";
import { TestProject } from "../rig/project.ts";

const examples = path.resolve(import.meta.dirname, "../../examples");
const env = { NO_COLOR: "1", CI: "" };

/** An example in a folder of its own, so that a test begins without a repository and leaves none. */
function copyOf(name: string): TestProject {
  const folder = path.join(examples, name);
  const entries = readdirSync(folder, { withFileTypes: true });
  // Its tsconfig.json is for the type check, and extends that of this repository.
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "tsconfig.json");
  return new TestProject(
    Object.fromEntries(files.map((file) => [file.name, readFileSync(path.join(folder, file.name), "utf8")])),
  );
}

/** Runs by the command line; gives what became of each step, and the results as shown. */
async function run(
  project: TestProject,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const { stdout, stderr } = await project.cli(["run", ...args, "--json"], { env: { ...env, ...more } });
  return told(stdout || stderr);
}

function told(document: string): Readonly<Record<string, string>> {
  const { steps, results } = JSON.parse(document) as {
    readonly steps: readonly StepDocument[];
    readonly results: readonly { readonly output: string; readonly shown?: string; readonly version?: number }[];
  };
  return Object.fromEntries([
    ...steps.map(({ node, state, reason }) => [node, state === "CACHED" ? "reused" : (reason?.text ?? state)] as const),
    ...results.map(({ output, shown = "", version }) => [`=${output}`, `${shown}@${version ?? ""}`] as const),
  ]);
}

test("02-steps-and-outputs", async () => {
  using project = copyOf("02-steps-and-outputs");
  const first = await run(project, ["train.ts"]);
  const cold = "first time";
  expect(first).toMatchObject({ measure: cold, split: cold, fit: cold, judge: cold });
  expect(first["=line"]).toMatch(/^Line \{ slope: 2\.0.*@1$/);
  const reused = { measure: "reused", split: "reused", fit: "reused", judge: "reused" };
  expect(await run(project, ["train.ts"])).toEqual({ ...first, ...reused });
  const other = await run(project, ["train.ts", "--param", "every=5"]);
  expect(other).toMatchObject({ measure: "reused", split: "every: 4 → 5", fit: "its input `points` changed" });
  expect(other["=line"]).toMatch(/@2$/);
  expect(await run(project, ["predict.ts"])).toEqual({ predict: cold, "=y": "2004@" });
  expect(await run(project, ["predict.ts"])).toEqual({ predict: "reused", "=y": "2004@" });
}, 60_000);

test("03-reads-and-settings", async () => {
  using project = copyOf("03-reads-and-settings");
  const key = { SIGNING_KEY: "a-key-that-is-kept-nowhere" };
  const first = await run(project, ["prices.ts"], key);
  const cold = "first time";
  expect(first).toMatchObject({ read: cold, rates: cold, convert: cold, sign: cold });
  const reused = { read: "reused", rates: "reused", convert: "reused", sign: "reused" };
  expect(await run(project, ["prices.ts"], key)).toEqual({ ...first, ...reused });
  expect(await run(project, ["prices.ts"], { ...key, CURRENCY: "USD" })).toMatchObject({
    read: "reused",
    rates: "reused",
    convert: "environment variable CURRENCY changed",
    "=lines": '["book 14.50 USD", "lamp 46.40 USD", "chair 104.28 USD"]@',
  });
  const text = readFileSync(project.path("prices.csv"), "utf8");
  project.write({ "prices.csv": `${text}desk,120.00\n` });
  expect(await run(project, ["prices.ts"], key)).toMatchObject({ read: "prices.csv changed", rates: "reused" });
  project.write({ "prices.csv": text });
  expect(await run(project, ["prices.ts"], key)).toEqual({ ...first, ...reused });
  for (const file of readdirSync(project.path(".warmstart"), { recursive: true, withFileTypes: true }))
    if (file.isFile())
      expect(readFileSync(path.join(file.parentPath, file.name)).includes(key.SIGNING_KEY)).toBe(false);
}, 60_000);

/** Where it lies, since its data are packages of this repository; with a repository of its own, up to where training begins. */
test("01-flights", async () => {
  using place = new TestProject({});
  const flights = async (): Promise<Readonly<Record<string, string>>> => {
    const root = path.resolve(examples, "..");
    const args = ["dist/cli/main.js", "run", "examples/01-flights/flights.ts", "--to", "splitByTime", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env, WARMSTART_REPOSITORY: place.path(".warmstart") },
      maxBuffer: 1 << 26,
    });
    return told(stdout);
  };
  const cold = "first time";
  expect(await flights()).toMatchObject({ importFlights: cold, makeFeatures: cold, splitByTime: cold });
  const reused = { importFlights: "reused", makeFeatures: "reused", splitByTime: "reused" };
  expect(await flights()).toMatchObject(reused);
}, 120_000);
