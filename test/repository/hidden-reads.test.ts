import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DrivenRun } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

/** A read that hides: what a step does in its folder `here`, what is changed there, and what it returns then. */
interface Hidden {
  readonly body: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly before?: (folder: string) => void;
  readonly between?: (folder: string) => void;
  readonly second: unknown;
  /** The change is none that the step could see. */
  readonly reused?: true;
}

const shell =
  (script: string) =>
  (folder: string): void =>
    void execFileSync("sh", ["-c", script], { cwd: folder });

const garbled =
  (text: string) =>
  (folder: string): void =>
    fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]), text);

const hidden: Readonly<Record<string, Hidden>> = {
  "a variable file that is loaded natively": {
    files: { "v.env": "FROM_FILE=1" },
    body: `process.loadEnvFile(here + "/v.env"); return process.env.FROM_FILE;`,
    between: shell("echo FROM_FILE=2 > v.env"),
    second: "2",
  },
  "opened for reading with flags as numbers": {
    files: { a: "1" },
    body: `const fd = fs.openSync(here + "/a", fs.constants.O_RDONLY | fs.constants.O_APPEND); return fs.readFileSync(fd, "utf8");`,
    between: shell("printf 2 > a"),
    second: "2",
  },
  "opened for reading and appending with flags as numbers": {
    files: { a: "1" },
    body: `const fd = fs.openSync(here + "/a", fs.constants.O_RDWR | fs.constants.O_APPEND); return fs.readFileSync(fd, "utf8");`,
    between: shell("printf 2 > a"),
    second: "2",
  },
  "read by readv": {
    files: { a: "1" },
    body: `const bytes = [Buffer.alloc(1)]; fs.readvSync(fs.openSync(here + "/a"), bytes); return String(bytes[0]);`,
    between: shell("printf 2 > a"),
    second: "2",
  },
  "behind a link that the step made in a folder of its own": {
    files: { "d/a": "1" },
    body: `const own = fs.mkdtempSync("/tmp/ws-hidden-"); fs.symlinkSync(here + "/d", own + "/l");
      const text = fs.readFileSync(own + "/l/a", "utf8"); fs.rmSync(own, { recursive: true }); return text;`,
    between: shell("printf 2 > d/a"),
    second: "2",
  },
  "behind a link in its temporary folder": {
    files: { a: "1" },
    body: `fs.symlinkSync(here + "/a", ctx.tempDirectory + "/l"); return fs.readFileSync(ctx.tempDirectory + "/l", "utf8");`,
    between: shell("printf 2 > a"),
    second: "2",
  },
  "one up from where a link leads": {
    files: { "far/sub/x": "", "far/a": "1" },
    before: shell("ln -s far/sub l"),
    body: `return fs.readFileSync(here + "/l/../a", "utf8");`,
    between: shell("printf 2 > far/a"),
    second: "2",
  },
  "under a name that is no text": {
    before: garbled("1"),
    body: `return fs.readFileSync(Buffer.concat([Buffer.from(here + "/"), Buffer.from([0xff])]), "utf8");`,
    between: garbled("2"),
    second: "2",
  },
  "in shared memory": {
    before: shell("printf 1 > /dev/shm/ws-hidden-reads"),
    body: `return fs.readFileSync("/dev/shm/ws-hidden-reads", "utf8");`,
    between: shell("printf 2 > /dev/shm/ws-hidden-reads"),
    second: "2",
  },
  "whether something is a link": {
    files: { a: "1" },
    body: `return fs.lstatSync(here + "/a").isSymbolicLink();`,
    between: shell("mv a b && ln -s b a"),
    second: true,
  },
  "listed through a link": {
    files: { "d/x": "", "far/a": "" },
    before: shell("ln -s ../far d/l"),
    body: `return fs.readdirSync(here + "/d", { recursive: true }).length;`,
    between: shell("touch far/b"),
    second: 4,
  },
  "a copy into a folder that was there": {
    files: { "d/a": "", "out/x": "" },
    body: `fs.cpSync(here + "/d", here + "/out", { recursive: true }); return fs.readdirSync(here + "/out").length;`,
    between: shell("touch out/y"),
    second: 3,
  },
  "that a package is missing": {
    body: `const name = "hidden-" + "package"; return import(name).then(() => "there", () => "missing");`,
    between: shell(
      `mkdir -p ../node_modules/hidden-package && cd ../node_modules/hidden-package && echo '{"version":"1.0.0","main":"i.js"}' > package.json && touch i.js`,
    ),
    second: "there",
  },
  "that a module is missing": {
    body: `return import(here + "/plug" + "in.ts").then(() => "there", () => "missing");`,
    between: shell("touch plugin.ts"),
    second: "there",
  },
  "that a folder cannot be made": {
    files: { "d/x": "" },
    body: `try { fs.mkdirSync(here + "/d"); return "made"; } catch { return "was there"; }`,
    between: shell("rm -r d"),
    second: "made",
  },
  "that a folder cannot be removed": {
    files: { "d/x": "" },
    body: `try { fs.rmdirSync(here + "/d"); return "removed"; } catch { return "full"; }`,
    between: shell("rm d/x"),
    second: "removed",
  },
  "a folder that could not be removed": {
    files: { "d/x": "" },
    body: `try { fs.rmdirSync(here + "/d"); } catch {} return fs.readdirSync(here + "/d").length;`,
    between: shell("touch d/y"),
    second: 2,
  },
  "bytes that are no text": {
    files: { a: "1" },
    before: shell(String.raw`printf '\377' > a`),
    body: `return fs.readFileSync(here + "/a", "latin1") + fs.readFileSync(here + "/a", "utf8");`,
    between: shell(String.raw`printf '\376' > a`),
    second: "\u00fe\ufffd",
  },
  "asked about, then read": {
    files: { a: "1" },
    body: `return fs.statSync(here + "/a").size + fs.readFileSync(here + "/a", "utf8");`,
    between: shell("printf 2 > a"),
    second: "12",
  },
  "a pipe that becomes a file": {
    before: shell("mkfifo p"),
    body: `return fs.statSync(here + "/p").isFIFO();`,
    between: shell("rm p && touch p"),
    second: false,
  },
  "most variables, without one": {
    body: `const { HIDDEN, ...others } = process.env; return others.HIDDEN_TWO;`,
    second: "two",
  },
  "all variables as they are shown": {
    body: `return /HIDDEN: '(\\w+)'/.exec(util.inspect(process.env))?.[1];`,
    second: "two",
  },
  "of a file replaced by another of the same size and time": {
    files: { a: "1" },
    body: `return fs.readFileSync(here + "/a", "utf8");`,
    between: shell("printf 2 > b && touch -r a b && mv b a"),
    second: "2",
  },

  "whether it is there, whatever it holds": {
    files: { a: "1" },
    body: `return fs.existsSync(here + "/a");`,
    between: shell("printf 2 > a"),
    second: true,
    reused: true,
  },
  "the size of ten gigabytes": {
    before: shell("truncate -s 10G a"),
    body: `return fs.statSync(here + "/a").size / 2 ** 30;`,
    second: 10,
    reused: true,
  },
  "a pipe that is only asked about": {
    before: shell("mkfifo p"),
    body: `return fs.statSync(here + "/p").isFIFO();`,
    second: true,
    reused: true,
  },
  "a path that cannot be one": {
    body: String.raw`return fs.existsSync(here + "/a\0b");`,
    second: false,
    reused: true,
  },
  "a folder that is emptied and filled": {
    body: `fs.rmSync(here + "/o", { recursive: true, force: true }); fs.mkdirSync(here + "/o"); fs.writeFileSync(here + "/o/x", ""); return fs.readdirSync(here + "/o").length;`,
    second: 1,
    reused: true,
  },
  "that its own removed file is gone": {
    body: `fs.rmSync(here + "/o", { force: true }); const there = fs.existsSync(here + "/o"); fs.writeFileSync(here + "/o", ""); return there;`,
    second: false,
    reused: true,
  },
  "its own file with another mode": {
    body: `fs.writeFileSync(here + "/o", "x"); fs.chmodSync(here + "/o", 0o755); return fs.readFileSync(here + "/o", "utf8");`,
    second: "x",
    reused: true,
  },
  "its own temporary folder under another name": {
    body: `const own = fs.mkdtempSync(here + "/t-"); fs.writeFileSync(own + "/x", "1"); fs.renameSync(own, here + "/o");
      const names = fs.readdirSync(here + "/o"); fs.rmSync(here + "/o", { recursive: true }); return names.length;`,
    second: 1,
    reused: true,
  },
  "the data of a package within another": {
    files: {
      "node_modules/outer/package.json": `{ "name": "outer", "version": "1.0.0", "main": "i.cjs" }`,
      "node_modules/outer/i.cjs": `module.exports = require("inner");`,
      "node_modules/outer/node_modules/inner/package.json": `{ "name": "inner", "version": "1.0.0", "main": "i.cjs" }`,
      "node_modules/outer/node_modules/inner/i.cjs": `module.exports = require("fs").readFileSync(__dirname + "/t.txt", "utf8");`,
      "node_modules/outer/node_modules/inner/t.txt": "t",
    },
    body: `return createRequire(here + "/x.js")("out" + "er");`,
    second: "t",
    reused: true,
  },

  "structuredClone of all variables": { body: `return typeof structuredClone(process.env);`, second: "object" },
  "structuredClone of what holds them": {
    body: `return structuredClone({ a: [process.env] }).a[0].HIDDEN;`,
    second: "two",
  },
  "v8.serialize of all variables": { body: `return v8.deserialize(v8.serialize(process.env)).HIDDEN;`, second: "two" },
};

const names = Object.keys(hidden);
const stepName = (name: string): string => `s${names.indexOf(name)}`;
let project: TestProject;
let first: DrivenRun;
let second: DrivenRun;

function pipelineOf(): string {
  // Their module has computed imports, which is a matter of the code.
  const steps = Object.entries(hidden).map(
    ([name, { body }]) =>
      `const ${stepName(name)} = step("${stepName(name)}", { trust: ["code"] }, async (_: {}, ctx) => { const here = path.resolve("${stepName(name)}"); ${body} });`,
  );
  return `import { pipeline, step } from "warmstart";
    import fs from "node:fs"; import { createRequire } from "node:module"; import path from "node:path"; import util from "node:util"; import v8 from "node:v8";
    ${steps.join("\n")}
    export default pipeline("p", () => ({ ${names.map((name) => `${stepName(name)}: ${stepName(name)}({})`).join(", ")} }));`;
}

async function driven(value: string): Promise<DrivenRun> {
  return project.drive({ env: { HIDDEN: value, HIDDEN_TWO: value }, options: { onFailure: "continue" } });
}

beforeAll(async () => {
  project = new TestProject({ "pipeline.ts": pipelineOf() });
  for (const [name, { files, before }] of Object.entries(hidden)) {
    fs.mkdirSync(project.path(stepName(name)));
    for (const [file, text] of Object.entries(files ?? {})) project.write({ [`${stepName(name)}/${file}`]: text });
    before?.(project.path(stepName(name)));
  }
  first = await driven("one");
  for (const [name, { between }] of Object.entries(hidden)) between?.(project.path(stepName(name)));
  second = await driven("two");
}, 120_000);

afterAll(() => {
  project[Symbol.dispose]();
  fs.rmSync("/dev/shm/ws-hidden-reads", { force: true });
});

test("no step fails for being observed", () => {
  expect(first.error).toBeUndefined();
  expect(second.error).toBeUndefined();
});

describe("a read that hides is seen:", () => {
  test.each(names.filter((name) => hidden[name]?.reused === undefined))("%s", (name) => {
    expect(second.outputs[stepName(name)]?.value).toEqual(hidden[name]?.second);
    expect(second.computed).toContain(stepName(name));
  });
});

describe("what cannot matter costs nothing:", () => {
  test.each(names.filter((name) => hidden[name]?.reused === true))("%s", (name) => {
    expect(second.outputs[stepName(name)]?.value).toEqual(hidden[name]?.second);
    expect(second.reused).toContain(stepName(name));
  });
});
