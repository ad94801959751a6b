import { expect, test } from "vitest";
import { Project } from "./project.ts";
import type { Identified } from "./project.ts";

const KIT = 'import { step } from "warmstart";\nconst make = (name: string, ...k: any[]) => step(name, () => k);\n';

/** A step for each list of arguments, made at one place of one program, and as a thread of its own sees it, too. */
async function made(lists: readonly string[], more = ""): Promise<readonly Identified[]> {
  const calls = lists.map((list, index) => `make("s${index}", ${list});`);
  const { rounds, worker } = await new Project({ "p.ts": [KIT, more, ...calls].join("\n") }).probe({
    mode: "symbols",
    worker: true,
  });
  return lists.map((list, index) => {
    const identity = rounds[0]?.[`s${index}`];
    if (identity === undefined || identity.error !== undefined) throw new Error(identity?.error?.message ?? list);
    expect(worker?.[`s${index}`]?.captures, `${list} in another thread`).toEqual(identity.captures);
    return identity;
  });
}

const told: readonly (readonly [what: string, first: string, second: string])[] = [
  ["the order of properties", "{ a: 1, b: 2 }", "{ b: 2, a: 1 }"],
  ["a property that is undefined", "{ a: undefined }", "{}"],
  ["no prototype", "Object.create(null)", "{}"],
  ["frozen", "Object.freeze({ a: 1 })", "{ a: 1 }"],
  ["frozen deep inside", "[new Map([[1, Object.freeze([1])]])]", "[new Map([[1, [1]]])]"],
  ["sealed", "Object.seal({ a: 1 })", "{ a: 1 }"],
  ["not to be extended", "Object.preventExtensions({ a: 1 })", "{ a: 1 }"],
  ["a property that cannot be written", "Object.defineProperty({ a: 1 }, 'a', { writable: false })", "{ a: 1 }"],
  ["an element that cannot be written", "Object.defineProperty([1], 0, { writable: false })", "[1]"],
  ["one object in two places", "...((a) => [{ x: a, y: a }])([1])", "{ x: [1], y: [1] }"],
  ["one object in two captured values", "...((a) => [a, a])([1])", "[1], [1]"],
  ["a view of a part of a buffer", "new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", "new Uint8Array([2, 3])"],
  [
    "two views of one buffer",
    "...((a) => [a, new Uint8Array(a.buffer)])(new Uint8Array(2))",
    "new Uint8Array(2), new Uint8Array(2)",
  ],
  ["a regular expression", "/a/", "/b/"],
  ["its flags", "/a/", "/a/i"],
  ["where it stands", "/a/g", "((r) => (r.lastIndex = 1, r))(/a/g)"],
  ["a registered symbol", "Symbol.for('a')", "Symbol.for('b')"],
  ["a symbol of the language", "Symbol.iterator", "Symbol.asyncIterator"],
  ["a function of the language", "Math.max", "Math.min"],
  ["a constructor of the language", "Number", "String"],
  ["a function of the language that is bound", "Math.max.bind(null, 5)", "Math.max.bind(null, 6)"],
  ["what hangs on a function", "hung(1)", "hung(2)"],
  ["what was hung on a class", "hungOnClass(1)", "hungOnClass(2)"],
];

test("a captured value is what it is alive", async () => {
  const lists = told.flatMap(([, first, second]) => [first, first, second]);
  const more = `const hung = (x: number) => Object.assign(() => 1, { x });
    const hungOnClass = (x: number) => Object.assign(class {}, { x });`;
  const found = await made(lists, more);
  for (const [row, [what]] of told.entries()) {
    const [first, again, second] = found.slice(row * 3).map(({ captures }) => captures);
    expect(again, what).toEqual(first);
    expect(second, what).not.toEqual(first);
  }
  expect(found.flatMap(({ unseen }) => unseen)).toEqual([]);
});

test("an object that a captured function holds, too, is told from one like it", async () => {
  const more = `const pair = () => { const o = { n: 1 }; return [o, () => o.n] as const; };
    const [p, q] = [pair(), pair()];`;
  const [own, other] = await made(["p[0], p[1]", "p[0], q[1]"], more);
  expect(other?.captures).not.toEqual(own?.captures);
});

test("what cannot be told is said", async () => {
  const values = [
    ["Object.defineProperty({}, 'a', { value: 1 })", "its property `a` is not enumerable"],
    ["Object.setPrototypeOf(() => 1, { x: 1 })", "its prototype is not that of a function"],
    ["Object.assign(() => 1, { x: new (class A {})() })", "an instance of A"],
    ["Object.defineProperty(() => 1, 'x', { get: () => 1, enumerable: true })", "a getter or setter"],
  ] as const;
  const found = await made(values.map(([value]) => value));
  for (const [row, [value, why]] of values.entries()) {
    expect(found[row]?.unseen.map(({ note }) => note).join(), value).toContain(why);
  }
});

test("small Buffers out of one pool are told by their bytes alone", async () => {
  const [a, b] = await made(["Buffer.from('abc')", "(Buffer.from('xy'), Buffer.from('abc'))"]);
  expect(a?.captures).toEqual(b?.captures);
});
