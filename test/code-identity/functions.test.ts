import { expect, test } from "vitest";
import { Project } from "./project.ts";
import type { Identified, ProbeOptions } from "./project.ts";

const KIT = 'import { step } from "warmstart";\n';

async function identify(text: string, options: ProbeOptions & { readonly files?: Record<string, string> } = {}) {
  const { files = {}, ...rest } = options;
  const project = new Project({ "p.ts": KIT + text, ...files });
  const { rounds, worker } = await project.probe({ ...rest, worker: true });
  const first = rounds[0] ?? {};
  for (const [name, identity] of Object.entries(first)) {
    if (identity.error !== undefined) throw new Error(`${name}: ${JSON.stringify(identity.error)}`);
    expect(identity.workerCaptures, name).toEqual(identity.captures);
    expect(worker?.[name]?.captures, `${name} in another thread`).toEqual(identity.captures);
    expect(worker?.[name]?.digest, `${name} in another thread`).toBe(identity.digest);
  }
  return first;
}

function names(identity: Identified | undefined): readonly string[] {
  // The first is the function's own place.
  return (identity?.captures ?? []).slice(1).map((capture) => capture.name);
}

function unseen(identity: Identified | undefined): readonly string[] {
  return (identity?.unseen ?? []).map((item) => `${item.kind}:${item.name}`);
}

function digests(found: Readonly<Record<string, Identified>>): ReadonlySet<string> {
  return new Set(Object.values(found).map((identity) => identity.digest));
}

test("two steps of one file that take the same inputs have two identities, without captures", async () => {
  const found = await identify(`
    step("a", (x: number) => x + 1);
    step("b", (x: number) => x + 1);
    function c(x: number): number { return x; }
    const d = async ({ x }: { x: number }): Promise<number> => x;
    step("c", c); step("d", d); step("e", {}, function (x: number) { return x; });
  `);
  expect(digests(found).size).toBe(5);
  for (const identity of Object.values(found)) {
    expect(names(identity)).toEqual([]);
    expect(identity.unseen).toEqual([]);
  }
});

test("the same function under two names is one function", async () => {
  const found = await identify(`const f = (x: number) => x; step("a", f); step("b", f);`);
  expect(digests(found).size).toBe(1);
});

test("a function made by a factory counts with the values that it captured", async () => {
  const found = await identify(`
    function makeStep(name: string, k: number, cfg: { lr: number }) {
      const unused = 1;
      return step(name, (x: number) => x * k + cfg.lr);
    }
    makeStep("three", 3, { lr: 0.1 }); makeStep("five", 5, { lr: 0.1 }); makeStep("again", 3, { lr: 0.1 });
  `);
  expect(names(found["three"])).toEqual(["cfg", "k"]);
  expect(found["three"]?.digest).not.toBe(found["five"]?.digest);
  expect(found["three"]?.digest).toBe(found["again"]?.digest);
  expect(found["three"]?.leaves.find((leaf) => leaf.path[1] === "capture:k")?.shown).toBe("3");
});

test("a wrapped function counts with what it wraps, its modules included", async () => {
  const text = `
    import { f } from "./f.ts"; import { g } from "./g.ts"; import { wrap } from "./wrap.ts";
    step("a", wrap(f)); step("b", wrap(g));
  `;
  const files = {
    "f.ts": "export const f = (x: number) => x;",
    "g.ts": "export function g(x: number) { return x; }",
    "wrap.ts": "export function wrap<T>(inner: (x: T) => T) { return (x: T): T => inner(x); }",
  };
  const found = await identify(text, { files });
  expect(names(found["a"])).toEqual(["inner"]);
  expect(found["a"]?.digest).not.toBe(found["b"]?.digest);
});

test("what a wrapped function captured itself counts, too", async () => {
  const found = await identify(`
    const wrap = (inner: (x: number) => number) => (x: number) => inner(x);
    const scale = (k: number) => (x: number) => x * k;
    step("a", wrap(wrap(scale(3)))); step("b", wrap(wrap(scale(5))));
  `);
  expect(names(found["a"])).toEqual(["inner", "inner.inner", "inner.inner.k"]);
  expect(found["a"]?.digest).not.toBe(found["b"]?.digest);
});

test("functions picked from a table are told apart by where they stand", async () => {
  const found = await identify(`
    const ops = { plus: (x: number) => x + 1, minus: (x: number) => x - 1, list: [(x: number) => x, (x: number) => -x] };
    step("plus", ops.plus); step("minus", ops.minus); step("one", ops.list[0]!); step("two", ops.list[1]!);
  `);
  expect(digests(found).size).toBe(4);
});

test("functions made in a loop count with the loop's variables", async () => {
  const found = await identify(`
    for (const k of [3, 5]) { const twice = k * 2; step("of" + k, (x: number) => x * k + twice); }
    for (let i = 0; i < 2; i++) step("i" + i, () => i);
    for (const [name, f] of Object.entries({ q: (x: number) => x })) step(name, (x: number) => f(x));
  `);
  expect(names(found["of3"])).toEqual(["k", "twice"]);
  expect(names(found["i0"])).toEqual(["i"]);
  expect(names(found["q"])).toEqual(["f"]);
  expect(digests(found).size).toBe(5);
});

test("steps made inside a builder count with its parameters", async () => {
  const found = await identify(`
    function build({ scale }: { scale: number }, rates: readonly number[]) {
      step("inline" + scale, async (x: number) => rates.map((rate) => rate * x * scale));
    }
    build({ scale: 4 }, [1]); build({ scale: 5 }, [1]);
  `);
  expect(names(found["inline4"])).toEqual(["rates", "scale"]);
  expect(found["inline4"]?.digest).not.toBe(found["inline5"]?.digest);
});

test("a name that the function declares itself is no capture", async () => {
  const found = await identify(`
    function make(k: number, handle: object) {
      const f = (handle: number) => { const k = 1; return k + handle; };
      step("own", f);
      return () => [k, handle];
    }
    make(3, new (class Handle {})());
  `);
  expect(names(found["own"])).toEqual([]);
  expect(found["own"]?.unseen).toEqual([]);
});

test("captured values that no key can hold are flagged by name and line", async () => {
  const found = await identify(`
    class Client { url = "x"; }
    function make(name: string, client: Client, extra: Record<string, unknown>) { step(name, () => [client, extra]); }
    make("c", new Client(), { deep: { when: new WeakMap() } });
    function outer(this: unknown) { step("this", () => this); }
    outer.call({ a: 1 });
    (function () { step("arguments", () => arguments); })();
    function early() { step("early", () => late); const late = 1; }
    try { early(); } catch {}
  `);
  expect(unseen(found["c"])).toEqual(["code:client", "code:extra"]);
  expect(found["c"]?.unseen[0]?.note).toMatch(/^project:p\.ts:4 .*Client/);
  expect(unseen(found["this"])).toEqual(["code:this"]);
  expect(unseen(found["arguments"])).toEqual(["code:arguments"]);
});

test("a variable without a value yet is flagged, not taken for undefined", async () => {
  const project = new Project({
    "p.ts": `${KIT}
      function early(): void { step("early", () => late); globalThis.hold = () => late; throw new Error("stop"); const late = 1; }
      try { early(); } catch {}`,
  });
  const { rounds } = await project.probe();
  expect(unseen(rounds[0]?.["early"])).toEqual(["code:late"]);
});

test("bound functions count with their target, this and arguments", async () => {
  const found = await identify(`
    function f(this: unknown, a: number, b: number) { return [this, a, b]; }
    step("a", f.bind({ q: 1 }, 1)); step("b", f.bind({ q: 1 }, 2)); step("c", f.bind({ q: 2 }, 1)); step("d", f.bind(new Map(), 1n as never));
    step("e", ((x: number) => x).bind(null));
  `);
  expect(names(found["a"])).toEqual(["bound target", "bound this", "bound arguments"]);
  expect(digests(found).size).toBe(5);
});

test("native functions and proxies have no source, and say so", async () => {
  const found = await identify(`
    step("native", Math.max); step("proxy", new Proxy((x: number) => x, {}));
    const wrap = (f: Function) => () => f(); step("inside", wrap(setTimeout)); step("made", new Function("return 1") as () => void);
  `);
  expect(unseen(found["native"])).toEqual(["code:function", "code:new Function"]);
  expect(unseen(found["proxy"])).toContain("code:function");
  expect(unseen(found["inside"])).toContain("code:f");
  expect(unseen(found["made"])).toContain("code:function");
});

test("captured objects may hold functions and classes, which count by where they stand and what they capture", async () => {
  const found = await identify(`
    const scale = (k: number) => (x: number) => x * k;
    function make(name: string, ops: Record<string, (x: number) => number>, Kind: new () => object) {
      step(name, (x: number) => [ops["f"]!(ops["g"]!(x)), new Kind()]);
    }
    class A {} class B {}
    make("a", { f: scale(3), g: scale(5) }, A); make("swapped", { f: scale(5), g: scale(3) }, A); make("b", { f: scale(3), g: scale(5) }, B);
  `);
  expect(digests(found).size).toBe(3);
  expect(found["a"]?.unseen).toEqual([]);
});

test("functions that capture one another are read once", async () => {
  const found = await identify(`
    function make(name: string, k: number) {
      const even = (n: number): boolean => n === 0 || odd(n - 1);
      const odd = (n: number): boolean => n === k || even(n - 1);
      step(name, (n: number) => even(n));
    }
    make("a", 1); make("b", 2);
  `);
  expect(digests(found).size).toBe(2);
  expect(found["a"]?.unseen).toEqual([]);
});

test("methods and accessors are told apart", async () => {
  const found = await identify(`
    class M { static one(x: number) { return x; } static two(x: number) { return x; } three = (x: number) => [this, x]; }
    const o = { run(x: number) { return x; }, get g() { return (x: number) => x; } };
    step("one", M.one); step("two", M.two); step("three", new M().three); step("run", o.run); step("g", o.g);
  `);
  expect(digests(found).size).toBe(5);
  expect(unseen(found["three"])).toEqual(["code:this"]);
});

test("a step made through a wrapper of another module counts with the module of its function", async () => {
  const project = new Project({
    "p.ts":
      'import { myStep } from "./mine.ts"; import { f } from "./f.ts"; myStep("a", f); myStep("b", (x: number) => x);',
    "mine.ts": `${KIT} export const myStep = (name: string, fn: (x: number) => number) => step(name, (x: number) => fn(x));`,
    "f.ts": 'import { helper } from "./helper.ts"; export const f = (x: number) => helper(x);',
    "helper.ts": "export const helper = (x: number) => x;",
  });
  expect(
    await project.changedBy([{ "helper.ts": ["=> x", "=> x + 1"] }, { "mine.ts": ["fn(x)", "fn(x + 1)"] }]),
  ).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("a function of a package that captured a function of the project counts with both", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { debounce } from "tools"; import { f } from "./f.ts"; step("a", debounce(f, 5)); step("b", debounce(f, 6));`,
    "f.ts": "export const f = (x: number) => x;",
  });
  project.package("tools", "1.2.3", "export const debounce = (fn, ms) => (...args) => fn(...args, ms);");
  const { rounds } = await project.probe();
  expect(names(rounds[0]?.["a"])).toEqual(["fn", "ms"]);
  expect(rounds[0]?.["a"]?.digest).not.toBe(rounds[0]?.["b"]?.digest);
  expect(rounds[0]?.["a"]?.leaves.map((leaf) => leaf.path.join("/"))).toContain("code/package:tools@1.2.3");
});

test("the same under tsx and with the inspector open", async () => {
  const text = `
    enum Mode { A = 1 }
    function makeStep<T extends number>(name: string, k: T) { return step(name, async (x: number): Promise<number> => x * k + Mode.A); }
    makeStep("three", 3); makeStep("five", 5); step("top", (x: number) => x);
  `;
  const project = new Project({ "p.ts": KIT + text });
  const tsx = await project.probe({ nodeArgs: ["--import", import.meta.resolve("tsx")] });
  const found = tsx.rounds[0] ?? {};
  expect(names(found["three"])).toEqual(["k"]);
  expect(digests(found).size).toBe(3);
  expect(found["three"]?.unseen).toEqual([]);
  const erasable = new Project({ "p.ts": KIT + text.replace("enum Mode { A = 1 }", "const Mode = { A: 1 };") });
  const plain = await erasable.probe({ nodeArgs: ["--inspect=0"] });
  const other = await erasable.probe({ nodeArgs: ["--import", import.meta.resolve("tsx")] });
  expect(names(plain.rounds[0]?.["three"])).toEqual(["k"]);
  expect(plain.rounds[0]?.["three"]?.digest).toBe(other.rounds[0]?.["three"]?.digest);
});
