import { describe, expect, test } from "vitest";
import type { SymbolClosure } from "../../../src/code-identity/symbols/symbol-closure.ts";
import { Project } from "../project.ts";
import { applyEdits } from "./case-program.ts";
import { closureIn, codeOf } from "./symbol-program.ts";

interface Row {
  readonly words: string;
  /** Beside `p.ts`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly top: string;
  readonly body: string;
  readonly edit: readonly [path: string, from: string, to: string];
  readonly must: "change" | "stay";
}

const registry = "export class Registry { items = new Map(); add(k, v) { this.items.set(k, v); return v; } }\n";

const rows: readonly Row[] = [
  {
    words: "a method of a top-level instance that changes `this`",
    files: { "r.ts": `${registry}export const reg = new Registry();\nreg.add('k', 1);\n` },
    top: "import { reg } from './r.ts';",
    body: "return reg.items",
    edit: ["r.ts", "'k', 1", "'k', 2"],
    must: "change",
  },
  {
    words: "the same in the initialiser of another variable",
    files: { "r.ts": `${registry}export const reg = new Registry();\nexport const one = reg.add('k', 1);\n` },
    top: "import { reg } from './r.ts';",
    body: "return reg.items",
    edit: ["r.ts", "'k', 1", "'k', 2"],
    must: "change",
  },
  {
    words: "the same in a function that is called",
    files: { "r.ts": `${registry}export const reg = new Registry();\nfunction fill() { reg.add('k', 1); }\nfill();\n` },
    top: "import { reg } from './r.ts';",
    body: "return reg.items",
    edit: ["r.ts", "'k', 1", "'k', 2"],
    must: "change",
  },
  {
    words: "a constructor that keeps what it is handed, and changes it later",
    files: {
      "r.ts": `export const list = [];\nclass W { constructor(l) { this.l = l; } put(x) { this.l.push(x); } }\nfunction fill() { const w = new W(list); w.put(1); }\nfill();\n`,
    },
    top: "import { list } from './r.ts';",
    body: "return list",
    edit: ["r.ts", "put(1)", "put(2)"],
    must: "change",
  },
  {
    words: "a static method that changes its class",
    files: {
      "r.ts": "export class A { static n = 0; static reg(x) { this.n = x; return x; } }\n",
      "b.ts": "import { A } from './r.ts';\nexport const id = A.reg(1);\n",
    },
    top: "import './b.ts'; import { A } from './r.ts';",
    body: "return A.n",
    edit: ["b.ts", "reg(1)", "reg(2)"],
    must: "change",
  },
  {
    words: "an instance of a used class elsewhere",
    files: {
      "m.ts": "export class Money { constructor(n) { this.n = n; } twice() { this.n *= 2; } }\n",
      "b.ts": "import { Money } from './m.ts';\nexport const zero = new Money(0);\n",
    },
    top: "import './b.ts'; import { Money } from './m.ts';",
    body: "return new Money(3)",
    edit: ["b.ts", "Money(0)", "Money(1)"],
    must: "stay",
  },
  {
    words: "what a registered function registers when it is called",
    files: {
      "a.ts": "export const setups = []; export const values = new Map();\n",
      "b.ts": "import { setups, values } from './a.ts';\nsetups.push(() => values.set('k', 1));\n",
      "c.ts": "import './b.ts'; import { setups } from './a.ts';\nfor (const setup of setups) setup();\n",
    },
    top: "import './c.ts'; import { values } from './a.ts';",
    body: "return values",
    edit: ["b.ts", "'k', 1", "'k', 2"],
    must: "change",
  },
  {
    words: "a package that is set up by a call whose value is thrown away",
    top: "import dj from 'dj'; dj.config({ path: '.env' });",
    body: "return 1",
    edit: ["p.ts", "'.env'", "'.env.test'"],
    must: "change",
  },
  {
    words: "the same in a function that is called",
    top: "import dj from 'dj'; function setUp() { dj.config({ path: '.env' }); } setUp();",
    body: "return 1",
    edit: ["p.ts", "'.env'", "'.env.test'"],
    must: "change",
  },
  {
    words: "a value made by a package, for somebody else",
    top: "import dj from 'dj'; export const schema = dj.object({ a: 1 });",
    body: "return 1",
    edit: ["p.ts", "a: 1", "a: 2"],
    must: "stay",
  },
  {
    words: "an option of an object that a package made, after it was made",
    top: "import dj from 'dj'; const app = dj.create(); app.use(1);",
    body: "return app",
    edit: ["p.ts", "use(1)", "use(2)"],
    must: "change",
  },
  {
    words: "a property put on a function",
    files: { "a.ts": "export const f = () => f.k;\n", "b.ts": "import { f } from './a.ts';\nf.k = 1;\n" },
    top: "import './b.ts'; import { f } from './a.ts';",
    body: "return f()",
    edit: ["b.ts", "= 1", "= 2"],
    must: "change",
  },
  {
    words: "an effect of a module that a top-level statement imports",
    files: { "lazy.ts": "globalThis.zz = 1;\n" },
    top: "await import('./lazy.ts');",
    body: "return zz",
    edit: ["lazy.ts", "= 1", "= 2"],
    must: "change",
  },
  {
    words: "an effect of a module that only another function imports",
    files: { "lazy.ts": "globalThis.zz = 1;\n" },
    top: "export const load = () => import('./lazy.ts');",
    body: "return 1",
    edit: ["lazy.ts", "= 1", "= 2"],
    must: "stay",
  },
  {
    words: "a binding written by a module that the step imports itself",
    files: {
      "a.ts": "export const reg = new Map();\n",
      "lazy.ts": "import { reg } from './a.ts';\nreg.set('k', 1);\n",
    },
    top: "import { reg } from './a.ts';",
    body: "await import('./lazy.ts'); return reg",
    edit: ["lazy.ts", "'k', 1", "'k', 2"],
    must: "change",
  },
  {
    words: "a JSON object that is changed in place",
    files: { "d.json": '{"a":1}', "b.ts": "import d from './d.json' with { type: 'json' };\nd.a = 5;\n" },
    top: "import './b.ts'; import d from './d.json' with { type: 'json' };",
    body: "return d.a",
    edit: ["b.ts", "= 5", "= 6"],
    must: "change",
  },
  {
    words: "two statements that change places in different modules",
    files: {
      "a.ts": "export const reg = new Map();\n",
      "b.ts": "import { reg } from './a.ts';\nreg.set('b', 1);\n",
      "c.ts": "import { reg } from './a.ts';\nreg.set('c', 1);\n",
    },
    top: "import './b.ts'; import './c.ts'; import { reg } from './a.ts';",
    body: "return reg",
    edit: ["p.ts", "import './b.ts'; import './c.ts';", "import './c.ts'; import './b.ts';"],
    must: "change",
  },
  {
    words: "what a step is made with by a factory that another step comes from",
    top: "const LIMITS = { a: 1 }; const make = (k) => step('m', (x) => { x.k = k + LIMITS.a; return x; }); export const m = make(3);",
    body: "return LIMITS.a",
    edit: ["p.ts", "make(3)", "make(4)"],
    must: "stay",
  },
  {
    words: "a driver that changes a global",
    top: "import { run } from 'warmstart'; async function go() { process.env.TZ = 'UTC'; await run(other); } await go();",
    body: "return 1",
    edit: ["p.ts", "'UTC'", "'GMT'"],
    must: "change",
  },
  {
    words: "a driver that does something else before",
    files: { "a.ts": "export const reg = new Map();\n" },
    top: "import { run } from 'warmstart'; import { reg } from './a.ts'; try { reg.set('k', 1); await run(other); } finally {}",
    body: "return reg",
    edit: ["p.ts", "'k', 1", "'k', 2"],
    must: "change",
  },
  {
    words: "a driver that imports a set-up",
    files: { "lazy.ts": "globalThis.zz = 1;\n" },
    top: "import { run } from 'warmstart'; try { await import('./lazy.ts'); await run(other); } finally {}",
    body: "return zz",
    edit: ["lazy.ts", "= 1", "= 2"],
    must: "change",
  },
  {
    words: "a function that is handed to code which is not seen",
    top: "import dj from 'dj'; const load = (name) => { dj.config(name, 1); }; ['a'].forEach(load);",
    body: "return 1",
    edit: ["p.ts", "name, 1", "name, 2"],
    must: "change",
  },
  {
    words: "an alias that is assigned later",
    files: {
      "a.ts": "export const reg = {};\n",
      "b.ts": "import { reg } from './a.ts';\nlet y;\ny = reg;\ny.z = 1;\n",
    },
    top: "import './b.ts'; import { reg } from './a.ts';",
    body: "return reg",
    edit: ["b.ts", "z = 1", "z = 2"],
    must: "change",
  },
  {
    words: "what a getter gives, kept in a variable and changed there",
    files: {
      "a.ts": "const reg = {};\nexport const get = () => reg;\n",
      "b.ts": "import { get } from './a.ts';\nconst r = get();\nr.z = 1;\n",
    },
    top: "import './b.ts'; import { get } from './a.ts';",
    body: "return get()",
    edit: ["b.ts", "z = 1", "z = 2"],
    must: "change",
  },
  {
    words: "a getter that a pattern runs",
    files: {
      "a.ts": "export const reg = {};\n",
      "b.ts": "import { reg } from './a.ts';\nexport const { v } = { get v() { reg.z = 1; return 1; } };\n",
    },
    top: "import './b.ts'; import { reg } from './a.ts';",
    body: "return reg",
    edit: ["b.ts", "z = 1", "z = 2"],
    must: "change",
  },
  {
    words: "a driver",
    top: "import { run } from 'warmstart'; async function go() { await run(other, 1); } await go();",
    body: "return 1",
    edit: ["p.ts", "other, 1", "other, 2"],
    must: "stay",
  },
  {
    words: "a module of the program that cannot be parsed",
    files: { "bad.ts": "let = = 1;\n" },
    top: "import './bad.ts';",
    body: "return 1",
    edit: ["bad.ts", "= 1", "= 2"],
    must: "change",
  },
  {
    words: "a function that tells a package, handed to a method of a list",
    files: { "l.ts": "export const plugins = [1];\n" },
    top: "import dj from 'dj'; import { plugins } from './l.ts'; const install = (x) => { dj.use(x, 'k'); }; plugins.forEach(install);",
    body: "return 1",
    edit: ["p.ts", "'k'", "'l'"],
    must: "change",
  },
  {
    words: "a function that tells a package, handed to a function of the project",
    files: { "l.ts": "const all = [];\nexport const register = (f) => { all.push(f); f(); };\n" },
    top: "import dj from 'dj'; import { register } from './l.ts'; const install = () => { dj.use('k'); }; register(install);",
    body: "return 1",
    edit: ["p.ts", "'k'", "'l'"],
    must: "change",
  },
  {
    words: "the same in an object",
    files: { "l.ts": "const all = [];\nexport const register = (f) => { all.push(f); f.install(); };\n" },
    top: "import dj from 'dj'; import { register } from './l.ts'; const plugin = { install() { dj.use('k'); } }; register({ plugin });",
    body: "return 1",
    edit: ["p.ts", "'k'", "'l'"],
    must: "change",
  },
  ...hiddenRows(),
];

/** Reads that run code of `x` without a call in sight. */
function hiddenRows(): readonly Row[] {
  const getter = "const x = { get v() { reg.set('k', 1); return 1; } };";
  const iterator = "class X { *[Symbol.iterator]() { reg.set('k', 1); } }\nconst x = new X();";
  const text = "const x = { toString() { reg.set('k', 1); return 'x'; } };";
  const value = "const x = {};\nx.valueOf = () => { reg.set('k', 1); return 1; };";
  const defined = "const x = {};\nObject.defineProperty(x, 'v', { get: () => { reg.set('k', 1); return 1; } });";
  const proxy = "const x = new Proxy({}, { get: () => { reg.set('k', 1); return 1; } });";
  const inherited = "class A { get v() { reg.set('k', 1); return 1; } }\nclass B extends A {}\nconst x = new B();";
  const read = (words: string, x: string, y: string, edit = "'k', 1", must: Row["must"] = "change"): Row => ({
    words,
    files: { "r.ts": "export const reg = new Map();\n", "x.ts": `import { reg } from './r.ts';\n${x}\n${y}\n` },
    top: "import './x.ts'; import { reg } from './r.ts';",
    body: "return reg.get('k')",
    edit: ["x.ts", edit, edit.replace("1", "2")],
    must,
  });
  return [
    read("a getter, read in a statement", getter, "x.v;"),
    read("a getter, read in an initialiser", getter, "export const y = x.v;"),
    read("a getter, read in a condition", getter, "if (x.v) { }"),
    read("a getter, read by a spread", getter, "export const y = { ...x };"),
    read("a getter, read through an alias", `${getter}\nconst z = x;`, "export const y = [z][0].v;"),
    read("a getter of a base class", inherited, "export const y = x.v;"),
    read("a getter that was defined", defined, "export const y = x.v;"),
    read("a proxy", proxy, "export const y = x.v;"),
    read("an iterator, in a loop", iterator, "for (const y of x) { }"),
    read("an iterator, in a list", iterator, "export const y = [...x];"),
    read("an iterator, in a pattern", iterator, "export const [y] = x;"),
    read("a conversion, in a template", text, "export const y = `${x}`;"),
    read("a conversion, by adding text", text, 'export const y = x + "";'),
    read("a conversion, in a key", text, "export const y = { [x]: 1 };"),
    read("a conversion, in an index", text, "export const y = Math[x];"),
    read("a conversion that was put on, by a sign", value, "export const y = +x;"),
    read("a conversion that was put on, by a comparison", value, "export const y = x < 1;"),
    read("a getter that nothing reads", getter, "export const y = [x];", "'k', 1", "stay"),
    read(
      "a getter that changes nothing",
      "const x = { get v() { return reg.size; } };",
      "export const y = x.v + 1;",
      "+ 1",
      "stay",
    ),
  ];
}

function programOf({ files = {}, top, body }: Pick<Row, "files" | "top" | "body">): Project {
  const project = new Project({
    ...files,
    "p.ts": [
      "import { step } from 'warmstart';",
      top,
      `export const t = step('t', async () => { ${body} });`,
      "export const other = step('other', async () => 1);",
    ].join("\n"),
  });
  project.package("dj", "1.0.0", "");
  return project;
}

function closureOf(project: Project): SymbolClosure {
  return closureIn(project.root, "p.ts#t/step(t)");
}

describe("effects of evaluating modules", () => {
  test.each(rows)("$words → $must", (row) => {
    const project = programOf(row);
    const before = codeOf(closureOf(project));
    const [path, from, to] = row.edit;
    applyEdits(project.root, { [path]: [[from, to]] });
    expect(codeOf(closureOf(project)) === before ? "stay" : "change").toBe(row.must);
  });

  test("state that other functions set is named with the place of the write", () => {
    const files = {
      "s.ts":
        "export let total = 0;\nexport const bump = () => { total++; };\nexport const reset = () => {\n  total = 0;\n};\n",
    };
    const project = programOf({ files, top: "import { bump, total } from './s.ts';", body: "bump(); return total" });
    expect(closureOf(project).state).toEqual([{ name: "total", at: "s.ts:1", writtenAt: "s.ts:3" }]);
  });

  test("a constant that holds a number is no state, whatever other functions make of it", () => {
    const files = {
      "s.ts": "const names = ['a', 'b'];\nexport const width: number = names.length + 1;\n",
      "t.ts":
        "import { width } from './s.ts';\nexport const train = (tf: any) => {\n  const net = tf.make();\n  net.add({ shape: [width] });\n  net.compile();\n  return net;\n};\n",
    };
    const project = programOf({
      files,
      top: "import { width } from './s.ts';\nimport './t.ts';",
      body: "return width",
    });
    expect(closureOf(project).state).toEqual([]);
  });
});

describe("what a step may leave behind", () => {
  test.each([
    ["nothing", "const K = 2; const f = (x) => Math.max(x, K);", "return [1, 2].map(f)", true],
    ["what it makes itself", "class P { n = 0; add() { this.n += 1; } }", "return 1", true],
    ["a timer", "", "setInterval(() => 1, 10)", false],
    ["the environment", "", "process.env.A = '1'", false],
    ["a memo", "const memo = new Map();", "memo.set(1, 2)", false],
    ["a hidden memo", "const memo = (() => { const m = {}; return (k) => (m[k] = 1); })();", "return memo(1)", false],
    ["a package's state", "import dj from 'dj';", "return dj(1)", false],
    ["a listener", "import { EventEmitter } from 'node:events';", "return EventEmitter", false],
    ["a module", "", "return import('./other.ts')", false],
  ])("%s", (_words, top, body, contained) => {
    const project = programOf({ files: { "other.ts": "export const x = 1;\n" }, top, body });
    expect(closureOf(project).contained).toBe(contained);
  });
});
