import { expect, test } from "vitest";
import { HooksProject } from "./hooks-project.ts";

const wasm = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 115, 105, 120, 0, 0, 10, 6, 1, 4, 0, 65,
  6, 11,
]);

const files = {
  "package.json": '{ "name": "p", "type": "module", "imports": { "#inner": "./inner.js" } }',
  "inner.js": 'export const inner = "inner";',
  "data.json": '{ "x": 5 }',
  "six.wasm": wasm,
  "old.cjs":
    "const again = require('./old.cjs') === module.exports;\nexports.facts = [again, require.main === module, module.id === __filename, module.paths.length > 0, typeof require.cache[__filename], require.resolve('./data.json') === require('path').join(__dirname, 'data.json'), require('./data.json').x, require('dual')].join();\nexports.named = 'named';",
  "main.js": `
import data from "./data.json" with { type: "json" };
import { DatabaseSync } from "node:sqlite";
import { readFileSync } from "fs";
import { six } from "./six.wasm";
import old, { named } from "./old.cjs";
import dual from "dual";
import { inner } from "#inner";
import { createRequire } from "node:module";
import { text } from "data:text/javascript,export const text = 'data'";
const require = createRequire(import.meta.url);
console.log(data.x, new DatabaseSync(":memory:").prepare("select 1 as n").get().n, typeof readFileSync, six());
console.log(old.facts, named, dual, inner, text, require("dual"), (await import("dual/sub.js")).default, require("./inner.js").inner);
console.log(import.meta.resolve("./inner.js") === new URL("./inner.js", import.meta.url).href, import.meta.filename.endsWith("main.js"));
for (const missing of ["./missing.js", "missing", "dual/hidden", "./folder"]) await import(missing).catch((error) => console.log(error.code));
try { require("./missing"); } catch (error) { console.log(error.code); }
await import("./broken.js").catch((error) => console.log(error.name));
`,
  "broken.js": "export const = 1;",
  "node_modules/dual/package.json":
    '{ "name": "dual", "exports": { ".": { "import": "./dual.mjs", "require": "./dual.cjs" }, "./sub.js": "./sub.js" } }',
  "node_modules/dual/dual.mjs": 'import fs from "node:fs";\nexport default fs === undefined ? "" : "esm";',
  "node_modules/dual/dual.cjs": 'module.exports = require("./sub.js") + require("./json.json").y;',
  "node_modules/dual/sub.js": 'module.exports = "sub";',
  "node_modules/dual/json.json": '{ "y": 1 }',
};

test("leaves to Node what Node does: packages, CommonJS, JSON, WebAssembly, built-ins, errors", () => {
  using made = new HooksProject(files);
  const bare = made.runBare("main.js");
  expect(bare.output.split("\n").slice(0, 3)).toEqual([
    "5 1 function 6",
    "true,false,true,true,object,true,5,sub1 named esm inner data sub1 sub inner",
    "true true",
  ]);
  for (const outcome of [made.run("main.js"), made.runInWorker("main.js")]) {
    expect(outcome.errors).toBe("");
    expect(outcome.output).toBe(bare.output);
    expect([...new Set(outcome.stamped)].toSorted()).toEqual([
      "broken.js",
      "data.json",
      "inner.js",
      "main.js",
      "old.cjs",
      "six.wasm",
    ]);
  }
});

test("evaluates the very bytes that it stamps, byte order mark, line ends and all", () => {
  using made = new HooksProject({
    "package.json": '{ "type": "module" }',
    "main.ts":
      '\uFEFF#!/usr/bin/env node\r\nimport { a } from "./a.js";\r\nconsole.log(a as string, import.meta.main);\r\n',
    "a.js": '\uFEFFexport const a = "ü😀";',
  });
  const outcome = made.run("main.ts");
  expect(outcome).toMatchObject({ errors: "", output: "ü😀 true\n", stamped: ["main.ts", "a.js"] });
});

test("installs its hooks once, however many copies of the package there are", () => {
  using made = new HooksProject({
    "package.json": '{ "type": "module" }',
    "main.ts": `await import(${JSON.stringify(`${new URL("../../src/observation/register.ts", import.meta.url).href}?copy`)});\nconst { n } = await import("./n.ts");\nconsole.log(n);`,
    "n.ts": "export const n: number = 1;",
  });
  expect(made.run("main.ts")).toMatchObject({ errors: "", output: "1\n", stamped: ["main.ts", "n.ts"] });
});
