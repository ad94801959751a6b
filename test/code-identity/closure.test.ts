import { mkdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { changed, Project, temporaryFolder } from "./project.ts";
import type { Edits, Identified } from "./project.ts";

const KIT = 'import { step } from "warmstart";\n';

function leafNames(identity: Identified | undefined): readonly string[] {
  return (identity?.leaves ?? []).map((leaf) => leaf.path.slice(1).join("/"));
}

function flags(identity: Identified | undefined): readonly string[] {
  return (identity?.unseen ?? []).map((item) => `${item.kind} ${item.name} ${item.note}`);
}

/** One step per import form, each in a module of its own. */
const FORMS: Readonly<Record<string, readonly [top: string, body: string]>> = {
  named: ['import { v } from "./dep.ts";', "v"],
  namespace: ['import * as ns from "./dep.ts";', "ns.v"],
  reexport: ['import { v } from "./barrel-named.ts";', "v"],
  star: ['import { v } from "./barrel-star.ts";', "v"],
  dynamic: ["", 'import("./dep.ts")'],
  template: ["", "import(`./dep.ts`)"],
  effect: ['import "./dep.ts";', "1"],
  inlineType: ['import { type T } from "./dep.ts";', "1 as T"],
  require: [
    'import { createRequire } from "node:module"; const load = createRequire(import.meta.url);',
    'load("./dep.ts")',
  ],
  asset: ["", 'new URL("./dep.ts", import.meta.url).href'],
  worker: ["", 'new URL("./user.ts", import.meta.url).href'],
};

test("every form of import counts, and a type-only import does not", async () => {
  const project = new Project({
    "dep.ts": "export type T = number; export const v = 1;",
    "barrel-named.ts": 'export { v } from "./dep.ts";',
    "barrel-star.ts": 'export * from "./dep.ts";',
    "user.ts": 'import { v } from "./dep.ts"; console.log(v);',
    "types.ts": `import type { T } from "./dep.ts"; ${KIT} step("types", () => 1 as T);`,
    "typesOut.ts": `export type { T } from "./dep.ts"; ${KIT} step("typesOut", () => 1);`,
  });
  for (const [name, [top, body]] of Object.entries(FORMS))
    project.write({ [`${name}.ts`]: `${top}${KIT}step("${name}", () => ${body});` });
  const modules = [...Object.keys(FORMS), "types", "typesOut"];
  // One after the other, so that no module is part of another one's program.
  project.write({ "p.ts": modules.map((name) => `await import(["./${name}.ts"][0]!);`).join("\n") });
  const [changes] = await project.changedBy([{ "dep.ts": ["v = 1", "v = 2"] }], { pipeline: "" });
  expect(changes).toEqual(Object.keys(FORMS));
});

test("JSON and other assets count by their bytes", async () => {
  const project = new Project({
    "p.ts": `${KIT} import rates from "./rates.json" with { type: "json" };
      step("json", () => rates); step("text", () => new URL("note.txt", import.meta.url));
      step("absent", () => new URL("./absent.txt", import.meta.url));`,
    "rates.json": "[1]",
    "note.txt": "a",
  });
  const all = ["json", "text", "absent"];
  const rounds = [{ "rates.json": "[2]" }, { "note.txt": "b" }, { "unrelated.txt": "x" }, { "absent.txt": "there" }];
  expect(await project.changedBy(rounds)).toEqual([all, all, [], all]);
});

test("a change deep down counts, one beside does not; a comment counts, which is accepted", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { a } from "./a.ts"; step("a", () => a());`,
    "a.ts": 'import { b } from "./b.ts"; export const a = () => b();',
    "b.ts": 'import { a } from "./a.ts"; export const b = (): unknown => [typeof a, 1];',
    "unrelated.ts": "export const x = 1;",
  });
  const rounds = [
    { "b.ts": ["1", "2"] },
    { "unrelated.ts": "export const x = (;" },
    { "p.ts": ["step(", "/* why */ step("] },
  ] as const;
  const [deep, beside, comment] = await project.changedBy(rounds);
  expect([deep, beside, comment]).toEqual([["a"], [], ["a"]]);
});

test("what is imported for its effect anywhere in the pipeline's program counts for every step of it", async () => {
  const project = new Project({
    "p.ts": 'import "./setup.ts"; import "./steps.ts"; import { other } from "./other.ts"; other();',
    "steps.ts": `${KIT} step("a", () => 1);`,
    "setup.ts": 'import { zone } from "./zone.ts"; process.env.TZ = zone;',
    "zone.ts": 'export const zone = "UTC";',
    "other.ts": 'import "./patch.ts"; export const other = () => 1;',
    "patch.ts": "globalThis.patched = 1;",
  });
  const rounds = [{ "zone.ts": ["UTC", "CET"] }, { "patch.ts": ["1", "2"] }, { "other.ts": ["=> 1", "=> 2"] }] as const;
  expect(await project.changedBy(rounds)).toEqual([["a"], ["a"], []]);
  expect(await project.changedBy([{ "zone.ts": ["CET", "EST"] }], { pipeline: "" })).toEqual([[]]);
});

test("packages count by installed version, with all that they depend on", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { parse } from "csv"; step("a", () => parse()); step("b", () => 1);`,
  });
  project.package("csv", "2.1.0", 'export { parse } from "core";', {
    dependencies: { core: "*" },
    optionalDependencies: { gone: "*" },
  });
  project.package("core", "1.0.0", "export const parse = () => 1;");
  project.package("unused", "1.0.0", "");
  const { rounds } = await project.probe({
    rounds: [
      { "node_modules/csv/package.json": ["2.1.0", "2.1.1"] },
      { "node_modules/core/package.json": ["1.0.0", "1.0.1"] },
      { "node_modules/unused/package.json": ["1.0.0", "1.0.1"] },
      { "node_modules/warmstart/package.json": ["0.0.1", "0.0.2"] },
      { "node_modules/gone/package.json": '{"name":"gone","version":"3.0.0"}' },
    ],
  });
  const changes = rounds.slice(1).map((round, index) => changed(rounds[index], round));
  expect(changes).toEqual([["a", "b"], ["a", "b"], [], [], ["a", "b"]]);
  expect(leafNames(rounds[0]?.["a"])).toEqual([
    "function",
    "file:project:p.ts",
    "package:core@1.0.0",
    "package:csv@2.1.0",
  ]);
  // A bump changes the package's leaf and not that of the files that import it.
  const file = (round: number) =>
    rounds[round]?.["a"]?.leaves.find((leaf) => leaf.path[1] === "file:project:p.ts")?.digest;
  expect(file(1)).toBe(file(0));
});

test("which of two installed versions an import gets is part of the identity", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { a } from "./lib/a.ts"; import { v } from "dep"; step("a", () => [a, v]);`,
    "lib/a.ts": 'import { v } from "dep"; export const a = v;',
    "lib/node_modules/dep/package.json": '{"name":"dep","version":"2.0.0","type":"module","main":"index.js"}',
    "lib/node_modules/dep/index.js": "export const v = 2;",
  });
  project.package("dep", "1.0.0", "export const v = 1;");
  const swap = {
    "lib/node_modules/dep/package.json": '{"name":"dep","version":"1.0.0","type":"module","main":"index.js"}',
    "node_modules/dep/package.json": '{"name":"dep","version":"2.0.0","type":"module","main":"index.js"}',
  };
  expect(await project.changedBy([swap])).toEqual([["a"]]);
});

test("a package without a version counts by content, and is flagged", async () => {
  const project = new Project({ "p.ts": `${KIT} import { v } from "loose"; step("a", () => v);` });
  project.package("loose", undefined, "export const v = 1;");
  const { rounds } = await project.probe({ rounds: [{ "node_modules/loose/index.js": ["1", "2"] }] });
  expect(changed(rounds[0], rounds[1])).toEqual(["a"]);
  expect(flags(rounds[0]?.["a"])).toEqual(["code package loose its package.json has no version"]);
});

test("a workspace package counts by content at the same version, reached directly or through a package", async () => {
  const project = new Project({
    "package.json": '{"name":"app","type":"module","workspaces":["packages/*"]}',
    "p.ts": `${KIT} import { v } from "lib"; step("direct", () => v); `,
    "q.ts": `${KIT} import { v } from "through"; step("through", () => v); `,
    "packages/lib/package.json": '{"name":"lib","version":"1.0.0","type":"module","exports":"./src/index.ts"}',
    "packages/lib/src/index.ts": 'export { v } from "./v.ts";',
    "packages/lib/src/v.ts": "export const v = 1;",
  });
  project.link("packages/lib", "node_modules/lib");
  project.package("through", "1.0.0", "export const v = 1;", { dependencies: { lib: "*" } });
  const edit = [{ "packages/lib/src/v.ts": ["1", "2"] }] as const;
  expect(await project.changedBy(edit)).toEqual([["direct"]]);
  expect(await project.changedBy([{ "packages/lib/src/v.ts": ["2", "3"] }], { entry: "q.ts" })).toEqual([["through"]]);
});

test("a project in another folder has the same identities", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { v } from "./src/v.js"; import { z } from "zed"; step("a", () => [v, z]); const make = (k: number) => step("b" + k, () => k + v); make(1);`,
    "src/v.js": "export const v = 1;",
    "tsconfig.json": '{ "compilerOptions": { "target": "es2022" } }',
  });
  project.package("zed", "1.0.0", "export const z = 1;");
  const before = await project.probe();
  const copy = await project.copyTo(join(temporaryFolder(), "elsewhere", "deep")).probe();
  renameSync(project.root, `${project.root}-renamed`);
  const after = await new Project({}, `${project.root}-renamed`).probe();
  for (const { rounds } of [copy, after]) {
    for (const [name, identity] of Object.entries(rounds[0] ?? {})) {
      expect(identity.digest).toBe(before.rounds[0]?.[name]?.digest);
      expect(identity.leaves).toEqual(before.rounds[0]?.[name]?.leaves);
    }
  }
});

test("the code of a materializer counts, class included, under its own leaves", async () => {
  const project = new Project({
    "p.ts": 'import "./steps.ts"; import "./store.ts";',
    "steps.ts": `${KIT} step("a", () => 1);`,
    "store.ts":
      'import { materializer } from "warmstart"; import { Model } from "./model.ts"; materializer("late", { is: (v: unknown) => v instanceof Model, load: Model.fromJSON, save: (m: Model) => m });',
    "model.ts": "export class Model { static fromJSON() { return new Model(); } predict(x: number) { return x; } }",
  });
  const { rounds } = await project.probe({ pipeline: "", rounds: [{ "model.ts": ["return x", "return x + 1"] }] });
  expect(changed(rounds[0], rounds[1])).toEqual(["a"]);
  expect(leafNames(rounds[0]?.["a"])).toContain("materializer:late/file:project:model.ts");
});

test("TypeScript's emit options count, `extends` followed; other options do not", async () => {
  const project = new Project({
    "p.ts": `${KIT} step("a", () => 1);`,
    "tsconfig.json": '{ "extends": "./base.json", /* why */ "compilerOptions": { "strict": true, }, }',
    "base.json": '{ "compilerOptions": { "useDefineForClassFields": true, "noUnusedLocals": true } }',
  });
  const rounds = [
    { "base.json": ['Fields": true', 'Fields": false'] },
    { "base.json": ['Locals": true', 'Locals": false'] },
  ] as const;
  expect(await project.changedBy(rounds)).toEqual([["a"], []]);
});

for (const settled of [false, true]) {
  test(`a new file or a new path that changes what an import means is noticed (stamps ${settled ? "count" : "are fresh"})`, async () => {
    const project = new Project({
      "p.ts": `${KIT} import { l } from "./l.js"; step("a", async () => [l, await import("./v"), await import("~/w"), await import("./dir"), await import("pkg"), await import("#in")]);`,
      "package.json": '{"name":"app","type":"module","imports":{"#in":"./one/w.ts"}}',
      "v/index.ts": "export const v = 1;",
      "one/w.ts": "export const w = 1;",
      "two/w.ts": "export const w = 1;",
      "dir/index.js": "export const d = 1;",
      "l.js": "export const l = 1;",
      "deep/node_modules/pkg/package.json": '{"name":"pkg","version":"1.0.0","main":"./index.js"}',
      "deep/node_modules/pkg/index.js": "",
      "tsconfig.json": '{ "compilerOptions": { "paths": { "~/*": ["./one/*"] } } }',
    });
    const rounds: readonly Edits[] = [
      {},
      { "v.ts": "export const v = 1;" },
      { "tsconfig.json": ["one", "two"] },
      { "dir/index.ts": "export const d = 1;" },
      { "sub/tsconfig.json": "{}", "data.csv": "1" },
      {
        "node_modules/pkg/package.json": '{"name":"pkg","version":"1.0.0","main":"./index.js"}',
        "node_modules/pkg/index.js": "",
      },
      { "node_modules/pkg/package.json": ["1.0.0", "2.0.0"] },
      { "package.json": ["one", "two"] },
      { "l.js": null, "l.ts": "export const l = 1;" },
    ];
    const stampFile = join(project.root, ".warmstart/stamps.json");
    const inOne = await project.changedBy(rounds, { stampFile, settled });
    expect(inOne).toEqual([[], ["a"], ["a"], ["a"], [], ["a"], ["a"], ["a"], ["a"]]);
  });

  test(`a new file is noticed by the next process, too (stamps ${settled ? "count" : "are fresh"})`, async () => {
    const project = new Project({
      "p.ts": `${KIT} import { v } from "./src"; step("a", () => v);`,
      "src/index.js": "export const v = 1;",
      "tsconfig.json": "{}",
    });
    const options = {
      settled,
      stampFile: join(project.root, ".warmstart/stamps.json"),
      nodeArgs: ["--import", import.meta.resolve("tsx")],
    };
    const first = await project.probe(options);
    const second = await project.probe(options);
    project.write({ "src/index.ts": "export const v = 1;" });
    const third = await project.probe(options);
    project.write({ "src.ts": "export const v = 1;" });
    const fourth = await project.probe(options);
    expect(changed(first.rounds[0], second.rounds[0])).toEqual([]);
    expect(changed(second.rounds[0], third.rounds[0])).toEqual(["a"]);
    expect(changed(third.rounds[0], fourth.rounds[0])).toEqual(["a"]);
  });
}

test("what cannot be decided is flagged by name, file and line", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { helper } from "./helper.ts";
      const load = (name: string) => import("./la" + name);
      step("a", () => [helper, load, eval("1"), new Function("return 1")]);
      step("b", async () => import("./nowhere.ts"));`,
    "helper.ts":
      'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\nexport const helper = (x: string) => require(x);',
  });
  const { rounds } = await project.probe();
  expect(flags(rounds[0]?.["a"])).toEqual([
    "code computed require project:helper.ts:3",
    "code computed import project:p.ts:3",
    "code eval project:p.ts:4",
    "code new Function project:p.ts:4",
    "code unresolved import ./nowhere.ts project:p.ts:5",
  ]);
});

test("a syntax error in a reached module is named; one elsewhere is none", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { v } from "./v.ts"; step("a", () => v);`,
    "v.ts": "export const v = 1;",
    "w.ts": "(",
  });
  const { rounds } = await project.probe({ rounds: [{ "v.ts": "export const v = 1;\nlet = = 1;" }, { "v.ts": null }] });
  expect(rounds[0]?.["a"]?.error).toBeUndefined();
  expect(rounds[1]?.["a"]?.error?.code).toBe("WS_SOURCE_SYNTAX");
  expect(rounds[1]?.["a"]?.error?.message).toContain("v.ts:2:7 cannot be parsed");
  expect(flags(rounds[2]?.["a"])).toEqual(["code unresolved import ./v.ts project:p.ts:2"]);
});

test("a step's own file that is gone is named", async () => {
  const project = new Project({
    "p.ts": 'import "./s.ts";',
    "s.ts": `${KIT} const make = (k: number) => step("a", () => k); make(1);`,
  });
  const { rounds } = await project.probe({ rounds: [{ "s.ts": null }], pipeline: "" });
  expect(rounds[1]?.["a"]?.error?.code).toBe("WS_SOURCE_NOT_FOUND");
});

test("links in a circle, cycles, binaries and a very large module are no trouble", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { big } from "./big.ts"; import { o } from "./loop/one.ts";
      import { createRequire } from "node:module"; const require = createRequire(import.meta.url);
      step("a", () => [big, o, require("./addon.node"), new URL("./code.wasm", import.meta.url)]);`,
    "big.ts": `export const big = [${"123456, ".repeat(700_000)}];`,
    "loop/one.ts": "export const o = 1;",
    "addon.node": "\u0000binary",
    "code.wasm": "\u0000asm",
  });
  project.link("loop", "loop/again");
  const { rounds } = await project.probe({ rounds: [{ "addon.node": "\u0000other" }, { "code.wasm": "\u0000other" }] });
  expect(rounds[0]?.["a"]?.error).toBeUndefined();
  expect(rounds[0]?.["a"]?.native).toBe(true);
  expect(changed(rounds[0], rounds[1])).toEqual(["a"]);
  expect(changed(rounds[1], rounds[2])).toEqual(["a"]);
});

test("locale and native code are found in the project and in packages, deep ones too", async () => {
  const project = new Project({
    "none.ts": `${KIT} import { n } from "plain"; step("none", () => [n, Date.now(), Date.UTC(1)]);`,
    "date.ts": `${KIT} step("date", () => new Date());`,
    "intl.ts": `${KIT} import { d } from "outer"; step("intl", () => d);`,
    "addon.ts": `${KIT} import { d } from "addon"; step("addon", () => d);`,
    "sql.ts": `${KIT} import { DatabaseSync } from "node:sqlite"; step("sql", () => DatabaseSync);`,
    "p.ts":
      '["none", "date", "intl", "addon", "sql"]; for (const name of ["none", "date", "intl", "addon", "sql"]) await import("./" + name + ".ts");',
  });
  project.package("plain", "1.0.0", "export const n = 1;");
  project.package("outer", "1.0.0", "export const d = 1;", { dependencies: { inner: "*" } });
  project.package("inner", "1.0.0", "export const f = (a, b) => a.localeCompare(b);");
  project.package("addon", "1.0.0", "export const d = 1;", { optionalDependencies: { "addon-linux": "*" } });
  project.package("addon-linux", "1.0.0", "");
  project.write({ "node_modules/addon-linux/build/x.node": "binary" });
  const found = (await project.probe({ pipeline: "" })).rounds[0] ?? {};
  const named = Object.fromEntries(Object.entries(found).map(([name, { unseen }]) => [name, unseen]));
  expect(named).toMatchObject({ none: [], addon: [{ kind: "native", name: "addon-linux" }] });
  expect(named["sql"]).toEqual([{ kind: "native", name: "node:sqlite" }]);
  const facts = Object.entries(found).map(([name, { localeSensitive, native }]) => [name, localeSensitive, native]);
  expect(facts).toEqual([
    ["none", false, false],
    ["date", true, false],
    ["intl", true, false],
    ["addon", false, true],
    ["sql", false, true],
  ]);
});

test("a stamp file saves the work and never the truth: edits of equal size and time, damage, other processes", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { v } from "./v.ts"; step("a", () => v);`,
    "v.ts": "export const v = 1;",
  });
  const stampFile = join(project.root, ".warmstart/stamps.json");
  const digest = async () => (await project.probe({ stampFile })).rounds[0]?.["a"]?.digest;
  const first = await digest();
  expect(await digest()).toBe(first);
  const { atime, mtime } = statSync(join(project.root, "v.ts"));
  writeFileSync(join(project.root, "v.ts"), "export const v = 2;");
  utimesSync(join(project.root, "v.ts"), atime, mtime);
  const second = await digest();
  expect(second).not.toBe(first);
  for (const damage of ["", "warmstart-sources", "{}", `${"x".repeat(50)}\n{}`]) {
    writeFileSync(stampFile, damage);
    writeFileSync(`${stampFile}.files`, damage);
    expect(await digest()).toBe(second);
  }
});

test.for([false, true])(
  "a link that is turned to another folder of equal content changes what is reached (settled: %s)",
  async (settled) => {
    const root = temporaryFolder();
    for (const side of ["left", "right"]) {
      mkdirSync(join(root, side));
      writeFileSync(join(root, side, "a.ts"), 'import { b } from "./b.ts"; export const a = b;');
      writeFileSync(join(root, side, "b.ts"), `export const b = "${side}";`);
    }
    const project = new Project({ "p.ts": `${KIT} import { a } from "./link/a.ts"; step("a", () => a);` });
    const turn = (side: string) => {
      mkdirSync(dirname(join(project.root, "x")), { recursive: true });
      symlinkSync(join(root, side), join(project.root, `link-${side}`));
      renameSync(join(project.root, `link-${side}`), join(project.root, "link"));
    };
    const stampFile = join(project.root, ".warmstart/stamps.json");
    turn("left");
    const before = await project.probe({ stampFile, settled });
    turn("right");
    const after = await project.probe({ stampFile, settled });
    expect(changed(before.rounds[0], after.rounds[0])).toEqual(["a"]);
  },
);

test("with a version of your own the sources do not count; the function's name, its captures and the version do", async () => {
  const project = new Project({
    "p.ts": `${KIT} import { v } from "./v.ts";
      const make = (name: string, k: number) => step(name, () => k + v);
      make("three", 3); make("five", 5); step("x", () => v); step("y", () => v);`,
    "v.ts": "export const v = 1;",
  });
  const mode = { version: "1" };
  const { rounds } = await project.probe({
    mode,
    rounds: [{ "v.ts": ["1", "2"] }, { "p.ts": ['step("x", () => v)', 'step("new", () => 0); step("x", () => v)'] }],
  });
  expect(new Set(Object.values(rounds[0] ?? {}).map(({ digest }) => digest)).size).toBe(4);
  expect(changed(rounds[0], rounds[1])).toEqual([]);
  expect(leafNames(rounds[0]?.["three"])).toEqual(["function", "capture:k", "version"]);
  const other = await project.probe({ mode: { version: "2" } });
  expect(changed(rounds[0], other.rounds[0])).toHaveLength(5);
});
