import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { callSite, formatPlace, parseStackLine, UNKNOWN_LOCATION } from "../../src/pipeline/call-site.ts";

describe("a line of a stack", () => {
  test.each<[string, string, number, number]>([
    ["    at file:///home/me/flights.ts:9:15", "file:///home/me/flights.ts", 9, 15],
    ["    at train (file:///home/me/flights.ts:9:15)", "file:///home/me/flights.ts", 9, 15],
    ["    at async file:///home/me/flights.ts:9:15", "file:///home/me/flights.ts", 9, 15],
    ["    at async Object.build (file:///home/me/flights.ts:9:15)", "file:///home/me/flights.ts", 9, 15],
    ["    at new Model (/home/me/flights.js:9:15)", "file:///home/me/flights.js", 9, 15],
    ["    at /home/me/a b (c)/ü.js:9:15", "file:///home/me/a%20b%20(c)/%C3%BC.js", 9, 15],
    ["    at Object.<anonymous> (/home/me/a b (c)/x.cjs:9:15)", "file:///home/me/a%20b%20(c)/x.cjs", 9, 15],
    ["    at Object.run [as build] (C:\\Users\\me\\flights.js:9:15)", "file:///C:/Users/me/flights.js", 9, 15],
    ["    at C:\\Users\\me\\flights.js:9:15", "file:///C:/Users/me/flights.js", 9, 15],
    ["    at file:///C:/Users/me/flights.ts:9:15", "file:///C:/Users/me/flights.ts", 9, 15],
    ["    at f (file:///x.ts?v=2:9:15)", "file:///x.ts?v=2", 9, 15],
    ["    at data:text/javascript,f():1:2", "data:text/javascript,f()", 1, 2],
    ["    at REPL1:1:5", "REPL1", 1, 5],
  ])("%s", (line, url, lineNumber, column) => {
    expect(parseStackLine(line)).toEqual({ url, line: lineNumber, column });
  });

  test.each([
    ["Error: at file:///x.ts:1:2"],
    ["    at Array.map (<anonymous>)"],
    ["    at node:internal/modules/esm/module_job:430:25"],
    ["    at Module._compile (node:internal/modules/cjs/loader:1554:14)"],
    ["    at eval (eval at build (file:///x.ts:1:2), <anonymous>:1:1)"],
    ["    at native"],
    [""],
  ])("%s is in no source", (line) => {
    expect(parseStackLine(line)).toBeUndefined();
  });
});

describe("the place of a call", () => {
  const named = (): ReturnType<typeof callSite> => callSite(named);
  const lineHere = (): number => Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split("\n")[2] ?? "")?.[1]);

  test("is the caller of a function, also through built-in frames and after an await", async () => {
    expect(named()).toMatchObject({ url: import.meta.url, line: lineHere() });
    expect([1].map(named)[0]).toMatchObject({ url: import.meta.url, line: lineHere() });
    await Promise.resolve();
    expect(named()).toMatchObject({ url: import.meta.url, line: lineHere() });
  });

  test("without a function it is the first frame outside Warmstart", () => {
    expect(callSite()).toMatchObject({ url: import.meta.url, line: lineHere() });
  });

  test("equal calls share one frozen place, and the stack's settings stay as they are", () => {
    const limit = Error.stackTraceLimit;
    const places = Array.from({ length: 3 }, () => named());
    expect(places[0]).toBe(places[2]);
    expect(Object.isFrozen(places[0])).toBe(true);
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test("survives a program that makes something else of stacks", () => {
    const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
    try {
      Error.prepareStackTrace = (_, frames) => frames;
      expect(named().url).toContain("call-site.test.ts");
      Error.prepareStackTrace = () => "nothing of use";
      expect(named()).toBe(UNKNOWN_LOCATION);
    } finally {
      if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
      else Object.defineProperty(Error, "prepareStackTrace", before);
    }
  });

  test("is shown by file and line", () => {
    expect(formatPlace({ url: "file:///home/me/a%20b.ts?v=2", line: 9, column: 1 })).toBe("a b.ts:9");
    expect(formatPlace({ url: "REPL1", line: 1, column: 1 })).toBe("REPL1:1");
    expect(formatPlace({ url: "file:///bad%zz.ts", line: 2, column: 1 })).toBe("bad%zz.ts:2");
    expect(formatPlace(UNKNOWN_LOCATION)).toBe("an unknown place");
  });
});

describe("in a program of its own", () => {
  let folder = "";
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const source = (extension: string): string => `
    ${extension === "cjs" ? `const { step, stepDefinition } = require(STEP);` : `import { step, stepDefinition } from STEP;`}
    interface Unused { a: number }
    const load = step("load", () => 1);
    console.log(JSON.stringify(stepDefinition(load).definedAt));`;

  test.each([
    ["node, a module", ["x.mts"], "x.mts"],
    ["node, CommonJS", ["x.cjs"], "x.cjs"],
    ["tsx", ["--import", import.meta.resolve("tsx"), "x.mts"], "x.mts"],
    ["node with source maps", ["--enable-source-maps", "x.mts"], "x.mts"],
  ])("%s", async (_, args, file) => {
    folder = await mkdtemp(join(await realpath(tmpdir()), "warmstart-call-site-"));
    const extension = file.slice(2);
    const stepModule = new URL("../../src/pipeline/step.ts", import.meta.url);
    const wanted = extension === "cjs" ? stepModule.pathname : stepModule.href;
    const text = source(extension).replace("STEP", JSON.stringify(wanted));
    await writeFile(join(folder, file), extension === "cjs" ? text.replace(/ *interface.*/, "") : text);
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ url: pathToFileURL(join(folder, file)).href, line: 4 });
  });
});
