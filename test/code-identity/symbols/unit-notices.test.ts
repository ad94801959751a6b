import { expect, test } from "vitest";
import { readUnits } from "../../../src/code-identity/symbols/read-units.ts";

function noticesOf(text: string): {
  readonly flags: unknown;
  readonly warnings: unknown;
  readonly environment: unknown;
  readonly locale: boolean;
} {
  const { units } = readUnits("a.ts", text, []);
  return {
    flags: units.flatMap(({ flags }) => flags.map(({ name, line }) => `${name} ${line}`)),
    warnings: units.flatMap(({ warnings, warningLines }) =>
      warnings.map(({ kind, name }, index) => `${kind} ${name} ${warningLines[index]}`),
    ),
    environment: units.flatMap(({ environment }) => environment.map(({ name, line }) => `${name} ${line}`)),
    locale: units.some(({ localeSensitive }) => localeSensitive),
  };
}

test("flags what cannot be decided, with its line", () => {
  const { flags } = noticesOf(
    `eval("1");
const a = () => new Function("return 1");
const b = () => Function("return 1");
const c = (n) => import("./" + n);
const d = (n) => require(n);
const e = import.meta.glob("./*.ts");
const f = (n) => require.resolve(n);
const g = globalThis.eval("1");
const h = eval;
const i = { eval: 1, Function: 2 }.eval;
const j = import.meta.resolve("./x");`,
  );
  expect(flags).toEqual([
    "eval 1",
    "new Function 2",
    "new Function 3",
    "computed import 4",
    "computed require 5",
    "import.meta.glob 6",
    "computed import 7",
    "eval 8",
    "eval 9",
  ]);
  const script = readUnits("a.cjs", "with (x) { y(); }", []);
  expect(script.units[0]?.flags).toEqual([{ name: "with", line: 1 }]);
});

test("flags a constructor of code under another name", () => {
  expect(noticesOf("const F = Function; F('return 1');").flags).toEqual(["new Function 1"]);
  expect(noticesOf("const a = Function.prototype.call, b = c instanceof Function;").flags).toEqual([]);
});

test("loads through `createRequire` are references, and computed ones where they start elsewhere", () => {
  const { units } = readUnits(
    "a.ts",
    `import { createRequire as make } from "node:module";
const load = make(import.meta.url);
export const a = () => load("./d.json").a;
export const b = () => { const inner = make(import.meta.filename); return inner("./e.json"); };
export const c = make(somewhere)("./f.json");`,
    [],
  );
  expect(units.flatMap(({ references }) => references.filter(({ kind }) => kind === "module"))).toEqual([
    { kind: "module", specifier: "./d.json", request: "require" },
    { kind: "module", specifier: "./e.json", request: "require" },
    { kind: "module", specifier: "./f.json", request: "require" },
  ]);
  expect(units.flatMap(({ flags }) => flags)).toEqual([{ name: "computed require", line: 5 }]);
});

test("warns of clocks, randomness, the machine and the locale", () => {
  const { warnings, locale } = noticesOf(
    `import os, { cpus } from "node:os"; import { randomUUID as id } from "crypto"; import { performance as p } from "node:perf_hooks";
const a = () => [Date.now(), new Date(), new Date(0), Math.random(), performance.now()];
const b = () => [crypto.randomUUID(), crypto.getRandomValues(x), process.hrtime.bigint()];
const c = () => [os.totalmem(), cpus(), id(), p.now(), os.EOL];
const d = (x) => [x.toLocaleString(), "a".localeCompare("b"), new Intl.NumberFormat()];
const e = (Math, Date) => [Math.random(), Date.now()];`,
  );
  expect(warnings).toEqual([
    "clock Date.now 2",
    "clock new Date 2",
    "random Math.random 2",
    "clock performance.now 2",
    "random crypto.randomUUID 3",
    "random crypto.getRandomValues 3",
    "clock process.hrtime 3",
    "system os.totalmem 4",
    "system os.cpus 4",
    "random crypto.randomUUID 4",
    "clock performance.now 4",
    "locale toLocaleString 5",
    "locale localeCompare 5",
    "locale Intl 5",
  ]);
  expect(locale).toBe(true);
  expect(noticesOf("const a = [Date.now(), Date.UTC(2020)]; type D = Date; const i = 'Intl';").locale).toBe(false);
  expect(noticesOf("const a = (x) => new Date(x);").locale).toBe(true);
});

test("names variables of the environment; `*` for all of it", () => {
  const { environment } = noticesOf(
    `import { env } from "node:process";
const a = process.env.A, b = process.env["B"], { C, D: d = 1 } = process.env;
const e = import.meta.env.E, f = env.F, { G } = env;
const { H, ...rest } = process.env;
const i = { ...process.env };
const j = process.env[k];
const l = globalThis.process.env.L;
const m = (process) => process.env.M;`,
  );
  expect(environment).toEqual(["A 2", "B 2", "C 2", "D 2", "E 3", "F 3", "G 3", "H 4", "* 4", "* 5", "* 6", "L 7"]);
});

test("says where its own place counts, and where only a file beside it does", () => {
  const { units } = readUnits(
    "a.ts",
    `const a = new URL("./x.txt", import.meta.url);
const b = new URL("y.txt", import.meta.url);
const c = import.meta.url;
const d = __dirname + "/x";
const e = new URL("https://x.org", import.meta.url);
const f = new URL(name, import.meta.url);
const g = import.meta.main;
const h = require.resolve("./z");`,
    [],
  );
  expect(units.map(({ references }) => references)).toEqual([
    [{ kind: "asset", specifier: "./x.txt" }],
    [{ kind: "asset", specifier: "./y.txt" }],
    [{ kind: "place" }],
    [{ kind: "place" }],
    [{ kind: "place" }],
    [{ kind: "place" }],
    [],
    [{ kind: "asset", specifier: "./z" }],
  ]);
});

test("knows CommonJS, what is evaluated with a module, and the words of JSX", () => {
  const script = readUnits(
    "a.cjs",
    `const a = require("./a"); function later() { return require("./b"); } module.exports = later;`,
    [],
  );
  expect(script.commonjs).toBe(true);
  expect(script.requests).toEqual([{ specifier: "./a", request: "require", line: 1 }]);
  expect(script.units.at(-1)?.facts.writesGlobal).toBe(false);
  expect(readUnits("a.ts", "globalThis.x = 1;", []).commonjs).toBe(false);
  expect(readUnits("a.ts", "exports.x = 1;", []).commonjs).toBe(true);
  const typed = readUnits(
    "a.ts",
    `import type { A } from "./a"; import { type B } from "./b"; import c = require("./c"); export {} from "./d"; export type * from "./e"; export * from "./f"; import "./g";`,
    [],
  );
  expect(typed.requests.map(({ specifier }) => specifier)).toEqual(["./b", "./c", "./d", "./f", "./g"]);
  expect(typed.units.map(({ kind }) => kind)).toEqual(["effect-import", "effect-import", "effect-import"]);
  const jsx = readUnits("a.tsx", `/** @jsx h @jsxFrag F */ const a = <b/>;`, []);
  expect(jsx.units[0]?.references).toEqual([{ kind: "jsx", pragmas: { factory: "h", fragment: "F" } }]);
  expect(readUnits("a.tsx", `const a = <B/>;`, []).units[0]?.references).toEqual([{ kind: "jsx", pragmas: {} }]);
});
