import { expect, test } from "vitest";
import { readUnits } from "../../../src/code-identity/symbols/read-units.ts";

/** Everything about the units of a module that a key is made of, but for the names of what is imported or declared. */
function tokensOf(text: string, path = "a.ts"): unknown {
  const { units, bindings, exports, stars } = readUnits(path, text, []);
  const place = (name: string): unknown => bindings.get(name) ?? name;
  return {
    units: units.map(({ own, references, kind }) => [
      kind,
      own,
      references.map((found) => (found.kind === "name" ? [place(found.name), found.member] : found)),
    ]),
    exports: [...exports].map(([name, target]) => [name, typeof target === "string" ? place(target) : target]),
    stars,
  };
}

type Edit = readonly [why: string, before: string, after: string, path?: string];

function named(edits: readonly Edit[]): readonly Readonly<Record<"why" | "before" | "after" | "path", string>>[] {
  return edits.map(([why, before, after, path = "a.ts"]) => ({ why, before, after, path }));
}

const EQUAL: readonly Edit[] = [
  ["comments", "export const f = (x) => x + 1;", "/** a */ export const f = // b\n (x /* c */) => x + 1;"],
  ["quotes", `const a = "x", b = 'y';`, `const a = 'x', b = "y";`],
  ["spelling of numbers", "const a = [1e3, 0x10, 1_000, .5];", "const a = [1000, 16, 1000, 0.5];"],
  ["spelling of bigints", "const a = 0x10n;", "const a = 16n;"],
  ["order of a regular expression's flags", "const a = /x/gi;", "const a = /x/ig;"],
  ["parentheses", "const a = (b) + ((c) * d);", "const a = b + c * d;"],
  ["semicolons", "function f() { g(); ; return 1 }", "function f() { g()\nreturn 1; }"],
  ["types", "function f(a: number, b?: string): void { return a as any; }", "function f(a, b) { return a; }"],
  ["type parameters", "function f<T>(a: T) { return g<T>(a)!; }", "function f(a) { return g(a); }"],
  ["satisfies", "const a = { b: 1 } satisfies X;", "const a = { b: 1 };"],
  ["this of TypeScript", "function f(this: X, a) {}", "function f(a) {}"],
  [
    "overloads",
    "function f(a: string): void; function f(a: number): void; function f(a) { a; }",
    "function f(a) { a; }",
  ],
  ["declarations of types", "interface X { a: 1 } type Y = X; declare const q: 1; const a = 1;", "const a = 1;"],
  [
    "erased members",
    "abstract class A { declare a: 1; abstract b(): 1; [k: string]: any; m?(): 1; m() {} }",
    "class A { m() {} }",
  ],
  ["modifiers", "class A implements I { private readonly a = 1; protected b() {} }", "class A { a = 1; b() {} }"],
  [
    "constructor overloads",
    "class A { constructor(); constructor(a: 1); constructor(a?) {} }",
    "class A { constructor(a) {} }",
  ],
  [
    "parameter property's modifier",
    "class A { constructor(private a) {} }",
    "class A { constructor(public readonly a: number) {} }",
  ],
  [
    "renamed locals",
    "function f(a) { const b = a; let c = b; return () => c; }",
    "function f(x) { const y = x; let z = y; return () => z; }",
  ],
  [
    "renamed destructured local",
    "function f({ a: b, ...c }) { return [b, c]; }",
    "function f({ a: x, ...y }) { return [x, y]; }",
  ],
  [
    "renamed catch and loop variables",
    "function f() { try { for (const a of b) g(a); } catch (e) { g(e); } }",
    "function f() { try { for (const x of b) g(x); } catch (y) { g(y); } }",
  ],
  ["shorthand", "const f = (a) => ({ a });", "const f = (a) => ({ a: a });"],
  ["quoted keys", `const a = { b: 1, 2: 3 };`, `const a = { "b": 1, "2": 3 };`],
  ["index by a name", `const a = b["c"];`, "const a = b.c;"],
  [
    "alias of an import",
    `import { a } from "./x"; export const f = () => a();`,
    `import { a as z } from "./x"; export const f = () => z();`,
  ],
  [
    "name of a namespace import",
    `import * as a from "./x"; export const f = () => a.g();`,
    `import * as z from "./x"; export const f = () => z.g();`,
  ],
  ["name of a plain variable", "const a = 1; export const f = () => a;", "const z = 1; export const f = () => z;"],
  ["type imports", `import type { A } from "./x"; export const a: A = 1;`, "export const a = 1;"],
  [
    "JSX over lines",
    `const a = <b c="d">\n  e\n  <f/>\n</b>;`,
    `const a = <b\n c="d"\n>e<f></f>{/* x */}</b>;`,
    "a.tsx",
  ],
  ["line breaks of templates", "const a = `x\ny`;", "const a = `x\r\ny`;"],
  ["non-null in a chain", "const a = b?.c!.d;", "const a = b?.c.d;"],
];

test.each(named(EQUAL))("no difference: $why", ({ before, after, path }) => {
  expect(tokensOf(after, path)).toEqual(tokensOf(before, path));
});

const DIFFERENT: readonly Edit[] = [
  ["operator", "const a = b + c;", "const a = b - c;"],
  ["order of operands", "const f = (b, c) => b - c;", "const f = (b, c) => c - b;"],
  ["grouping", "const a = b * (c + d);", "const a = b * c + d;"],
  ["string and number", "const a = 1;", `const a = "1";`],
  ["null and its name", "const a = null;", `const a = "null";`],
  ["bigint and number", "const a = 1n;", "const a = 1;"],
  [
    "shadowing local",
    "const g = 1; function f() { return g; }",
    "const g = 1; function f() { const g = 2; return g; }",
  ],
  ["which local", "function f(a, b) { return a; }", "function f(a, b) { return b; }"],
  ["name of a function", "function f() {}", "function g() {}"],
  ["name of a class", "class A {}", "class B {}"],
  ["name given to an arrow", "const f = () => 1;", "const g = () => 1;"],
  [
    "name given to a local arrow",
    "function f() { const a = () => 1; return a.name; }",
    "function f() { const b = () => 1; return b.name; }",
  ],
  ["name of a property", "const f = (a) => a.b;", "const f = (a) => a.c;"],
  ["name of a global", "const f = () => foo();", "const f = () => bar();"],
  ["optional chaining", "const f = (a) => a.b;", "const f = (a) => a?.b;"],
  ["end of a chain", "const f = (a) => a?.b.c;", "const f = (a) => (a?.b).c;"],
  ["optional call", "const f = (a) => a();", "const f = (a) => a?.();"],
  ["call and new", "const a = new B();", "const a = B();"],
  ["async", "const f = () => 1;", "const f = async () => 1;"],
  ["generator", "function f() {}", "function* f() {}"],
  ["arrow and function", "const a = [function () {}];", "const a = [() => {}];"],
  ["expression and block body", "const f = () => ({});", "const f = () => {};"],
  ["await", "const f = async () => g();", "const f = async () => await g();"],
  [
    "for await",
    "const f = async (a) => { for (const b of a); };",
    "const f = async (a) => { for await (const b of a); };",
  ],
  ["for in and of", "for (const a of b);", "for (const a in b);"],
  ["let and const", "function f() { let a = 1; }", "function f() { const a = 1; }"],
  ["using", "function f() { using a = b; }", "function f() { const a = b; }"],
  ["var and let", "function f() { var a = 1; }", "function f() { let a = 1; }"],
  ["delegating yield", "function* f() { yield a; }", "function* f() { yield* a; }"],
  ["prefix and postfix", "const f = (a) => a++;", "const f = (a) => ++a;"],
  ["delete", "const f = (a) => { delete a.b; };", "const f = (a) => { void a.b; };"],
  ["label", "a: for (;;) { for (;;) break a; }", "a: for (;;) { for (;;) break; }"],
  ["directive", `function f() { "use strict"; }`, `function f() { ("use strict"); }`, "a.js"],
  ["strict script", `var a = 1;`, `"use strict"; var a = 1;`, "a.cjs"],
  ["regular expression", "const a = /x/g;", "const a = /y/g;"],
  ["flag of a regular expression", "const a = /x/g;", "const a = /x/;"],
  ["template", "const a = `x${b}`;", "const a = `y${b}`;"],
  ["raw text of a tagged template", "const a = t`\\n`;", "const a = t`\n`;"],
  ["tag", "const a = `x`;", "const a = t`x`;"],
  ["getter", "const a = { get b() { return 1; } };", "const a = { b() { return 1; } };"],
  ["method and property", "const a = { b() {} };", "const a = { b: function () {} };"],
  ["computed key", "const a = { [b]: 1 };", "const a = { b: 1 };"],
  ["spread", "const a = [b];", "const a = [...b];"],
  ["hole", "const a = [, 1];", "const a = [undefined, 1];"],
  ["__proto__", "const f = (__proto__) => ({ __proto__ });", "const f = (__proto__) => ({ __proto__: __proto__ });"],
  ["parameter property", "class A { constructor(private a) {} }", "class A { constructor(a) {} }"],
  ["name of a parameter property", "class A { constructor(private a) {} }", "class A { constructor(private b) {} }"],
  ["field", "class A { a = 1; }", "class A { a; }"],
  ["bare field", "class A { a; }", "class A {}"],
  ["static field", "class A { static a = 1; }", "class A { a = 1; }"],
  ["static block", "class A { static { a(); } }", "class A { static { b(); } }"],
  ["accessor", "class A { accessor a = 1; }", "class A { a = 1; }"],
  ["private name", "class A { #a = 1; b() { return this.#a; } }", "class A { #c = 1; b() { return this.#c; } }"],
  ["decorator", "class A {}", "@b class A {}"],
  ["decorator of a parameter", "class A { m(a) {} }", "class A { m(@b a) {} }"],
  ["superclass", "class A extends B {}", "class A {}"],
  ["enum value", "enum A { B = 1 }", "enum A { B = 2 }"],
  ["enum member", "enum A { B }", "enum A { C }"],
  ["enum member used", "enum A { B = 1, C = 2, D = B }", "enum A { B = 1, C = 2, D = C }"],
  ["namespace", "namespace N { export const a = 1; }", "namespace N { export const b = 1; }"],
  ["export in a namespace", "namespace N { export const a = 1; }", "namespace N { const a = 1; }"],
  ["default value", "const f = (a = 1) => a;", "const f = (a = 2) => a;"],
  ["rest", "const f = (a) => a;", "const f = (...a) => a;"],
  ["destructuring key", "const f = ({ a: b }) => b;", "const f = ({ c: b }) => b;"],
  ["names of a destructuring swapped", "export const [a, b] = c;", "export const [b, a] = c;"],
  ["alias import", "import x = A.B; export const c = x;", "import x = A.C; export const c = x;"],
  ["export assignment", "export = 1;", "export = 2;"],
  ["new.target", "function f() { return new.target; }", "function f() { return undefined; }"],
  ["JSX attribute", "const a = <b c='1'/>;", "const a = <b c='2'/>;", "a.tsx"],
  ["JSX text", "const a = <b>x y</b>;", "const a = <b>xy</b>;", "a.tsx"],
  ["JSX element", "const a = <b/>;", "const a = <i/>;", "a.tsx"],
  ["JSX fragment", "const a = <><b/></>;", "const a = <b/>;", "a.tsx"],
  ["JSX spread", "const a = <b c={d}/>;", "const a = <b {...d}/>;", "a.tsx"],
  [
    "member of a namespace import",
    `import * as a from "./x"; export const f = () => a.g();`,
    `import * as a from "./x"; export const f = () => a.h();`,
  ],
  [
    "imported name",
    `import { a } from "./x"; export const f = () => a();`,
    `import { b as a } from "./x"; export const f = () => a();`,
  ],
  ["phase of an import", `export const f = () => import("x");`, `export const f = () => import.defer("x");`],
  [
    "attributes of an import",
    `import a from "x" with { type: "json" }; export { a };`,
    `import a from "x" with { type: "text" }; export { a };`,
  ],
  ["star export", `export * from "./x";`, `export * from "./y";`],
];

test.each(named(DIFFERENT))("a difference: $why", ({ before, after, path }) => {
  expect(tokensOf(after, path)).not.toEqual(tokensOf(before, path));
});

test("each declarator is a unit, and a destructuring is one with several names", () => {
  const { units, bindings, exports } = readUnits(
    "a.ts",
    `export const a = 1, { b, c: [d] } = x; let e; export { e as "f g" }; export default class {} if (e) var h = 1; import "./s";`,
    [],
  );
  expect(units.map(({ name, kind, holds }) => [name, kind, holds])).toEqual([
    ["a", "variable", "primitive"],
    ["b, d", "variable", "object"],
    ["e", "variable", "object"],
    ["default", "class", "class"],
    ["h", "statement", "object"],
    ["effect-import", "effect-import", "primitive"],
  ]);
  expect(bindings.get("d")).toBe(1);
  expect(bindings.get("h")).toBe(4);
  expect([...exports]).toEqual([
    ["a", "a"],
    ["b", "b"],
    ["d", "d"],
    ["f g", "e"],
    ["default", "default"],
  ]);
});
