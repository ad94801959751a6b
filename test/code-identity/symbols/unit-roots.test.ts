import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFunctions } from "../../../src/code-identity/function-table.ts";
import { readUnits } from "../../../src/code-identity/symbols/read-units.ts";
import type { Unit } from "../../../src/code-identity/symbols/module-units.ts";

function rootOf(text: string, path: string): Unit {
  const root = readUnits("a.ts", text, [path]).roots.get(path);
  if (root === undefined) throw new Error(`no ${path}`);
  return root;
}

function sourcesIn(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return found
    .filter((name) => /\.[cm]?[jt]s$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
}

test.each([
  "src",
  "node_modules/zod/src/v4/core",
  "node_modules/fast-check/lib",
  "node_modules/kysely/dist/query-builder",
])("every function of the function table is a root: %s", (folder) => {
  let count = 0;
  for (const file of sourcesIn(folder).slice(0, 150)) {
    const text = readFileSync(file, "utf8");
    const paths = readFunctions(file, text).functions.map(({ path }) => path);
    const { roots } = readUnits(file, text, paths);
    expect([file, ...roots.keys()]).toEqual([file, ...paths]);
    count += paths.length;
  }
  expect(count).toBeGreaterThan(100);
});

test("a step's function is taken out of its call: name and options are no part of it", () => {
  const before = `import { step } from "warmstart"; const K = 1; export const t = step("t", { retries: 1 }, async (x) => x + K);`;
  const after = `import { step } from "warmstart"; const K = 1; export const u = step("u", { retries: 2, s: K }, async (y) => y + K);`;
  const old = rootOf(before, "t/step(t)");
  const now = rootOf(after, "u/step(u)");
  expect(now.own).toBe(old.own);
  expect(now.references).toEqual([{ kind: "name", name: "K" }]);
  expect(rootOf(before.replace("x + K", "x - K"), "t/step(t)").own).not.toBe(old.own);
});

test("captures are tokens by name, other names of a block lead to the unit around", () => {
  const factory = `function make(k, j) { return step("x", (a) => a - k * j); }`;
  const root = rootOf(factory, "make/return/step(x)");
  expect(root.references).toEqual([]);
  expect(rootOf(factory.replace("k * j", "j * k"), "make/return/step(x)").own).not.toBe(root.own);
  const block = `{ const k = 3; let n = 0; step("x", () => { n++; return k; }); }`;
  const inBlock = rootOf(block, "step(x)");
  expect(inBlock.references).toEqual([{ kind: "unit", unit: 0 }]);
  expect(inBlock.facts.writes).toEqual([0]);
});

test("roots of every kind, with their names", () => {
  const text = `import { Base } from "./base"; function train(a) { return train.name; }
const ops = { plus: (x) => x + 1, get minus() { return 1; }, ["a" + 1]() { return 2; } };
export class Model extends Base { static #n = 0; load(x) { return super.load(x); } static is(x) { return x instanceof Model; } }
export default async (x) => x;
export const wrap = (f) => function inner() { return inner; };`;
  const paths = readFunctions("a.ts", text).functions.map(({ path }) => path);
  const { roots } = readUnits("a.ts", text, [...paths, "nobody"]);
  expect([...roots.keys()]).toEqual(paths);
  expect([...roots.values()].map(({ kind }) => kind)).toEqual(paths.map(() => "root"));
  expect(new Set([...roots.values()].map(({ own }) => own)).size).toBe(paths.length);
  expect(roots.get("train")?.references).toEqual([{ kind: "name", name: "train" }]);
  expect(roots.get("Model")?.holds).toBe("class");
  expect(roots.get("Model")?.references).toEqual([
    { kind: "name", name: "Base" },
    { kind: "name", name: "Model" },
  ]);
});

test("what surrounds a root is no part of it, and what it does not use neither", () => {
  const text = `export const main = pipeline("p", () => { const s = step("s", (x) => x + 1); return s(2); });`;
  const path = "main/pipeline(p)/s/step(s)";
  const root = rootOf(text, path);
  expect(rootOf(text.replace("s(2)", "s(3)"), path).own).toBe(root.own);
  expect(rootOf(text.replace("x + 1", "x + 2"), path).own).not.toBe(root.own);
});
