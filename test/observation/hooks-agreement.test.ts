import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createModuleResolver } from "../../src/code-identity/module-resolver.ts";
import type { ResolveKind } from "../../src/code-identity/module-resolver.ts";
import { HooksProject } from "./hooks-project.ts";

const files: Readonly<Record<string, string>> = {
  "package.json":
    '{ "name": "self", "type": "module", "imports": { "#in": "./src/in.ts" }, "exports": { "./me": "./src/in.ts" } }',
  "src/in.ts": "",
  "src/a.ts": "",
  "src/a.js": "",
  "src/b.tsx": "",
  "src/c.mts": "",
  "src/d.cts": "",
  "src/e.jsx": "",
  "src/f/index.ts": "",
  "src/g/package.json": '{ "main": "./lib/g.js" }',
  "src/g/lib/g.ts": "",
  "src/h.json": "{}",
  "src/i.test.ts": "",
  "src/j j.ts": "",
  "src/k.d.ts": "",
  "src/l/l.ts": "",
  "src/m.ts": "",
  "src/m/index.ts": "",
  "node_modules/pkg/package.json":
    '{ "name": "pkg", "exports": { ".": { "require": "./r.cjs", "import": "./i.mjs" }, "./t": { "module-sync": "./i.mjs", "default": "./r.cjs" }, "./*.js": "./*.cjs" } }',
  "node_modules/pkg/r.cjs": "",
  "node_modules/pkg/i.mjs": "",
  "node_modules/old/package.json": '{ "name": "old", "main": "lib", "module": "./m.js" }',
  "node_modules/old/lib/index.js": "",
  "node_modules/old/m.js": "",
  "node_modules/old/sub.js": "",
  "node_modules/a/index.js": "",
  "node_modules/typed/package.json": '{ "name": "typed", "types": "./index.d.ts", "main": "./index.js" }',
  "node_modules/typed/index.js": "",
  "node_modules/typed/index.d.ts": "",
};

const paths = [
  "./a",
  "./a.js",
  "./a.ts",
  "./b",
  "./b.js",
  "./b.jsx",
  "./c",
  "./c.mjs",
  "./d",
  "./d.cjs",
  "./e",
  "./e.jsx",
  "./f",
  "./f/",
  "./f/index",
  "./f/index.js",
  "./g",
  "./h",
  "./h.json",
  "./i.test",
  "./i.test.js",
  "./k",
  "./l",
  "./m",
  "./m/",
  "../src/a",
  ".",
  "./missing",
  "./j j",
  "./a.mjs",
];
const bare = [
  "pkg",
  "pkg/t",
  "pkg/r.js",
  "pkg/hidden",
  "old",
  "old/sub.js",
  "old/sub",
  "old/m.js",
  "typed",
  "#in",
  "#out",
  "self/me",
  "self/you",
  "fs",
  "node:path",
  "missing",
  "@none/such",
];
const urls = ["./a?x=1", "./a.js?x=1#y", "./j%20j", "./j%20j.ts"];
const mapped = ["@/a", "@/f", "@/b.js", "a", "short", "@/missing"];

const plain = '{ "compilerOptions": { "module": "nodenext" } }';
const withPaths =
  '{ "compilerOptions": { "paths": { "@/*": ["./src/*"], "a": ["./src/a.ts"], "short": ["./src/f"] } } }';

/** Prints where each specifier leads, seen from `src/main.ts`. */
function printer(specifiers: readonly string[], kind: ResolveKind): string {
  const ask = kind === "import" ? "import.meta.resolve(one)" : "require.resolve(one)";
  return `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const found = ${JSON.stringify(specifiers)}.map((one) => { try { return ${ask}; } catch { return "none"; } });
console.log(JSON.stringify(found), typeof require);`;
}

function answersOfHooks(made: HooksProject): readonly string[] {
  const outcome = made.run("src/main.ts");
  expect(outcome.errors).toBe("");
  const found = JSON.parse(outcome.output.slice(0, outcome.output.lastIndexOf(" "))) as string[];
  return found.map((one) => (one.startsWith("file:") ? fileOrNone(fileURLToPath(one.replace(/[?#].*$/s, ""))) : one));
}

/** `import.meta.resolve` also names files that are not there. */
function fileOrNone(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : "none";
}

function answersOfResolver(made: HooksProject, specifiers: readonly string[], kind: ResolveKind): readonly string[] {
  const resolver = createModuleResolver({ projectRoot: made.folder });
  return specifiers.map((one) => {
    const found = resolver.resolve(one, join(made.folder, "src/main.ts"), kind);
    return found.kind === "file" ? found.path : found.kind === "builtin" ? found.name : "none";
  });
}

test.for<[string, string, ResolveKind, readonly string[]]>([
  ["imports without paths", plain, "import", [...paths, ...bare, ...urls]],
  ["imports with paths", withPaths, "import", [...paths, ...bare, ...urls, ...mapped]],
  ["require without paths", plain, "require", [...paths, ...bare]],
  ["require with paths", withPaths, "require", [...paths, ...bare, ...mapped]],
])("loads the file that code identity names: %s", ([, tsconfig, kind, specifiers]) => {
  using made = new HooksProject({ ...files, "tsconfig.json": tsconfig, "src/main.ts": printer(specifiers, kind) });
  const named = answersOfResolver(made, specifiers, kind);
  const loaded = answersOfHooks(made).map((one) => (one === "fs" ? "node:fs" : one));
  const table = (answers: readonly string[]): unknown =>
    Object.fromEntries(specifiers.map((one, index) => [one, answers[index]?.replace(made.folder, "")]));
  expect(table(loaded)).toEqual(table(named));
});
