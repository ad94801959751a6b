import { expect, test } from "vitest";
import { adversarialProgram, applyEdits } from "./case-program.ts";
import type { CaseEdits } from "./case-program.ts";
import { closureIn, codeOf } from "./symbol-program.ts";

interface Row {
  readonly words: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Beginning of `p.ts`. */
  readonly top: string;
  readonly body: string;
  readonly edits: CaseEdits;
  /** `change` unless told. */
  readonly must?: "change" | "stay";
}

const iife =
  "export const { add, get } = (() => { const m = new Map(); return { add: (k, v) => { m.set(k, v); return v; }, get: (k) => m.get(k) }; })();\n";
const generator = "function* g() { yield 1; yield 2; yield 3; }\nexport const ids = g();\n";
const useIds = { top: "import './b.ts'; import { ids } from './r.ts';", body: "return [...ids]" };

/** `b.ts` changes what the step gets from `r.ts`, and nothing but the order or the call says so. */
const rows: readonly Row[] = [
  {
    words: "a registry in a closure whose functions were taken out of it, and the value of the call kept",
    files: { "r.ts": iife, "b.ts": "import { add } from './r.ts';\nexport const one = add('k', 1);\n" },
    top: "import './b.ts'; import { get } from './r.ts';",
    body: "return get('k')",
    edits: { "b.ts": [["'k', 1", "'k', 2"]] },
  },
  {
    words: "a counter in a closure",
    files: {
      "r.ts": "export const counter = (() => { let n = 0; return { inc: (d) => (n += d), get: () => n }; })();\n",
      "b.ts": "import { counter } from './r.ts';\nexport const one = counter.inc(1);\n",
    },
    top: "import './b.ts'; import { counter } from './r.ts';",
    body: "return counter.get()",
    edits: { "b.ts": [["inc(1)", "inc(2)"]] },
  },
  {
    words: "a memo of a library function of the project, filled while modules are loaded",
    files: {
      "memo.ts":
        "export const memo = (f) => { const c = new Map(); return (x, y) => { if (!c.has(x)) c.set(x, f(x, y)); return c.get(x); }; };\n",
      "r.ts": "import { memo } from './memo.ts';\nexport const times = memo((x, y) => x * y);\n",
      "b.ts": "import { times } from './r.ts';\nexport const first = times(1, 5);\n",
    },
    top: "import './b.ts'; import { times } from './r.ts';",
    body: "return times(1, 1)",
    edits: { "b.ts": [["1, 5", "1, 6"]] },
  },
  {
    words: "a weak map in a closure",
    files: {
      "r.ts":
        "export const side = (() => { const w = new WeakMap(); return { tag: (o, v) => { w.set(o, v); return o; }, read: (o) => w.get(o) }; })();\nexport const o = {};\n",
      "b.ts": "import { side, o } from './r.ts';\nexport const tagged = side.tag(o, 1);\n",
    },
    top: "import './b.ts'; import { o, side } from './r.ts';",
    body: "return side.read(o)",
    edits: { "b.ts": [["o, 1", "o, 2"]] },
  },
  {
    words: "what a callback of an array adds up is no state",
    files: {
      "r.ts":
        "export const limits = { a: 1 };\nexport const sum = (l) => { let n = 0; l.forEach((x) => { n += x; }); return n + limits.a; };\n",
      "b.ts": "import { sum } from './r.ts';\nexport const three = sum([1, 2]);\n",
    },
    top: "import './b.ts'; import { limits } from './r.ts';",
    body: "return limits.a",
    edits: { "b.ts": [["1, 2", "1, 3"]] },
    must: "stay",
  },
  ...(
    [
      ["a generator is asked for its next value", "export const first = ids.next().value;"],
      ["a generator is taken apart", "export const [first] = ids;"],
      ["a generator is spread", "export const all = [...ids];"],
      ["a generator is gone through", "for (const id of ids) break;"],
      ["a generator is given to a constructor", "export const all = new Set(ids);"],
    ] as const
  ).map(
    ([words, line]): Row => ({
      words,
      ...useIds,
      files: { "r.ts": generator, "b.ts": "import { ids } from './r.ts';\nexport const none = ids;\n" },
      edits: { "b.ts": `import { ids } from './r.ts';\n${line}\n` },
    }),
  ),
  {
    words: "a regular expression that goes on where it stopped",
    files: {
      "r.ts": "export const rx = /a/g;\n",
      "b.ts": "import { rx } from './r.ts';\nexport const hit = rx.exec('bbba');\n",
    },
    top: "import './b.ts'; import { rx } from './r.ts';",
    body: "rx.test('aaaaa'); return rx.lastIndex",
    edits: { "b.ts": [["bbba", "a"]] },
  },
  ...(
    [
      ["made of a text", "new RegExp('a', 'g')", "rx.exec('bbba')", "rx.exec('a')", "change"],
      ["made with flags that are not known", "new RegExp('a', 'g' + '')", "rx.exec('bbba')", "rx.exec('a')", "change"],
      ["made after another one", "RegExp(/a/g)", "rx.exec('bbba')", "rx.exec('a')", "change"],
      ["made of a text, without flags", "new RegExp('a')", "rx.exec('bbba')", "rx.exec('a')", "stay"],
      ["that sticks, in a replacement", "/b/y", "'bbba'.replace(rx, '')", "'a'.replace(rx, '')", "change"],
      ["that sticks, in a match", "/b/y", "'bbba'.match(rx)", "'a'.match(rx)", "change"],
      [
        "that goes on, in a replacement, which sets it back",
        "/b/g",
        "'bbba'.replace(rx, '')",
        "'ab'.replace(rx, '')",
        "stay",
      ],
      ["that goes on, in a match, which sets it back", "/b/g", "'bbba'.match(rx)", "'ab'.match(rx)", "stay"],
    ] as const
  ).map(
    ([words, rx, from, to, must]): Row => ({
      words: `a regular expression ${words}`,
      files: {
        "r.ts": `export const rx = ${rx};\n`,
        "b.ts": `import { rx } from './r.ts';\nexport const hit = ${from};\n`,
      },
      top: "import './b.ts'; import { rx } from './r.ts';",
      body: "return rx.lastIndex",
      edits: { "b.ts": [[from, to]] },
      must,
    }),
  ),
  {
    words: "a regular expression that goes on elsewhere, set back by a replacement",
    files: {
      "r.ts": "export const rx = /b/g;\n",
      "a.ts": "import { rx } from './r.ts';\nexport const hit = rx.test('bbba');\n",
      "b.ts": "import { rx } from './r.ts';\nexport const text = 'b'.replace(rx, '');\n",
    },
    top: "import './a.ts'; import './b.ts'; import { rx } from './r.ts';",
    body: "return rx.lastIndex",
    edits: { "b.ts": [["'b'.replace(rx, '')", "'b'.concat(typeof rx)"]] },
  },
  {
    words: "a regular expression that starts anew",
    files: {
      "r.ts": "export const rx = /a/;\n",
      "b.ts": "import { rx } from './r.ts';\nexport const hit = rx.test('ba');\n",
    },
    top: "import './b.ts'; import { rx } from './r.ts';",
    body: "return rx.test('a')",
    edits: { "b.ts": [["'ba'", "'a'"]] },
    must: "stay",
  },
  ...(
    [
      ["a getter", "get tick() { return ++n; }", "export const a = c.tick;"],
      ["a getter whose value is thrown away", "get tick() { return ++n; }", "c.tick;"],
      ["a conversion", "toString() { return `${++n}`; }", "export const a = `${c}`;"],
    ] as const
  ).map(
    ([words, member, line]): Row => ({
      words: `${words} that changes something`,
      files: {
        "r.ts": `let n = 0;\nexport const c = { ${member} };\nexport const f = () => n;\n`,
        "b.ts": "import { c } from './r.ts';\nexport const d = c;\n",
      },
      top: "import './b.ts'; import { f } from './r.ts';",
      body: "return f()",
      edits: { "b.ts": `import { c } from './r.ts';\n${line}\n` },
    }),
  ),
  {
    words: "a proxy that notes what is read",
    files: {
      "r.ts":
        "const m = {};\nexport const p = new Proxy({}, { get(t, k) { m[k] = 1; return 5; } });\nexport const f = () => m;\n",
      "b.ts": "import { p } from './r.ts';\nexport const q = p.one;\n",
    },
    top: "import './b.ts'; import { f } from './r.ts';",
    body: "return f()",
    edits: { "b.ts": [["p.one", "p.two"]] },
  },
  ...(
    [
      ["globalThis", "const g = globalThis;\ng.foo = () => 1;"],
      [
        "globalThis, handed to a function",
        "const g = globalThis;\nconst put = (o) => (o.foo = () => 1);\nexport const r = put(g);",
      ],
      ["what a module exports", "import { g } from './g.ts';\ng.foo = () => 1;"],
      ["a prototype, by a value", "[].__proto__.foo = () => 1;"],
      ["a prototype, by the constructor of a value", "''.constructor.prototype.foo = () => 1;"],
      ["Math", "const M = Math;\nM.random = () => 1;"],
      ["a module of Node's", "import fs from 'node:fs';\nconst F = fs;\nF.existsSync = () => 1;"],
    ] as const
  ).map(
    ([words, line]): Row => ({
      words: `a global changed under another name: ${words}`,
      files: { "g.ts": "export const g = globalThis;\n", "b.ts": `${line}\n` },
      top: "import './b.ts';",
      body: "return 1",
      edits: { "b.ts": [["=> 1", "=> 2"]] },
    }),
  ),
  {
    words: "imports whose effects change places",
    files: {
      "r.ts": "export const log = [];\n",
      "a.ts": "import { log } from './r.ts';\nlog.push('a');\nexport const a = 1;\n",
      "b.ts": "import { log } from './r.ts';\nlog.push('b');\nexport const b = 1;\n",
    },
    top: "import { a } from './a.ts'; import { b } from './b.ts'; import { log } from './r.ts';",
    body: "return log",
    edits: {
      "p.ts": [
        [
          "import { a } from './a.ts'; import { b } from './b.ts';",
          "import { b } from './b.ts'; import { a } from './a.ts';",
        ],
      ],
    },
  },
  {
    words: "imports without effects that change places",
    files: { "a.ts": "export const a = () => 1;\n", "b.ts": "export const b = [1].map((x) => x);\n" },
    top: "import { a } from './a.ts'; import { b } from './b.ts';",
    body: "return a() + b[0]",
    edits: {
      "p.ts": [
        [
          "import { a } from './a.ts'; import { b } from './b.ts';",
          "import { b } from './b.ts'; import { a } from './a.ts';",
        ],
      ],
    },
    must: "stay",
  },
  {
    words: "statements that change places",
    files: { "r.ts": "export const log = [];\nlog.push('a');\nlog.push('b');\n" },
    top: "import { log } from './r.ts';",
    body: "return log",
    edits: { "r.ts": [["log.push('a');\nlog.push('b');", "log.push('b');\nlog.push('a');"]] },
  },
  {
    words: "a value that is read before it is changed, and after",
    files: { "r.ts": "export const o = { v: 1 };\no.v = 2;\nexport const seen = o.v;\n" },
    top: "import { seen } from './r.ts';",
    body: "return seen",
    edits: { "r.ts": [["o.v = 2;\nexport const seen = o.v;", "export const seen = o.v;\no.v = 2;"]] },
  },
  {
    words: "numbers given out in turn",
    files: {
      "c.ts": "let n = 0;\nexport const next = () => ++n;\n",
      "r.ts": "import { next } from './c.ts';\nexport const a = next();\nexport const b = next();\n",
    },
    top: "import { b } from './r.ts';",
    body: "return b",
    edits: { "r.ts": "import { next } from './c.ts';\nexport const b = next();\nexport const a = next();\n" },
  },
  {
    words: "the object that a script exports, changed by another script",
    files: { "a.cjs": "exports.v = 1;\n", "b.cjs": "require('./a.cjs').v = 2;\n" },
    top: "import './b.cjs'; import a from './a.cjs';",
    body: "return a.v",
    edits: { "b.cjs": [["v = 2", "v = 3"]] },
  },
  ...(
    [
      ["a statement", "globalThis.n = (globalThis.n ?? 0) + 1;"],
      ["a variable", "const x = (globalThis.n = (globalThis.n ?? 0) + 1);"],
      ["a call of what is not seen", "setImmediate(() => (globalThis.n = (globalThis.n ?? 0) + 1));"],
    ] as const
  ).flatMap(([words, line]): readonly Row[] => [
    {
      words: `${words} that changes a global, done once more in another module`,
      files: { "a.ts": `${line}\n`, "b.ts": `${line}\n` },
      top: "import './a.ts';",
      body: "return n",
      edits: { "p.ts": [["import './a.ts';", "import './a.ts'; import './b.ts';"]] },
    },
    {
      words: `${words} that changes a global, moved to another module`,
      files: { "a.ts": `${line}\n`, "b.ts": `${line}\n` },
      top: "import './a.ts';",
      body: "return n",
      edits: { "p.ts": [["import './a.ts';", "import './b.ts';"]] },
      must: "stay",
    },
  ]),
  {
    words: "a statement that changes a global, done twice",
    files: { "a.ts": "globalThis.n = (globalThis.n ?? 0) + 1;\n" },
    top: "import './a.ts';",
    body: "return n",
    edits: { "a.ts": [["+ 1;", "+ 1;\nglobalThis.n = (globalThis.n ?? 0) + 1;"]] },
  },
  {
    words: "a statement that is the same as one that changes something else",
    files: {
      "r.ts": "export const log = [];\nexport const other = [];\n",
      "a.ts": "import { log } from './r.ts';\nlog.push(1);\n",
      "b.ts": "import { other as log } from './r.ts';\nlog.push(1);\n",
    },
    top: "import './a.ts'; import { log } from './r.ts';",
    body: "return log",
    edits: { "p.ts": [["import './a.ts';", "import './b.ts'; import './a.ts';"]] },
    must: "stay",
  },
  {
    words: "a package that is set up by a call whose value is kept",
    files: { "b.ts": "import { initializeApp } from 'dj';\nexport const app = initializeApp({ z: 1 });\n" },
    top: "import './b.ts'; import { getStore } from 'dj';",
    body: "return getStore()",
    edits: { "b.ts": [["z: 1", "z: 2"]] },
  },
  ...(["const configure = dj.wire.bind(dj);", "const { configure } = dj;"] as const).map(
    (line): Row => ({
      words: `a package that is set up by a bound function whose value is kept: ${line}`,
      files: { "b.ts": `import dj from 'dj';\n${line}\nexport const app = configure({ z: 1 });\n` },
      top: "import './b.ts'; import { getStore } from 'dj';",
      body: "return getStore()",
      edits: { "b.ts": [["z: 1", "z: 2"]] },
    }),
  ),
  {
    words: "a package that is set up by a bound function whose value is thrown away, whatever it is called",
    files: { "b.ts": "import dj from 'dj';\nconst wire = dj.wire.bind(dj);\nwire({ z: 1 });\n" },
    top: "import './b.ts'; import { getStore } from 'dj';",
    body: "return getStore()",
    edits: { "b.ts": [["z: 1", "z: 2"]] },
  },
  {
    words: "a package that a function of the project asks, called by a name that sets up",
    files: {
      "b.ts":
        "import dj from 'dj';\nfunction setUp(o) { return dj.object(o); }\nexport const schema = setUp({ z: 1 });\n",
    },
    top: "import './b.ts'; import { string } from 'dj';",
    body: "return string()",
    edits: { "b.ts": [["z: 1", "z: 2"]] },
    must: "stay",
  },
  {
    words: "a package that is called for what it gives",
    files: { "b.ts": "import { object } from 'dj';\nexport const schema = object({ z: 1 });\n" },
    top: "import './b.ts'; import { string } from 'dj';",
    body: "return string()",
    edits: { "b.ts": [["z: 1", "z: 2"]] },
    must: "stay",
  },
];

test.each(rows)("$words", ({ words, files = {}, top, body, edits, must = "change" }) => {
  const project = adversarialProgram({ id: words, words, must, files, top, body, edits });
  const code = (): string => codeOf(closureIn(project.root, "p.ts#t/step(t)"));
  const before = code();
  applyEdits(project.root, edits);
  expect(code() === before ? "stay" : "change").toBe(must);
});
