import { expect, test } from "vitest";
import { readUnits } from "../../../src/code-identity/symbols/read-units.ts";
import type { Unit } from "../../../src/code-identity/symbols/module-units.ts";

const HEAD = `import { reg, other, call } from "./reg"; import * as ns from "./ns"; import dj from "dj"; import { step, run } from "warmstart";\n`;

function lastUnit(text: string): Unit {
  const unit = readUnits("a.ts", HEAD + text, []).units.at(-1);
  if (unit === undefined) throw new Error("no unit");
  return unit;
}

/** The last unit of a text, with names instead of numbers, and of the facts only what says something. */
function factsOf(text: string): Readonly<Record<string, unknown>> {
  const unit = lastUnit(text);
  const { reads: _reads, hides: _hides, matches: _matches, replaces: _replaces, gives: _gives, ...facts } = unit.facts;
  const told = Object.entries(facts).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.map((number: number) => nameOf(unit, number)).sort() : value] as const;
  });
  return Object.fromEntries(
    told.filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0)),
  );
}

function nameOf(unit: Unit, number: number): string {
  const found = unit.references[number];
  if (found === undefined) return "?";
  if (found.kind === "name") return found.member === undefined ? found.name : `${found.name}.${found.member}`;
  if (found.kind === "module") return `import ${found.specifier}`;
  return found.kind === "unit" ? `unit ${found.unit}` : found.kind;
}

const WRITES: readonly (readonly [text: string, names: readonly string[]])[] = [
  ["reg.set(1, 2);", ["reg"]],
  ["reg.register('x');", ["reg"]],
  ["dj.extend({ z: 1 });", ["dj"]],
  ["ns.reg.set(1, 2);", ["ns.reg"]],
  ["reg.a.b.c = 1;", ["reg"]],
  ["reg[call]++;", ["reg"]],
  ["delete reg.a;", ["reg"]],
  ["delete reg?.a;", ["reg"]],
  ["reg.length = 0;", ["reg"]],
  ["Object.assign(reg, {});", ["reg"]],
  ["Object.defineProperty(reg, 'x', {});", ["reg"]],
  ["Reflect.set(reg, 'x', 1);", ["reg"]],
  ["Array.prototype.push.call(reg, 1);", ["reg"]],
  ["{ const { add } = other; add.call(reg, 1); }", ["reg"]],
  ["Reflect.apply([].push, reg, [1]);", ["reg"]],
  ["[reg.a, reg.b] = [1, 2];", ["reg"]],
  ["({ x: reg.a } = call);", ["reg"]],
  ["for (reg.x of [1]);", ["reg"]],
  ["for (const r of [reg, other]) r.set(1);", ["other", "reg"]],
  ["for (const k of [1]) reg.set(k);", ["reg"]],
  ["(() => { reg.set(1); })();", ["reg"]],
  ["['x'].forEach((k) => { reg[k] = 1; });", ["reg"]],
  ["['x'].forEach((k) => reg.register(k));", ["reg"]],
  ["call && reg.register(1);", ["reg"]],
  ["await reg.load();", ["reg"]],
  ["void (call ? reg.load() : other.load());", ["other", "reg"]],
  ["for (;; reg.next()) break;", ["reg"]],
  ["export const x = (reg.register(1), 2);", ["reg"]],
  ["export const x = reg.push(1);", ["reg"]],
  ["export const x = reg.sort()[0];", ["reg"]],
  ["export function f() { reg.x = 1; }", ["reg"]],
  ["export function f() { const a = reg; a.x = 1; }", ["reg"]],
  ["export function f() { let a; a.x = 1; a = reg; }", ["reg"]],
  ["export function f() { const { a } = reg; a.push(1); }", ["reg"]],
  ["export function f() { const [a = reg] = []; a.push(1); }", ["reg"]],
  ["export function f() { const o = { reg }; o.reg.set(1); }", ["reg"]],
  ["export function f() { const o = {}; o.r = reg; o.r.set(1); }", ["reg"]],
  ["export function f() { const o = new Map(); o.set(1, reg); o.get(1).push(1); }", ["reg"]],
  ["export function f() { (call ? reg : other).set(1); }", ["other", "reg"]],
  ["export function f() { (reg ?? other).x = 1; }", ["other", "reg"]],
  ["export function f() { const a = reg, b = a, c = [b]; c[0].x = 1; }", ["reg"]],
  ["export const f = () => () => { reg.get(1).x = 2; };", ["reg"]],
  ["export class A { static { reg.add(A); } }", ["reg"]],
  ["export class A { get x() { reg.n++; return 1; } }", ["reg"]],
  ["export function f(a = reg) { a.x = 1; }", ["reg"]],
  ["let n = 0; export function f() { n++; }", ["n"]],
  ["let n = 0; export function f() { ({ n } = call); }", ["n"]],
  ["function g() {} g.x = 1;", ["g"]],
  ["export function f() { f.count = 1; }", ["f"]],
  ["(await import('./x')).reg.set(1);", ["import ./x"]],
  ["require('./x').reg = 1;", ["import ./x"]],
  ["reg.slice(1).fill(0);", ["reg"]],
  ["reg.map((x) => x)[0].y = 1;", ["reg"]],
];

test.each(WRITES)("writes: %s", (text, names) => {
  expect(factsOf(text)["writes"]).toEqual(names);
});

const INNOCENT: readonly string[] = [
  "export function f(rows) { const out = []; for (const row of rows) out.push(row.id); return out; }",
  "export function f(rows) { const out = {}; for (const { a, b } of rows) out[a] = b; return out; }",
  "export function f(rows) { const m = new Map(); for (const r of rows) { if (!m.has(r.k)) m.set(`${r.k}`, []); m.get(r.k).push(1); } return m; }",
  "export function f(rows) { return [...rows].sort().reverse(); }",
  "export function f(rows) { return rows.slice().sort((a, b) => a - b); }",
  "export function f(rows) { const s = new Set(rows); s.delete(1); return s; }",
  "export function f(x) { let n = 0; n += x; n++; return n; }",
  "export function f(o) { const c = { ...o }; c.x = 1; return c; }",
  "export function f() { const o = reg.map((x) => x); o.push(1); return o; }",
  "export function f() { return Object.keys(reg).sort(); }",
  "export function f() { const c = structuredClone(reg); c.x = 1; return c; }",
  "export function f() { const c = { ...reg }; delete c.x; return c; }",
  "export function f(x) { console.log(x); return reg.get(x); }",
  "export function f(x) { return reg.list.includes(x); }",
  "export function f(x) { ns.log(x); }",
  "export const f = (x) => { const y = x.trim(); call(y); return y; };",
];

test.each(INNOCENT)("writes nothing: %s", (text) => {
  const { writes, writesHanded, writesThis, writesGlobal } = factsOf(text);
  expect({ writes, writesHanded, writesThis, writesGlobal }).toEqual({});
});

const TOLD: readonly (readonly [text: string, facts: Readonly<Record<string, unknown>>])[] = [
  ["export const put = (l, v) => { l.push(v); };", { writesHanded: true }],
  ["export function f({ a }) { a.x = 1; }", { writesHanded: true }],
  ["export function f(...all) { all[0].x = 1; }", { writesHanded: true }],
  ["export function f() { arguments[0].x = 1; }", { writesHanded: true }],
  ["export class A { add(x) { this.l.push(x); } }", { writesThis: true }],
  ["export class A extends reg { add(x) { super.x = x; } }", { writesThis: true }],
  ["globalThis.foo = () => 1;", { runs: true, writesGlobal: true }],
  ["foo = 1;", { runs: true, writesGlobal: true }],
  ["process.env.TZ = 'UTC';", { runs: true, writesGlobal: true }],
  ["String.prototype.zz = function () { return 1; };", { runs: true, writesGlobal: true }],
  ["{ const p = Array.prototype; p.zz = 1; }", { runs: true, writesGlobal: true }],
  ["Object.defineProperty(globalThis, 'x', {});", { runs: true, writesGlobal: true }],
  ["export const x = 1;", {}],
  ["export const x = { a: reg, b: () => call(reg) };", { passes: ["reg"] }],
  [
    "export const x = call(reg, [other]);",
    { runs: true, calls: ["call"], hands: ["other", "reg"], passes: ["other", "reg"] },
  ],
  ["export const x = new reg.Y();", { runs: true, calls: ["reg"], passes: ["reg"] }],
  ["export const x = reg.get(1);", { runs: true, calls: ["reg"], passes: ["reg"] }],
  ["export const x = ns.get(1);", { runs: true, calls: ["ns.get"] }],
  ["export const x = call`a${reg}`;", { runs: true, calls: ["call"], hands: ["reg"], passes: ["reg"] }],
  ["export function f() { return call(reg); }", { passes: ["reg"] }],
  ["setTimeout(() => {}, 1);", { runs: true, callsUnknown: true }],
  ["call()();", { runs: true, calls: ["call"], callsUnknown: true }],
  ["console.log(1);", { runs: true }],
  ["@call class Foo {}", { runs: true, calls: ["call"] }],
  ["export const t = step('t', async () => call(reg));", { calls: ["step"], defines: true, passes: ["reg"] }],
  ["await run(reg);", { calls: ["run"], defines: true, runs: true }],
];

test.each(TOLD)("tells: %s", (text, facts) => {
  expect(factsOf(text)).toEqual(facts);
});

test("what calls a pipeline of the module drives it, and a stub may stand for the package", () => {
  const { units } = readUnits(
    "a.ts",
    `import { pipeline } from "pipekit"; const main = pipeline({}, () => 1); if (x) await main.run(); other();`,
    [],
    (specifier) => specifier === "pipekit",
  );
  expect(units.map(({ facts }) => facts.defines)).toEqual([true, true, false]);
});

test.each([
  "reg.v;",
  "const a = reg[1];",
  "const a = { ...reg };",
  "const a = [...reg];",
  "const a = `${reg}`;",
  "const a = reg < 1;",
  "const a = { [reg]: 1 };",
  "const a = -reg;",
  "const a = 1 instanceof reg;",
  "for (const a of reg) {}",
  "for (const a in reg) {}",
  "class A { static a = reg.v; }",
])("may run what is hidden: %s", (text) => {
  expect(lastUnit(text).facts.reads).toBe(true);
});

test.each([
  "const a = reg;",
  "const a = () => reg.v;",
  "const a = Math.PI + 1;",
  "const a = `${1}${process.version}`;",
  "const a = reg === other;",
  "const a = typeof reg;",
  "const a = ns.reg;",
  "class A { a = reg.v; }",
])("runs nothing that is hidden: %s", (text) => {
  expect(lastUnit(text).facts.reads).toBe(false);
});

test.each([
  "const a = { get v() { return 1; } };",
  "class A { set v(x) {} }",
  "class A { *[Symbol.iterator]() {} }",
  "const a = { [reg]: () => 1 };",
  "const a = { toString: reg };",
  "function f(x) { x.valueOf = reg; }",
  "reg[other] = () => 1;",
  "Object.defineProperty(reg, 'v', other);",
  "const a = Object.create(reg);",
  "const a = new Proxy(reg, other);",
])("holds what is hidden: %s", (text) => {
  expect(lastUnit(text).facts.hides).toBe(true);
});

test.each([
  "const a = { v: 1, f() {} };",
  "class A { f() {} static g = 1; }",
  "reg[other] = 1;",
  "const a = reg.create(1);",
])("holds nothing that is hidden: %s", (text) => {
  expect(lastUnit(text).facts.hides).toBe(false);
});
