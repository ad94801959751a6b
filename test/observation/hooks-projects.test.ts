import { expect, test } from "vitest";
import { HooksProject } from "./hooks-project.ts";

const MODULE = '{ "name": "p", "type": "module" }';

interface Project {
  readonly files: Readonly<Record<string, string>>;
  readonly prints: string;
  /** What is evaluated, sorted. */
  readonly stamps: readonly string[];
}

const projects: Readonly<Record<string, Project>> = {
  "nodenext with .js specifiers": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": '{ "compilerOptions": { "module": "nodenext", "target": "es2023" } }',
      "main.ts":
        'import { a } from "./lib/a.js";\nimport { b } from "./b.mjs";\nimport c from "./c.cjs";\nconsole.log(a, b, c);',
      "lib/a.ts": 'import { view } from "./view.js";\nexport const a: string = `a${view}`;',
      "lib/view.tsx": "export const view: number = 1;",
      "b.mts": 'export const b: string = "b";',
      "c.cts": 'const c: string = "c";\nexport = c;',
    },
    prints: "a1 b c\n",
    stamps: ["b.mts", "c.cts", "lib/a.ts", "lib/view.tsx", "main.ts"],
  },
  "bundler resolution with paths, extensionless imports and index files": {
    files: {
      "package.json": MODULE,
      "tsconfig.base.json":
        '{ /* shared */ "compilerOptions": { "moduleResolution": "bundler", "paths": { "@/*": ["./src/*"], "config": ["./src/config.ts"] }, }, }',
      "tsconfig.json": '{ "extends": "./tsconfig.base.json" } // ours',
      "main.ts":
        'import { one } from "@/one";\nimport { config } from "config";\nimport { folder } from "./src/folder";\nimport data, { x } from "./data.json";\nconsole.log(one, config, folder, data.x, x);\nconsole.log((await import("@/one")).one);',
      "src/one.ts": 'import { folder } from "../src/folder/index";\nexport const one = `one-${folder}`;',
      "src/config.ts": 'export const config = "config";',
      "src/folder/index.ts": 'export const folder = "index";',
      "data.json": '{ "x": 5, "default": 1, "a b": 2, "__proto__": 3 }',
    },
    prints: "one-index config index 5 5\none-index\n",
    stamps: ["data.json", "main.ts", "src/config.ts", "src/folder/index.ts", "src/one.ts"],
  },
  "unmarked type imports": {
    files: {
      "package.json": MODULE,
      "main.ts":
        'import { Shape, area } from "./shape.ts";\nimport { Only } from "./types.ts";\nimport Default, { type T } from "./default.ts";\nimport * as all from "./types.ts";\nexport { type Only as Again } from "./types.ts";\nconst s: Shape = { w: 2, h: 3 };\nlet x: Only | Default | T | all.Only | undefined;\nconsole.log(area(s), x);',
      "shape.ts":
        "export interface Shape { w: number; h: number }\nexport const area = (s: Shape): number => s.w * s.h;",
      "types.ts": "export type Only = 1;\nconsole.log('never evaluated');",
      "default.ts": "export default interface D { a: 1 }\nexport type T = 1;\nconsole.log('never evaluated');",
    },
    prints: "6 undefined\n",
    stamps: ["main.ts", "shape.ts"],
  },
  "verbatimModuleSyntax keeps imports that do not say type": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": '{ "compilerOptions": { "verbatimModuleSyntax": true } }',
      "main.ts":
        'import { kept } from "./effect.ts";\nimport type { T } from "./types.ts";\nlet x: T | undefined;\nconsole.log(x);',
      "effect.ts": "console.log('evaluated');\nexport const kept = 1;",
      "types.ts": "console.log('never evaluated');\nexport type T = 1;",
    },
    prints: "evaluated\nundefined\n",
    stamps: ["effect.ts", "main.ts"],
  },
  "enums, namespaces, parameter properties": {
    files: {
      "package.json": MODULE,
      "main.ts":
        'import { Level, Flag } from "./enums.ts";\nnamespace N { export const v = 1; export namespace Inner { export const w = v + 1; } }\nclass P { constructor(private readonly a: number, public b = 2) {} sum(): number { return this.a + this.b; } }\nusing closing = { [Symbol.dispose](): void { console.log("closed"); } };\nconsole.log(Level.High, Level[1], Flag.On, N.Inner.w, new P(1).sum(), closing !== undefined);',
      "enums.ts": 'export enum Level { Low = 1, High = Low << 3 }\nexport const enum Flag { On = "on" }',
    },
    prints: "8 Low on 2 3 true\nclosed\n",
    stamps: ["enums.ts", "main.ts"],
  },
  "legacy decorators with metadata": {
    files: {
      "package.json": MODULE,
      "tsconfig.json":
        '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true, "target": "es2022", "useDefineForClassFields": false } }',
      "main.ts":
        'import "./metadata.ts";\nimport { Engine } from "./engine.ts";\nconst seen: string[] = [];\nconst note = (what: string) => (...args: unknown[]): void => { seen.push(`${what}:${String(args[1])}:${Reflect.getMetadata?.(args[0])}`); };\nfunction inject(_target: object, _key: unknown, index: number): void { seen.push(`inject:${index}`); }\n@note("class")\nclass Car {\n  @note("field") name: string = "x";\n  constructor(@inject private engine: Engine) {}\n  @note("method") go(to: Engine): number { return this.engine.power + to.power; }\n}\nconsole.log(new Car(new Engine()).go(new Engine()));\nconsole.log(seen.join(" "));',
      "engine.ts": "export class Engine { power = 4; }",
      "metadata.ts":
        'declare global { namespace Reflect { function getMetadata(target: unknown): string; } }\nconst types: string[] = [];\nReflect.metadata = (key: string, value: unknown) => () => { types.push(`${key}=${Array.isArray(value) ? value.map((v) => v.name).join() : (value as { name: string }).name}`); };\nReflect.getMetadata = () => types.splice(0).sort().join("|");',
    },
    prints:
      "8\nfield:name:design:type=String method:go:design:paramtypes=Engine|design:returntype=Number|design:type=Function inject:0 class:undefined:design:paramtypes=Engine\n",
    stamps: ["engine.ts", "main.ts", "metadata.ts"],
  },
  "fields are assigned without useDefineForClassFields": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": '{ "compilerOptions": { "target": "ES2020" } }',
      "main.ts":
        'class Base { set y(v: number) { console.log("set", v); } }\nclass A extends Base { declare d: number; x: number; override y = 1; z = this.p; #q = 2; static s = 3; constructor(readonly p: number) { super(); } q(): number { return this.#q; } }\nconst a = new A(7);\nconsole.log("x" in a, a.z, a.q(), A.s);',
    },
    prints: "set 1\nfalse 7 2 3\n",
    stamps: ["main.ts"],
  },
  "fields are defined where the target has them": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": '{ "compilerOptions": { "target": "es2022" } }',
      "main.ts":
        'class Base { set y(v: number) { console.log("set", v); } }\nclass A extends Base { x: number; override y = 1; }\nconst a = new A();\nconsole.log("x" in a, a.y);',
    },
    prints: "true 1\n",
    stamps: ["main.ts"],
  },
  "classic JSX with a factory of one's own": {
    files: {
      "package.json": MODULE,
      "tsconfig.json": '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h", "jsxFragmentFactory": "Both" } }',
      "main.tsx": 'import { h, Both } from "./h";\nconst name = "you";\nconsole.log(<p id="a">hi {name}<><b/></></p>);',
      "h.ts":
        'export const Both = "both";\nexport const h = (tag: string, props: object | null, ...inner: unknown[]): string => `${tag}(${JSON.stringify(props)}${inner.map((one) => `,${one}`).join("")})`;',
    },
    prints: 'p({"id":"a"},hi ,you,both(null,b(null)))\n',
    stamps: ["h.ts", "main.tsx"],
  },
  "automatic JSX with a runtime of one's own": {
    files: {
      "package.json": MODULE,
      "tsconfig.json":
        '{ "compilerOptions": { "jsx": "react-jsx", "allowJs": true, "jsxImportSource": "@mine", "paths": { "@mine/*": ["./runtime/*"] } } }',
      "main.tsx": 'import { View } from "./view.jsx";\nconsole.log(<p id="a">hi</p>, <View/>);',
      "view.jsx": "export const View = () => <i>view</i>;",
      "runtime/jsx-runtime.ts":
        'export const Fragment = "";\nexport const jsx = (tag: string | (() => string), props: { children?: string }): string => typeof tag === "string" ? `<${tag}>${props.children ?? ""}</${tag}>` : tag();\nexport const jsxs = jsx;',
    },
    prints: "<p>hi</p> <i>view</i>\n",
    stamps: ["main.tsx", "runtime/jsx-runtime.ts", "view.jsx"],
  },
  'a package without "type"': {
    files: {
      "package.json": '{ "name": "p" }',
      "main.ts":
        'import { join } from "node:path";\nimport { a } from "./a";\nimport type { T } from "./types";\nconst t: T = 1;\nconsole.log(a, t, join(__dirname, "x").endsWith("x"), require("./old").old);\nawait Promise.resolve();',
      "a.ts": "export const a: number = 1;",
      "types.ts": "export type T = number;",
      "old.ts": 'import type { T } from "./types";\nconst t: T = 3;\nmodule.exports = { old: t, file: __filename };',
      "more.js": "export const unused = 1;",
    },
    prints: "1 1 true 3\n",
    stamps: ["a.ts", "main.ts", "old.ts"],
  },
  "top-level await and nothing else that says module": {
    files: { "package.json": "{}", "main.ts": "const x: number = await Promise.resolve(4);\nconsole.log(x);" },
    prints: "4\n",
    stamps: ["main.ts"],
  },
  '"type": "commonjs"': {
    files: {
      "package.json": '{ "type": "commonjs" }',
      "main.ts":
        'import fs = require("node:fs");\nimport { b } from "./b";\nimport plain from "./plain.js";\nconsole.log(typeof fs.readFileSync, b, plain.p);',
      "b.ts": 'const { c }: { c: number } = require("./c");\nexports.b = c;\nexports.b += require("./data.json").x;',
      "c.ts": "enum E { A = 2 }\nexport = { c: E.A };",
      "plain.js": "module.exports = { p: require.main === undefined ? 1 : 1 };",
      "data.json": '{ "x": 5 }',
    },
    prints: "function 7 1\n",
    stamps: ["b.ts", "c.ts", "data.json", "main.ts", "plain.js"],
  },
  "ECMAScript syntax in a package of CommonJS": {
    files: {
      "package.json": '{ "type": "commonjs" }',
      "main.ts":
        'import { here, main } from "./a";\nconsole.log(here(__filename), main);\nif (require.main === module) console.log("main");',
      "a.ts":
        'import path from "path";\nexport const here = (file: string): string => path.relative(__dirname, file);\nexport const main = require.main === module;',
    },
    prints: "main.ts false\nmain\n",
    stamps: ["a.ts", "main.ts"],
  },
  "a .js beside a .ts": {
    files: {
      "package.json": MODULE,
      "main.ts": 'import { a } from "./a.js";\nimport { b } from "./b";\nconsole.log(a, b);',
      "a.js": 'export const a = "js";',
      "a.ts": 'export const a = "ts";',
      "b.js": 'export const b = "js";',
      "b.ts": 'export const b = "ts";',
    },
    prints: "js ts\n",
    stamps: ["a.js", "b.ts", "main.ts"],
  },
  "plain JavaScript": {
    files: {
      "package.json": MODULE,
      "main.js":
        'import { a } from "./a.mjs";\nimport b from "./b.cjs";\nimport again from "./a.mjs?again";\nconsole.log(a, b.b, again);',
      "a.mjs": 'export const a = "a";\nexport default import.meta.url.split("?")[1];',
      "b.cjs": 'exports.b = require("./c.cjs") + (require.main === module) + typeof require.cache[__filename];',
      "c.cjs": "module.exports = 'c';",
    },
    prints: "a cfalseobject again\n",
    stamps: ["a.mjs", "a.mjs", "b.cjs", "c.cjs", "main.js"],
  },
};

const mainOf = (project: Project): string => Object.keys(project.files).find((name) => name.startsWith("main.")) ?? "";

test.for(Object.entries(projects))("runs %s", ([, project]) => {
  using made = new HooksProject(project.files);
  for (const outcome of [made.run(mainOf(project)), made.runInWorker(mainOf(project))]) {
    expect(outcome.errors).toBe("");
    expect(outcome.output).toBe(project.prints);
    expect(outcome.stamped.toSorted()).toEqual(project.stamps);
  }
});

test("runs a workspace whose packages are linked, and stamps them by real path", () => {
  using made = new HooksProject({
    "package.json": '{ "workspaces": ["packages/*"], "type": "module" }',
    "packages/app/package.json": '{ "name": "app", "type": "module" }',
    "packages/app/main.ts":
      'import { lib } from "@my/lib";\nimport { deep } from "@my/lib/deep";\nimport installed from "installed";\nconsole.log(lib, deep, installed);',
    "packages/lib/package.json":
      '{ "name": "@my/lib", "type": "module", "exports": { ".": "./src/index.ts", "./deep": "./src/deep.ts" } }',
    "packages/lib/src/index.ts": 'import { enumValue } from "./inner.js";\nexport const lib = `lib${enumValue.A}`;',
    "packages/lib/src/inner.ts": "export enum enumValue { A = 1 }",
    "packages/lib/src/deep.ts": 'export const deep = "deep";',
    "node_modules/installed/package.json": '{ "name": "installed", "main": "./index.js" }',
    "node_modules/installed/index.js": "module.exports = require('./lib') + typeof require('module');",
    "node_modules/installed/lib.js": "module.exports = 'installed ';",
  });
  made.link("packages/lib", "node_modules/@my/lib");
  const outcome = made.run("packages/app/main.ts");
  expect(outcome).toMatchObject({ errors: "", output: "lib1 deep installed function\n" });
  expect(outcome.stamped.toSorted()).toEqual([
    "packages/app/main.ts",
    "packages/lib/src/deep.ts",
    "packages/lib/src/index.ts",
    "packages/lib/src/inner.ts",
  ]);
});
