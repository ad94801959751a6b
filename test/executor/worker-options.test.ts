import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import {
  environmentSnapshot,
  sameEnvironment,
  withoutPreloads,
  workerExecArgv,
} from "../../src/executor/backends/worker-thread/worker-options.ts";

/** What is left of a program's options, without our own before them. */
function given(...execArgv: readonly string[]): readonly string[] {
  const all = workerExecArgv(execArgv);
  expect(all.slice(0, 2)).toEqual([
    "--no-warnings",
    expect.stringMatching(/^--require=.*observation\/register\.[jt]s$/),
  ]);
  return all.slice(2);
}

describe("the options of a worker", () => {
  test("are those of the program that change how modules are found or run", () => {
    expect(given("--import", "./setup.ts", "-r", "dotenv/config", "-C", "dev", "--enable-source-maps")).toEqual([
      "--import=./setup.ts",
      "--require=dotenv/config",
      "--conditions=dev",
      "--enable-source-maps",
    ]);
  });

  test("leave out other loaders, inspectors, tests, watching and memory", () => {
    const out = ["--import", "tsx", "--import=/x/node_modules/tsx/dist/loader.mjs", "--inspect", "--test", "--watch"];
    expect(given(...out, "--max-old-space-size=100", "--experimental-loader=ts-node/esm", "-e", "1")).toEqual([]);
  });

  test("are ones that a thread starts with, whatever the program was given", async () => {
    const valued = new Set(["--conditions", "--disable-warning", "--unhandled-rejections"]);
    const flags = [...process.allowedNodeEnvironmentFlags, "--trace-gc", "--trace-opt", "--experimental-wasm-memory64"];
    const options = given(
      ...flags.filter((flag) => !valued.has(flag) && !["--import", "--require", "-r", "-C"].includes(flag)),
    );
    expect(options.length).toBeGreaterThan(20);
    for (const option of [...options, "--conditions=x", "--disable-warning=x", "--unhandled-rejections=warn"]) {
      const worker = new Worker("", { eval: true, execArgv: [option], stderr: true });
      await worker.terminate();
    }
  });

  test("start a thread within a test runner, which gives its programs every option", () => {
    expect(
      given("--trace-event-file-pattern=x.log", "--v8-pool-size=4", "--stack-trace-limit=10", "--secure-heap=0"),
    ).toEqual([]);
  });
});

test("what NODE_OPTIONS preloads is told from the rest", () => {
  expect(withoutPreloads('--import ./a.mjs --no-warnings -r "./with space.cjs" --require=./b.cjs -C dev')).toEqual({
    options: "--no-warnings --conditions=dev",
    preloads: ["--import=./a.mjs", "--require=./with space.cjs", "--require=./b.cjs"],
  });
  expect(withoutPreloads("")).toEqual({ options: "", preloads: [] });
});

test("two environments are the same when they hold the same", () => {
  const now = environmentSnapshot();
  expect(sameEnvironment(now, environmentSnapshot())).toBe(true);
  expect(sameEnvironment(now, { ...now, WARMSTART_EXTRA: "" })).toBe(false);
  expect(sameEnvironment({ a: "1" }, { b: "1" })).toBe(false);
});
