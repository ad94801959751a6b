import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DrivenRun, TestProject } from "../rig/project.ts";
import { importHelper, lazily, plain, twoSteps, useHelper } from "./bad-code.ts";
import type { TwoSteps } from "./bad-code.ts";

const BROKEN = "export const help = (n: number) => n *;";

/** All that a run says for people about why a result is not offered. */
function said({ events }: DrivenRun): string {
  return JSON.stringify(events.filter(({ kind }) => kind === "step-computed" || kind === "notice"));
}

/** Both steps are reused in a second run, and `other` gives `value`. */
async function expectReused(project: TestProject, value: unknown): Promise<void> {
  const first = await project.drive();
  expect({ error: first.error, value: first.outputs["b"]?.value }).toEqual({ error: undefined, value });
  expect([...(await project.drive()).reused].sort()).toEqual(["good", "other"]);
}

describe("a module that cannot be parsed", () => {
  test("and that nothing reaches costs nobody anything", async () => {
    const head = `export async function never() { return import("./helper.ts"); }`;
    using project = twoSteps({ head, files: { "helper.ts": BROKEN } });
    await expectReused(project, 4);
  });

  test("is no obstacle for a step identified by files that does not reach it", async () => {
    const head = `import { never } from "./never.ts"; export { never };`;
    const files = {
      "helper.ts": BROKEN,
      "never.ts": `export async function never() { return import("./helper.ts"); }`,
      "small.ts": `import { step } from "warmstart";
        export const small = step("small", { code: "files" }, ({ n }: { n: number }) => n * 3);`,
    };
    using project = twoSteps({ head, files });
    project.write({
      "pipeline.ts": `import { pipeline } from "warmstart"; import { small } from "./small.ts"; export * from "./never.ts";
        export default pipeline("p", {}, () => ({ b: small({ n: 2 }) }));`,
    });
    expect((await project.drive()).outputs["b"]?.value).toBe(6);
    expect((await project.drive()).reused).toEqual(["small"]);
  });

  test("is told to the step that imports it while it runs, and to no other", async () => {
    const other = lazily(`import("./helper.ts").then(({ help }) => help(n))`);
    using project = twoSteps({ other, files: { "helper.ts": BROKEN } });
    const first = await project.drive();
    expect(said(first)).toMatch(/helper\.ts:1:39 cannot be parsed/);
    const second = await project.drive();
    expect([second.reused, second.computed]).toEqual([["good"], ["other"]]);
    project.write({ "helper.ts": "export const help = (n: number) => n * 5;" });
    const mended = await project.drive();
    expect([mended.outputs["b"]?.value, mended.reused]).toEqual([10, ["good"]]);
  });

  test("ends a program that imports it with the place", async () => {
    using project = twoSteps({ head: importHelper, other: useHelper, files: { "helper.ts": BROKEN } });
    const { exitCode, stdout, stderr } = await project.cli(["run", "pipeline.ts"]);
    expect([exitCode, stdout + stderr]).toEqual([2, expect.stringMatching(/helper\.ts:1/)]);
  });
});

describe("a source that Node reads and we cannot", () => {
  test("is told to the step that reaches it, and to no other", async () => {
    const files = { "deep.ts": `export const deep = ${"[".repeat(1500)}${"]".repeat(1500)};` };
    using project = twoSteps({ other: lazily(`import("./deep.ts").then(({ deep }) => deep.length)`), files });
    const first = await project.drive();
    expect([first.outputs["b"]?.value, said(first)]).toEqual([1, expect.stringMatching(/deep\.ts cannot be read/)]);
    expect((await project.drive()).reused).toEqual(["good"]);
  });

  test("what it changes while it is loaded reaches the others", async () => {
    const files = {
      "deep.js": `import "./mode.js"; export const deep = ${"[".repeat(1500)}${"]".repeat(1500)};`,
      "mode.js": "globalThis.mode = 1;",
    };
    using project = twoSteps({ head: `import "./deep.js";`, other: `() => (globalThis as any).mode`, files });
    expect((await project.drive()).outputs["b"]?.value).toBe(1);
    project.write({ "mode.js": "globalThis.mode = 2;" });
    expect((await project.drive()).outputs["b"]?.value).toBe(2);
  });

  test.skipIf(process.getuid?.() === 0)("a file without the right to read it (root may read everything)", async () => {
    const other = lazily(`import("./helper.ts").then(({ help }) => help(n))`);
    using project = twoSteps({ other, files: { "helper.ts": "export const help = (n: number) => n;" } });
    chmodSync(project.path("helper.ts"), 0);
    expect(said(await project.drive())).toMatch(/helper\.ts cannot be read/);
    expect((await project.drive()).reused).toEqual(["good"]);
  });

  test("a module that is a link to itself", async () => {
    using project = twoSteps({ other: lazily(`import("./loop.ts")`) });
    symlinkSync("loop.ts", project.path("loop.ts"));
    const first = await project.drive();
    expect([first.outputs["b"]?.value, said(first)]).toEqual(["ELOOP", expect.stringMatching(/import \.\/loop\.ts/)]);
    expect((await project.drive()).reused).toEqual(["good"]);
  });
});

describe("a source that goes away", () => {
  const text = "export const help = (n: number) => n;";

  test("while its step runs: used for this run, and not offered", async () => {
    const head = `${importHelper} import { rmSync } from "node:fs";`;
    const other = `({ n }: { n: number }) => { rmSync("helper.ts"); return help(n); }`;
    using project = twoSteps({ head, other, inTurn: true, files: { "helper.ts": text } });
    const first = await project.drive();
    expect([first.outputs["b"]?.value, said(first)]).toEqual([
      2,
      expect.stringMatching(/its code changed while it ran/),
    ]);
    project.write({ "helper.ts": text });
    const second = await project.drive();
    expect([second.reused, second.computed]).toEqual([["good"], ["other"]]);
  });

  test("while the program is loaded: nothing of it is offered, and all of it runs", async () => {
    const files = {
      "helper.ts": text,
      "remove.ts": `import { rmSync } from "node:fs"; rmSync(new URL("./helper.ts", import.meta.url), { force: true });`,
    };
    using project = twoSteps({ head: `${importHelper} import "./remove.ts";`, other: useHelper, files });
    const first = await project.drive();
    expect([first.outputs["b"]?.value, said(first)]).toEqual([
      2,
      expect.stringMatching(/unresolved import \.\/helper\.ts/),
    ]);
    project.write({ "helper.ts": text.replace("=> n", "=> n * 3") });
    expect((await project.drive()).outputs["b"]?.value).toBe(6);
  });
});

describe("what is no regular file", () => {
  test("a folder with the name of a module is flagged for the step that imports it", async () => {
    using project = twoSteps({ other: lazily(`import("./helper.ts")`) });
    mkdirSync(project.path("helper.ts"));
    expect(said(await project.drive())).toMatch(/unresolved import \.\/helper\.ts/);
    expect((await project.drive()).reused).toEqual(["good"]);
  });

  test("a pipe with the name of a module keeps nobody waiting", async () => {
    using project = twoSteps({ head: `export const never = () => import("./helper.ts");` });
    execFileSync("mkfifo", [project.path("helper.ts")]);
    await expectReused(project, 4);
  });

  test("a WebAssembly module counts by its bytes", async () => {
    using project = twoSteps({});
    const other = `async () => Object.keys(await import("./x.wasm"))`;
    project.write({
      "pipeline.ts": `import { pipeline, step } from "warmstart"; const other = step("other", ${other});
        export default pipeline("p", {}, () => ({ b: other({}) }));`,
    });
    for (const name of ["a", "b"]) {
      writeFileSync(project.path("x.wasm"), wasmModule(name));
      expect((await project.drive()).outputs["b"]?.value).toEqual([name]);
      expect((await project.drive()).reused).toEqual(["other"]);
    }
  });
});

/** Exports one global of this name. */
function wasmModule(name: string): Buffer {
  const global = [6, 6, 1, 0x7f, 0, 0x41, 5, 0x0b];
  return Buffer.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...global,
    7,
    4 + name.length,
    1,
    name.length,
    ...Buffer.from(name),
    3,
    0,
  ]);
}

const fine: readonly (readonly [name: string, code: TwoSteps, value: unknown])[] = [
  [
    "a module that imports itself",
    {
      head: 'import * as self from "./pipeline.ts"; export const K = 3;',
      other: "({ n }: { n: number }) => n * self.K",
    },
    6,
  ],
  [
    "modules that import each other",
    {
      head: 'import { a } from "./a.ts";',
      other: "({ n }: { n: number }) => a(n)",
      files: {
        "a.ts": 'import { b } from "./b.ts"; export const a = (n: number): number => (n <= 0 ? 0 : b(n - 1));',
        "b.ts": 'import { a } from "./a.ts"; export const b = (n: number): number => a(n - 1) + 1;',
      },
    },
    1,
  ],
  [
    "names that are re-exported in a circle and declared nowhere",
    {
      other: lazily(`import("./a.ts")`),
      files: { "a.ts": 'export { x } from "./b.ts";', "b.ts": 'export { x } from "./a.ts";' },
    },
    "SyntaxError",
  ],
  [
    "stars in a circle, one of a module with itself",
    {
      head: 'import { x, y } from "./a.ts";',
      other: "({ n }: { n: number }) => x + y + n",
      files: {
        "a.ts": 'export * from "./b.ts"; export * from "./a.ts"; export const x = 1;',
        "b.ts": 'export * from "./a.ts"; export const y = 2;',
      },
    },
    5,
  ],
  [
    "an empty module",
    {
      head: 'import "./empty.ts"; import * as empty from "./empty.ts";',
      other: "() => Object.keys(empty).length",
      files: { "empty.ts": "" },
    },
    0,
  ],
  [
    "a picture that is imported as with a bundler",
    { other: lazily(`import("./x.png" as string)`), files: { "x.png": "\x89PNG" } },
    "ERR_UNKNOWN_FILE_EXTENSION",
  ],
  [
    "a chain of 3,000 operators",
    {
      head: 'import { sum } from "./sum.ts";',
      other: "() => sum",
      files: { "sum.ts": `export const sum = ${Array.from({ length: 3000 }, () => "1").join(" + ")};` },
    },
    3000,
  ],
  ["an unrelated file that nothing imports", { other: plain, files: { "helper.ts": BROKEN } }, 4],
];

describe("odd programs are identified like any other", () => {
  test.each(fine)("%s", async (_name, code, value) => {
    using project = twoSteps(code);
    await expectReused(project, value);
  });
});

describe("odd texts are read, and their edits seen", () => {
  const text = (value: number): string => `export const help = (n: number) => n * ${value};`;
  const forms: readonly (readonly [string, (value: number) => string | Buffer])[] = [
    ["a byte order mark and CRLF", (value) => `\uFEFF// one\r\n${text(value)}\r\n`],
    ["a hashbang", (value) => `#!/usr/bin/env node\n${text(value)}`],
    ["a NUL in a string", (value) => `export const zero = "a\0b"; ${text(value)}`],
    [
      "bytes that are no UTF-8",
      (value) =>
        Buffer.concat([Buffer.from('export const odd = "'), Buffer.from([0xff]), Buffer.from(`"; ${text(value)}`)]),
    ],
  ];
  test.each(forms)("%s", async (_name, form) => {
    using project = twoSteps({ head: importHelper, other: useHelper });
    writeFileSync(project.path("helper.ts"), form(2));
    await expectReused(project, 4);
    writeFileSync(project.path("helper.ts"), form(3));
    const edited = await project.drive();
    expect([edited.outputs["b"]?.value, edited.reused]).toEqual([6, ["good"]]);
  });

  test("through a folder that is a link to one above it", async () => {
    const head = 'import { help } from "./a/b/helper.ts"; import { help as same } from "./a/up/b/helper.ts";';
    using project = twoSteps({
      head,
      other: "({ n }: { n: number }) => help(n) + same(n)",
      files: { "a/b/helper.ts": text(2) },
    });
    symlinkSync("../a", project.path("a/up"));
    await expectReused(project, 8);
    project.write({ "a/b/helper.ts": text(3) });
    expect((await project.drive()).outputs["b"]?.value).toBe(12);
  });
});

describe("a large generated module", () => {
  const rows = (last: number): string =>
    `export const rows = [\n${Array.from({ length: 200_000 }, (_, id) => `{ id: ${id}, name: "row ${id}" },`).join("\n")}\n${last}];\n`;

  test("of 5 MB is identified, and an edit of it seen", { timeout: 120_000 }, async () => {
    using project = twoSteps({
      head: 'import { rows } from "./rows.ts";',
      other: "() => String(rows.at(-1))",
      files: { "rows.ts": rows(1) },
    });
    expect(readFileSync(project.path("rows.ts")).length).toBeGreaterThan(5_000_000);
    await expectReused(project, "1");
    project.write({ "rows.ts": rows(2) });
    const edited = await project.drive();
    expect([edited.outputs["b"]?.value, edited.reused]).toEqual(["2", ["good"]]);
  });
});
