import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Project, temporaryFolder } from "./project.ts";
import type { Identified, ProbeOptions } from "./project.ts";

const KIT = 'import { step } from "warmstart";\n';

type Steps = Readonly<Record<string, Identified>>;

/** A project that is identified in one process after another, with what is kept between them. */
class Kept {
  readonly project: Project;
  readonly folder: string = temporaryFolder();

  constructor(files: Readonly<Record<string, string>>) {
    this.project = new Project(files);
  }

  async steps(more: ProbeOptions = {}): Promise<Steps> {
    return this.#probe({ stampFile: join(this.folder, "sources"), ...more });
  }

  /** By a process that knows nothing. */
  async truth(more: ProbeOptions = {}): Promise<Steps> {
    return this.#probe(more);
  }

  /** Identifies, changes something, and expects of another process what one that knows nothing says. */
  async sees(change: () => void): Promise<readonly [before: Steps, after: Steps]> {
    const before = await this.steps();
    change();
    const after = await this.steps();
    expect(after).toEqual(await this.truth());
    expect(await this.steps()).toEqual(after);
    return [before, after];
  }

  programFile(): string {
    const folder = join(this.folder, "sources.programs");
    const [name, ...others] = readdirSync(folder);
    if (name === undefined || others.length > 0) throw new Error("one program was expected");
    return join(folder, name);
  }

  async #probe(more: ProbeOptions): Promise<Steps> {
    const { rounds } = await this.project.probe({ mode: "symbols", settled: true, ...more });
    return rounds[0] ?? {};
  }
}

const PROGRAM = {
  "p.ts": `${KIT} import { half } from "./lib/half.ts"; import rates from "./rates.json" with { type: "json" };
    import { registry } from "./registry.ts"; import "./plugin.ts"; import { z } from "kit";
    const made = (k: number) => step("made", () => k);
    step("plain", () => half(process.env["SIZE"] === "1" ? 1 : Date.now()) + rates.length);
    step("registered", () => registry.get("half")); step("packaged", () => z);
    made(Number(process.env["WS_TEST_K"] ?? 1));`,
  "lib/half.ts": 'import { two } from "../two.ts"; export const half = (n: number) => n / two;',
  "two.ts": "export const two = 2;",
  "rates.json": "[1]",
  "registry.ts": "export const registry = new Map<string, unknown>();",
  "plugin.ts": 'import { registry } from "./registry.ts"; registry.set("half", 1);',
  "tsconfig.json": '{ "compilerOptions": { "target": "es2022" } }',
};

function program(): Kept {
  const kept = new Kept(PROGRAM);
  kept.project.package("kit", "1.0.0", "export const z = 1;");
  return kept;
}

test("a later round tells the records of what it finds again, at the places where it is by then", async () => {
  const { project } = program();
  const half = readFileSync(join(project.root, "lib/half.ts"), "utf8");
  const edits = [
    {},
    { "lib/half.ts": `// Moves what follows.\n${half}` },
    { "lib/half.ts": half },
    { "two.ts": "export const two = 3;" },
  ];
  const options = { mode: "symbols", settled: true, records: true } as const;
  const { rounds } = await project.probe({ ...options, rounds: edits });
  expect(rounds).toHaveLength(5);
  for (const [index, found] of rounds.entries()) {
    const fresh = new Project(PROGRAM, project.root);
    for (const edit of edits.slice(0, index)) fresh.write(edit);
    expect(found, `round ${index}`).toEqual((await fresh.probe(options)).rounds[0]);
  }
});

test("another process finds the same identities and records", async () => {
  const kept = program();
  const first = await kept.steps();
  expect(Object.keys(first)).toEqual(["plain", "registered", "packaged", "made"]);
  expect(first).toEqual(await kept.truth());
  expect(await kept.steps()).toEqual(first);
  expect(await kept.steps({ records: true })).toEqual(await kept.truth({ records: true }));
});

test("another process looks at no code of an unchanged program, and writes nothing", async () => {
  const kept = new Kept({
    "p.ts": `${KIT} import { v } from "./v.ts"; step("s", () => v); step("t", () => [v]);`,
    "v.ts": "export const v = 1;",
  });
  const first = await kept.steps({ bare: true });
  // What is needed to look at code is written again by whoever looks at it.
  for (const name of ["sources", "sources.units"]) rmSync(join(kept.folder, name));
  const written = statSync(kept.programFile(), { bigint: true }).mtimeNs;
  expect(await kept.steps({ bare: true })).toEqual(first);
  expect(readdirSync(kept.folder).sort()).toEqual(["sources.files", "sources.programs"]);
  expect(statSync(kept.programFile(), { bigint: true }).mtimeNs).toBe(written);
});

test.each<readonly [string, readonly string[], (project: Project) => void]>([
  ["a helper", ["plain"], (project) => project.write({ "two.ts": "export const two = 3;" })],
  [
    "a helper of the same size and time",
    ["plain"],
    ({ root }) => {
      const { atime, mtime } = statSync(join(root, "two.ts"));
      writeFileSync(join(root, "two.ts"), "export const two = 3;");
      utimesSync(join(root, "two.ts"), atime, mtime);
    },
  ],
  ["data", ["plain"], (project) => project.write({ "rates.json": "[2]" })],
  ["an effect", ["registered"], (project) => project.write({ "plugin.ts": PROGRAM["plugin.ts"].replace("1", "2") })],
  ["a package in its place", ["packaged"], (project) => project.package("kit", "1.0.1", "export const z = 1;")],
  [
    "the compiler's options",
    ["plain", "registered", "packaged", "made"],
    (project) => project.write({ "tsconfig.json": '{ "compilerOptions": { "target": "es2015" } }' }),
  ],
])("another process sees that %s changed", async (_what, changed, change) => {
  const kept = program();
  const [before, after] = await kept.sees(() => change(kept.project));
  expect(Object.keys(after).filter((name) => after[name]?.digest !== before[name]?.digest)).toEqual(changed);
});

const NEARER = {
  "part/node_modules/kit/package.json": '{"name":"kit","version":"2.0.0","type":"module","main":"index.js"}',
  "part/node_modules/kit/index.js": "export const z = 2;",
};

test("another process sees a new package that an import means now", async () => {
  const kept = new Kept({
    "p.ts": `${KIT} import { v } from "./part/v.ts"; step("s", () => v);`,
    "part/v.ts": 'export { z as v } from "kit";',
  });
  kept.project.package("kit", "1.0.0", "export const z = 1;");
  const [before, after] = await kept.sees(() => kept.project.write(NEARER));
  expect(after["s"]?.digest).not.toBe(before["s"]?.digest);
});

test("another process sees a file that became a link to the same text elsewhere", async () => {
  const same = 'import { w } from "../w.ts"; export const v = w;';
  const kept = new Kept({
    "p.ts": `${KIT} import { v } from "./a/v.ts"; step("s", () => v);`,
    "a/v.ts": same,
    "w.ts": "export const w = 1;",
    "far/b/v.ts": same,
    "far/w.ts": "export const w = 2;",
  });
  const { root } = kept.project;
  const [before, after] = await kept.sees(() => {
    rmSync(join(root, "a/v.ts"));
    symlinkSync(join(root, "far/b/v.ts"), join(root, "a/v.ts"));
  });
  expect(after["s"]?.digest).not.toBe(before["s"]?.digest);
});

test("another process sees a folder that was moved and linked, so that imports lead from it elsewhere", async () => {
  const kept = new Kept({
    "p.ts": `import "./src/deep/s.ts";`,
    "src/deep/s.ts": `${KIT} import { w } from "../../w/w.ts"; step("s", () => w);`,
    "w/w.ts": "export const w = 1;",
    "far/w/w.ts": "export const w = 2;",
  });
  const { root } = kept.project;
  const [before, after] = await kept.sees(() => {
    renameSync(join(root, "src"), join(root, "far/src"));
    symlinkSync(join(root, "far/src"), join(root, "src"));
  });
  expect(after["s"]?.digest).not.toBe(before["s"]?.digest);
});

test("what one program looks at anew says nothing of another", async () => {
  const kept = new Kept({
    "p.ts": `${KIT} import { v } from "./part/v.ts"; step("s", () => v);`,
    "part/v.ts": 'export { z as v } from "kit";',
    "q.ts": `${KIT} step("t", () => 1);`,
  });
  kept.project.package("kit", "1.0.0", "export const z = 1;");
  const before = await kept.steps();
  await kept.steps({ entry: "q.ts" });
  kept.project.write(NEARER);
  // What is remembered of the file system is dropped by whoever finds it changed.
  for (const name of ["", ".units"]) rmSync(join(kept.folder, `sources${name}`));
  await kept.steps({ entry: "q.ts" });
  const after = await kept.steps();
  expect(after).toEqual(await kept.truth());
  expect(after["s"]?.digest).not.toBe(before["s"]?.digest);
});

test("a value that a function captured is asked for in each process", async () => {
  const kept = program();
  const before = await kept.steps();
  vi.stubEnv("WS_TEST_K", "2");
  const other = await kept.steps();
  expect(other).toEqual(await kept.truth());
  expect(other["made"]?.digest).not.toBe(before["made"]?.digest);
  expect(other["plain"]?.digest).toBe(before["plain"]?.digest);
  vi.unstubAllEnvs();
  expect(await kept.steps()).toEqual(before);
});

test.each(["Object.assign(fn, { size })", "Object.setPrototypeOf(fn, Object.assign(() => 1, { size }))"])(
  "what a program hung on a step's own function is asked for in each process: %s",
  async (hang) => {
    const kept = new Kept({
      "p.ts": `${KIT} const fn: { (): unknown; size?: string } = () => fn.size;
        function hang(fn: object, size: string | undefined) { if (size !== undefined) ${hang}; }
        hang(fn, process.env["WS_TEST_K"]); step("s", fn);`,
    });
    const before = await kept.steps();
    vi.stubEnv("WS_TEST_K", "2");
    const other = await kept.steps();
    expect(other).toEqual(await kept.truth());
    expect([other["s"]?.digest, other["s"]?.unseen]).not.toEqual([before["s"]?.digest, before["s"]?.unseen]);
    vi.unstubAllEnvs();
    expect(await kept.steps()).toEqual(before);
  },
);

describe("a module that Node loads before the program", () => {
  const SETUP = "globalThis.size = 1;";
  const setUp = (): Kept =>
    new Kept({
      "p.ts": `${KIT} step("s", () => (globalThis as { size?: unknown }).size);`,
      "setup.mjs": SETUP,
    });

  test.each([["--import", "./setup.mjs"], ["--import=./setup.mjs"]])("belongs to it: %s %s", async (...nodeArgs) => {
    const kept = setUp();
    const without = await kept.steps();
    const before = await kept.steps({ nodeArgs });
    kept.project.write({ "setup.mjs": SETUP.replace("1", "2") });
    const after = await kept.steps({ nodeArgs });
    expect(after).toEqual(await kept.truth({ nodeArgs }));
    const digests = [without, before, after].map(({ s }) => s?.digest);
    expect(new Set(digests).size).toBe(3);
    kept.project.write({ "setup.mjs": `// Sets up.\n${SETUP.replace("1", "2")}` });
    expect((await kept.steps({ nodeArgs }))["s"]?.digest).toBe(after["s"]?.digest);
    expect(await kept.steps()).toEqual(without);
  });

  test("belongs to it where the environment names it, and where files count", async () => {
    const kept = setUp();
    const without = await kept.truth({ mode: "files" });
    vi.stubEnv("NODE_OPTIONS", '--import "./setup.mjs"');
    const before = await kept.truth({ mode: "files" });
    kept.project.write({ "setup.mjs": SETUP.replace("1", "2") });
    const after = await kept.truth({ mode: "files" });
    vi.unstubAllEnvs();
    expect(new Set([without, before, after].map(({ s }) => s?.digest)).size).toBe(3);
  });
});

test("an undone edit finds what was there before, and an edited step is not taken for the one in its place", async () => {
  const kept = new Kept({ "p.ts": `${KIT}step("s", () => 1);\n` });
  const before = await kept.steps();
  kept.project.write({ "p.ts": `${KIT}step("s", () => 2);\n` });
  const after = await kept.steps();
  expect(after["s"]?.digest).not.toBe(before["s"]?.digest);
  kept.project.write({ "p.ts": `${KIT}step("s", () => 1);\n` });
  expect(await kept.steps()).toEqual(before);
});

test("what was kept and is damaged is found out again", async () => {
  const kept = program();
  const first = await kept.steps();
  const file = kept.programFile();
  const text = readFileSync(file, "utf8");
  const digest = first["plain"]?.digest ?? "";
  for (const damaged of [
    text.replaceAll(
      digest,
      digest.replace(/^./, (c) => (c === "0" ? "1" : "0")),
    ),
    text.slice(0, -9),
    "x",
    "",
  ]) {
    writeFileSync(file, damaged);
    expect(await kept.steps()).toEqual(first);
  }
});

test("a step whose package has no version is looked at each time", async () => {
  const kept = new Kept({ "p.ts": `${KIT} import { z } from "kit"; step("s", () => z);` });
  kept.project.package("kit", undefined, "export const z = 1;");
  const [before, after] = await kept.sees(() => {
    writeFileSync(join(kept.project.root, "node_modules/kit/index.js"), "export const z = 2;");
  });
  expect(after["s"]?.digest).not.toBe(before["s"]?.digest);
});

test("programs that nobody asked for since long are dropped", async () => {
  const kept = new Kept({ "p.ts": `${KIT}step("s", () => 1);\n` });
  const folder = join(kept.folder, "sources.programs");
  mkdirSync(folder);
  for (let index = 0; index < 70; index++) {
    writeFileSync(join(folder, `old-${index}`), "");
    utimesSync(join(folder, `old-${index}`), 1000 + index, 1000 + index);
  }
  const first = await kept.steps();
  const left = readdirSync(folder);
  expect([left.length, left.includes("old-6"), left.includes("old-7")]).toEqual([64, false, true]);
  expect(await kept.steps()).toEqual(first);
});
