import { SourceMap } from "node:module";
import { transformSync } from "oxc-transform";
import { expect, test } from "vitest";
import {
  literalFunctionAt,
  mappedFunction,
  readFunctions,
  shapeOfText,
} from "../../src/code-identity/function-table.ts";

const SOURCE = `
interface X { a: number }
const scale = (k: number) => (x: X): number => x.a * k;
class P { constructor(a: number, b = () => 1) {} get q(): number { return 1; } static async m<T>(t: T) { return t; } run = (x: X) => x; }
export function makeStep<T>(name: string, fn: (x: T) => T = (x) => x) { return step(name, async (x: T): Promise<T> => fn(x)); }
const ops = { plus: (x: number) => x + 1, minus: (x: number) => x - 1 };
const list = [(x: number) => x, (x: number) => -x, () => {}, (x: number) => {}, (x: number) => 5, (x: number) => 6, (x: number) => ({}), (x: number) => x];
step("a", ops, function (this: X, x: number) { return x; });
for (const f of [1, 2]) step("b", (x: number) => x + f);
export default async <T,>(x: T) => x;
`;

test("each function of a transformed module is found again by its map and shape", () => {
  const { code, map } = transformSync("x.ts", SOURCE, { target: "es2024", sourcemap: true });
  if (map === undefined) throw new Error("there is no map");
  const maps = new SourceMap(map as unknown as ConstructorParameters<typeof SourceMap>[0]);
  const source = readFunctions("x.ts", SOURCE);
  const running = readFunctions("x.js", code).functions;
  const found = running.map(({ start, shape }) => {
    const entry = maps.findEntry(start.line - 1, start.column - 1);
    if (!("originalLine" in entry)) return undefined;
    return mappedFunction(source, { line: entry.originalLine + 1, column: entry.originalColumn + 1 }, shape)?.path;
  });
  expect(found).toEqual(running.map(({ path }) => path));
  expect(new Set(found).size).toBe(found.length);
});

test("reads the shape of a function's own text, methods and accessors too", () => {
  const o = {
    async *m(x: number) {
      yield x;
    },
    get g() {
      return 1;
    },
  };
  expect(shapeOfText(String(Object.getOwnPropertyDescriptor(o, "m")?.value))).toBe("function async* 1 0");
  expect(shapeOfText(String(Object.getOwnPropertyDescriptors(o).g.get))).toMatch(/^function 0 0/);
  expect(shapeOfText("class A { m() {} }")).toBe("class 1");
  expect(shapeOfText("function max() { [native code] }")).toBeUndefined();
});

test("takes the source's word for a call's function only where the name cannot mean another one", () => {
  const table = readFunctions(
    "x.ts",
    `step("a", f); function f() {}
const g = () => 1; step("b", {}, g);
let h = () => 1; step("let", h);
function w() {} w = wrap(w); step("assigned", w);
const k = () => 1; { const k = other; step("shadowed", k); }
import { z } from "./z"; step("imported", z);
function y() {} [y] = [1]; step("destructured", y);
function q() {} for (q of []) {} step("looped", q);
function make() { step("inside", f); step("too", () => 1); }
for (const i of [1]) step("loop", () => i);
step("two", () => 1, () => 2);
const m = () => 1, n = () => 2; step("n", n); step("wrapped", wrap(n));`,
  );
  const found = table.literalCalls.map(({ at, fn }) => [at.line, table.functions[fn]?.path]);
  expect(found).toEqual([
    [1, "f"],
    [2, "g"],
    [12, "n"],
    [12, "n"],
  ]);
  expect(literalFunctionAt(table, { line: 1, column: 1 })?.path).toBe("f");
  expect(literalFunctionAt(table, { line: 3, column: 18 })).toBeUndefined();
});
