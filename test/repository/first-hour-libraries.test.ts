import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { computed, expectInDocs, FirstProgram, reused } from "./first-hour.ts";

/** A library of a few lines. */
const installed = (name: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ "package.json": JSON.stringify({ name, version: "1.0.0", main: "index.cjs" }), ...files }).map(
      ([file, text]) => [`node_modules/${name}/${file}`, text],
    ),
  );

describe("dotenv/config", () => {
  const top = `import "dotenv/config";`;
  const pipeline = (first = top): string => `${first}
import { pipeline, step } from "warmstart";
const region = step("region", () => process.env.REGION);
const other = step("other", () => 1);
const login = step("login", () => (process.env.DB_PASSWORD ?? "").length > 0);
export default pipeline("p", () => ({ region: region({}), other: other({}), login: login({}) }));`;
  const before = "REGION=eu\nDB_PASSWORD=one\n";
  const make = (first?: string): FirstProgram =>
    new FirstProgram({ ".env": before, "pipeline.ts": pipeline(first) }).install("dotenv");
  /** `reused` or `computed`, by step. */
  const states = (lines: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(
      lines.flatMap((line) => {
        const [, name = "", verb = ""] = /^ {2}[✔●] (\w+) {2}(\w+)/u.exec(line) ?? [];
        return name === "" ? [] : [[name, verb]];
      }),
    );

  test("what it sets counts by name, for the steps that read it; the file does not", async () => {
    using program = make();
    await program.run();
    program.write({ ".env": `# Edited.\n${before}UNUSED=1\n` });
    expect(states(await program.run())).toEqual({ region: "reused", other: "reused", login: "reused" });
    program.write({ ".env": before.replace("eu", "us") });
    const changed = await program.run();
    expect(states(changed)).toEqual({ region: "computed", other: "reused", login: "reused" });
    expect(changed).toContain(computed("region", "environment variable REGION changed"));
    expect(changed).toContain(`  region  "us"`);
    expectInDocs([computed("region", "environment variable REGION changed")]);
    program.write({ ".env": before });
    expect(states(await program.run())["region"]).toBe("reused");
    expect(states(await program.run({ REGION: "us" }))["region"]).toBe("reused");
  });

  test("also where Node preloads it", async () => {
    using program = make("");
    const preload = { NODE_OPTIONS: "--require dotenv/config" };
    expect(await program.run(preload)).toContain(`  region  "eu"`);
    program.write({ ".env": `${before}UNUSED=1\n` });
    expect(states(await program.run(preload))).toEqual({ region: "reused", other: "reused", login: "reused" });
    program.write({ ".env": before.replace("eu", "us") });
    expect(states(await program.run(preload))).toEqual({ region: "computed", other: "reused", login: "reused" });
  });

  test("a rotated password is no reason to compute", async () => {
    using program = make();
    await program.run();
    program.write({ ".env": before.replace("one", "two") });
    expect(states(await program.run())).toEqual({ region: "reused", other: "reused", login: "reused" });
  });

  test("whoever calls config() has the values in hand: there the file counts", async () => {
    using program = make(`import dotenv from "dotenv"; const { parsed } = dotenv.config({ quiet: true });`);
    program.write({
      "pipeline.ts": readFileSync(program.path("pipeline.ts"), "utf8").replace("process.env.REGION", "parsed.REGION"),
    });
    await program.run();
    program.write({ ".env": before.replace("eu", "us") });
    expect(await program.run()).toContain(`  region  "us"`);
  });

  test("and so it does where a step itself loads it, or reads it as text", async () => {
    const inStep = [
      `await import("dotenv/config"); return process.env.REGION;`,
      `return /REGION=(\\w+)/.exec((await import("node:fs")).readFileSync(".env", "utf8"))?.[1];`,
    ];
    for (const body of inStep) {
      using program = new FirstProgram({
        ".env": before,
        "pipeline.ts": `import { pipeline, step } from "warmstart";
          const region = step("region", async () => { ${body} });
          export default pipeline("p", () => ({ region: region({}) }));`,
      }).install("dotenv");
      expect(await program.run()).toContain(`  region  "eu"`);
      program.write({ ".env": before.replace("eu", "us") });
      expect(await program.run()).toContain(`  region  "us"`);
    }
  });
});

test("express's debug", async () => {
  using program = new FirstProgram({
    "pipeline.ts": `import createDebug from "debug";
import { pipeline, step } from "warmstart";
const debug = createDebug("app");
const work = step("work", () => { debug("working"); return 42; });
export default pipeline("p", () => ({ work: work({}) }));`,
  }).install("debug");
  await program.run();
  expect((await program.run())[0]).toMatch(reused("work"));
  expect((await program.run({ SOMETHING: "else" }))[0]).toMatch(reused("work"));
  const loud = await program.run({ DEBUG: "app" });
  expect(loud.slice(0, 2)).toEqual([
    "[work] # time app working",
    computed("work", "environment variable DEBUG changed"),
  ]);
  expectInDocs(loud.slice(0, 2));
  expect((await program.run())[0]).toMatch(reused("work"));
});

describe("a library that sets NODE_ENV when it is absent", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.each([
    [
      "while its module is evaluated",
      `process.env.NODE_ENV ||= "development"; exports.mode = () => process.env.NODE_ENV;`,
    ],
    ["while the step runs", `exports.mode = () => (process.env.NODE_ENV ||= "development");`],
  ])("%s", async (_, text) => {
    using program = new FirstProgram({
      ...installed("mode", { "index.cjs": text }),
      "pipeline.ts": `import { mode } from "mode";
import { pipeline, step } from "warmstart";
const work = step("work", () => mode());
export default pipeline("p", () => ({ work: work({}) }));`,
    });
    vi.stubEnv("NODE_ENV", undefined);
    expect(await program.run()).toContain(`  work  "development"`);
    expect((await program.run())[0]).toMatch(reused("work"));
    const production = await program.run({ NODE_ENV: "production" });
    expect(production[0]).toBe(computed("work", "environment variable NODE_ENV changed"));
    expect(production).toContain(`  work  "production"`);
    expect((await program.run())[0]).toMatch(reused("work"));
  });
});

test.each([
  ["writes later", `pino.destination({ dest: "app.log", sync: false })`],
  ["writes at once", `pino.destination({ dest: "app.log", sync: true })`],
])("pino, whose lines come after the step, too: %s", async (_, destination) => {
  using program = new FirstProgram({
    "pipeline.ts": `import pino from "pino";
import { pipeline, step } from "warmstart";
const log = pino(${destination});
const work = step("work", () => { log.info("working"); setTimeout(() => log.info("done"), 0); return 42; });
const next = step("next", ({ n }: { n: number }) => { log.info("next"); return n + 1; });
export default pipeline("p", () => ({ next: next({ n: work({}) }) }));`,
  }).install("pino");
  await program.run();
  const logged = (): readonly string[] =>
    readFileSync(program.path("app.log"), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
  const first = logged();
  expect(first).toEqual(expect.arrayContaining(["working", "next"]));
  const again = await program.run();
  expect(again[0]).toMatch(reused("work"));
  expect(again[1]).toMatch(reused("next"));
  expect(logged()).toEqual(first);
});

test("a library whose exit listener never returns is ended", async () => {
  using program = new FirstProgram({
    ...installed("stuck", {
      "index.cjs": `const { isMainThread } = require("worker_threads");
      process.on("exit", () => { while (!isMainThread); }); exports.one = 1;`,
    }),
    "pipeline.ts": `import { one } from "stuck";
import { pipeline, step } from "warmstart";
const work = step("work", () => one);
export default pipeline("p", () => ({ work: work({}) }));`,
  });
  expect(await program.run()).toContain("  work  1");
  expect((await program.run())[0]).toMatch(reused("work"));
});
