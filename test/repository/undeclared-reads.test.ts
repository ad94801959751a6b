import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { DrivenRun, DriveRequest } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

interface Story {
  readonly body: string;
  /** At the top level of the pipeline's module. */
  readonly top?: string;
  readonly options?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly request?: DriveRequest;
  readonly later?: DriveRequest;
  before?(project: TestProject): void;
  between?(project: TestProject): void;
}

/** Runs a pipeline of one step that declares nothing, then again after something happened. */
async function twice(story: Story): Promise<readonly [DrivenRun, DrivenRun]> {
  using project = new TestProject({
    "data/a.txt": "one",
    "other/b.txt": "b",
    ...story.files,
    "pipeline.ts": `import { pipeline, step } from "warmstart";
      import fs, { readFileSync, createReadStream, existsSync } from "node:fs";
      import fsp, { readFile, open, glob } from "node:fs/promises";
      import readline from "node:readline";
      import { exec, spawnSync } from "node:child_process";
      import { promisify } from "node:util";
      ${story.top ?? ""}
      const work = step("work", ${story.options ?? "{}"}, async () => { ${story.body} });
      export default pipeline("p", () => ({ a: work({}) }));`,
  });
  story.before?.(project);
  const first = await project.drive(story.request);
  expect(first.error).toBeUndefined();
  expect(notOffered(first)).toBe(undefined);
  story.between?.(project);
  return [first, await project.drive(story.later ?? story.request)];
}

function notOffered(run: DrivenRun): string | undefined {
  for (const event of run.events) if (event.kind === "step-computed") return event.notOffered?.text;
  return undefined;
}

const editData = (project: TestProject): void => project.write({ "data/a.txt": "two" });
const editOther = (project: TestProject): void => project.write({ "other/b.txt": "edited", "other/c.txt": "new" });

const reading: readonly (readonly [name: string, body: string])[] = [
  ["readFileSync by name", `return readFileSync("data/a.txt", "utf8");`],
  ["fs.readFileSync", `return fs.readFileSync(new URL("./data/a.txt", import.meta.url), "utf8");`],
  ["a callback", `return await new Promise((done) => fs.readFile("data/a.txt", "utf8", (_, text) => done(text)));`],
  ["a promisified callback", `return await promisify(fs.readFile)("data/a.txt", "utf8");`],
  ["a promise by name", `return await readFile("data/a.txt", "utf8");`],
  ["fs.promises", `return await fs.promises.readFile("data/a.txt", "utf8");`],
  ["a stream", `let text = ""; for await (const part of createReadStream("data/a.txt")) text += part; return text;`],
  ["a file handle", `await using file = await open("data/a.txt"); return await file.readFile("utf8");`],
  [
    "a file handle's lines",
    `await using file = await fsp.open("data/a.txt"); for await (const line of file.readLines()) return line; return "";`,
  ],
  [
    "a descriptor",
    `const fd = fs.openSync("data/a.txt"); const text = fs.readFileSync(fd, "utf8"); fs.closeSync(fd); return text;`,
  ],
  [
    "readline",
    `for await (const line of readline.createInterface({ input: createReadStream("data/a.txt") })) return line; return "";`,
  ],
  ["a blob", `return await (await fs.openAsBlob("data/a.txt")).text();`],
  ["stat", `return String(fs.statSync("data/a.txt").size) + (await fsp.stat("data/a.txt")).isFile();`],
  [
    "cpSync",
    `const to = fs.mkdtempSync("/tmp/ws-copy-"); fs.cpSync("data", to + "/to", { recursive: true }); fs.rmSync(to, { recursive: true }); return 1;`,
  ],
  [
    "a copy that is read back",
    `const to = fs.mkdtempSync("/tmp/ws-copy-"); await fsp.cp("data", to, { recursive: true });
     const text = readFileSync(to + "/a.txt", "utf8"); fs.rmSync(to, { recursive: true }); return text;`,
  ],
  [
    "copyFile and rename of the copy",
    `const to = await fsp.mkdtemp("/tmp/ws-copy-"); await fsp.copyFile("data/a.txt", to + "/x"); fs.renameSync(to + "/x", to + "/y");
     const text = readFileSync(to + "/y", "utf8"); fs.rmSync(to, { recursive: true }); return text;`,
  ],
];

describe("a file that is read without being declared counts", () => {
  test.each(reading)("%s", async (_, body) => {
    const [, changed] = await twice({ body, between: editData });
    expect(changed.computed).toEqual(["work"]);
    expect(changed.reasons["work"]).toContain("data/a.txt changed");
    const [, same] = await twice({ body, between: editOther });
    expect(same.reused).toEqual(["work"]);
  });

  test("also when a module reads it while it is evaluated", async () => {
    const story: Story = {
      top: `import { text } from "./text.ts";`,
      files: {
        "text.ts": `import { readFileSync } from "node:fs"; export const text = readFileSync("data/a.txt", "utf8");`,
      },
      body: `return text;`,
    };
    const [, changed] = await twice({ ...story, between: editData });
    expect(changed.outputs["a"]?.value).toBe("two");
    expect(changed.reasons["work"]).toBe("data/a.txt changed");
    const [, same] = await twice({ ...story, between: editOther });
    expect(same.reused).toEqual(["work"]);
  });

  test("also when an object takes it from a package", async () => {
    const story: Story = {
      top: `import { load } from "reader";`,
      files: {
        "node_modules/reader/package.json": `{ "name": "reader", "version": "1.0.0", "main": "index.cjs" }`,
        "node_modules/reader/index.cjs": `const fs = require("fs"); exports.load = (file) => fs.readFileSync(file, "utf8");`,
      },
      body: `return load("data/a.txt");`,
      between: editData,
    };
    const [, changed] = await twice(story);
    expect(changed.outputs["a"]?.value).toBe("two");
  });
});

describe("what is not there counts", () => {
  const asking = ["existsSync('new.txt')", "(await fsp.access('new.txt').then(() => true, () => false))"];
  test.each([...asking, "(await promisify(fs.exists)('new.txt'))", "fs.globSync('*.txt').length"])(
    "%s",
    async (expression) => {
      const body = `return ${expression};`;
      const [, same] = await twice({ body, between: editOther });
      expect(same.reused).toEqual(["work"]);
      const [, changed] = await twice({ body, between: (project) => project.write({ "new.txt": "" }) });
      expect(changed.computed).toEqual(["work"]);
    },
  );
});

describe("a folder counts by its names where they are read", () => {
  const listing: readonly (readonly [name: string, body: string])[] = [
    ["readdirSync", `return fs.readdirSync("data").length;`],
    ["promises.readdir, recursive", `return (await fsp.readdir("data", { recursive: true })).length;`],
    ["opendir", `let n = 0; for await (const _ of await fsp.opendir("data")) n++; return n;`],
    ["promises.glob", `let n = 0; for await (const _ of glob("data/**/*.txt")) n++; return n;`],
    ["globSync", `return fs.globSync("data/**/*.txt").length;`],
  ];
  test.each(listing)("%s", async (_, body) => {
    const [, changed] = await twice({ body, between: (project) => project.write({ "data/b.txt": "" }) });
    expect(changed.outputs["a"]?.value).toBe(2);
    expect(changed.reasons["work"]).toBe("data changed");
    const [, same] = await twice({ body, between: editData });
    expect(same.reused).toEqual(["work"]);
  });

  test("and by being one where only that is asked", async () => {
    const body = `return fs.statSync("data").isDirectory();`;
    const [, same] = await twice({ body, between: (project) => project.write({ "data/b.txt": "" }) });
    expect(same.reused).toEqual(["work"]);
    const between = (project: TestProject): void => {
      rmSync(project.path("data"), { recursive: true });
      project.write({ data: "a file" });
    };
    expect((await twice({ body, between }))[1].outputs["a"]?.value).toBe(false);
  });

  test("a link by where it leads, where that is asked", async () => {
    const link = (project: TestProject, target: string): void => {
      rmSync(project.path("latest"), { force: true });
      symlinkSync(target, project.path("latest"));
    };
    const story: Story = {
      files: { "1.csv": "same", "2.csv": "same" },
      body: `return fs.readlinkSync("latest") + fs.realpathSync("latest").slice(-5);`,
      before: (project) => link(project, "1.csv"),
    };
    expect((await twice(story))[1].reused).toEqual(["work"]);
    const [, changed] = await twice({ ...story, between: (project) => link(project, "2.csv") });
    expect(changed.outputs["a"]?.value).toBe("2.csv2.csv");
  });
});

describe("what the step made itself", () => {
  const making: readonly (readonly [name: string, body: string])[] = [
    ["a file", `fs.writeFileSync("out.txt", "x"); return readFileSync("out.txt", "utf8");`],
    ["a file that it replaced", `fs.writeFileSync("data/a.txt", "x"); return readFileSync("data/a.txt", "utf8");`],
    [
      "a stream",
      `await new Promise((done) => fs.createWriteStream("out.txt").end("x", done)); return readFileSync("out.txt", "utf8");`,
    ],
    [
      "a folder",
      `fs.mkdirSync("made/in", { recursive: true }); fs.writeFileSync("made/in/x", "x"); return fs.readdirSync("made/in");`,
    ],
    [
      "a temporary folder",
      `const to = fs.mkdtempSync("/tmp/ws-own-"); fs.writeFileSync(to + "/x", "x"); const names = fs.readdirSync(to); fs.rmSync(to, { recursive: true }); return names;`,
    ],
  ];
  test.each(making)("%s is no read", async (_, body) => {
    const [, second] = await twice({ body });
    expect(second.reused).toEqual(["work"]);
  });

  const overwritten: readonly (readonly [name: string, body: string, second: unknown])[] = [
    [
      "read, then replaced",
      `const text = readFileSync("data/a.txt", "utf8"); fs.writeFileSync("data/a.txt", text + "!"); return text;`,
      "one!",
    ],
    [
      "opened for both",
      `const fd = fs.openSync("data/a.txt", "r+"); fs.writeSync(fd, "!", fs.fstatSync(fd).size); fs.closeSync(fd); return readFileSync("data/a.txt", "utf8");`,
      "one!!",
    ],
    [
      "asked for, then removed",
      `const there = existsSync("data/a.txt"); fs.rmSync("data/a.txt", { force: true }); return there;`,
      false,
    ],
    ["removed", `try { fs.unlinkSync("data/a.txt"); return "was there"; } catch { return "was not"; }`, "was not"],
    [
      "moved",
      `if (!existsSync("data/a.txt")) return "gone"; fs.renameSync("data/a.txt", "moved.txt"); return readFileSync("moved.txt", "utf8");`,
      "gone",
    ],
  ];
  test.each(overwritten)("what was there before and was %s counts as it was then", async (_, body, value) => {
    expect((await twice({ body }))[1].outputs["a"]?.value).toBe(value);
  });

  test("what is replaced by the same settles, although it was read before", async () => {
    using project = projectOf(
      `const before = existsSync("out.txt") ? readFileSync("out.txt", "utf8") : ""; fs.writeFileSync("out.txt", "x"); return 1;`,
    );
    await project.drive();
    expect((await project.drive()).computed).toEqual(["work"]);
    expect((await project.drive()).reused).toEqual(["work"]);
  });

  const doubtful: readonly (readonly [name: string, body: string, file: string])[] = [
    ["appended to", `fs.appendFileSync("data/a.txt", "!"); return readFileSync("data/a.txt", "utf8");`, "data/a.txt"],
    [
      "appended to through a link",
      `fs.rmSync("l", { force: true }); fs.symlinkSync("data/a.txt", "l"); fs.appendFileSync("l", "!"); return readFileSync("data/a.txt", "utf8");`,
      "data/a.txt",
    ],
    [
      "written by somebody else in between",
      `fs.writeFileSync("out.txt", "mine"); spawnSync("sh", ["-c", "echo theirs > out.txt"]); return readFileSync("out.txt", "utf8");`,
      "out.txt",
    ],
    [
      "changed between two reads",
      `const text = readFileSync("data/a.txt", "utf8"); spawnSync("sh", ["-c", "echo two > data/a.txt"]); return text + readFileSync("data/a.txt", "utf8");`,
      "data/a.txt",
    ],
    [
      "there only between two questions",
      `const ask = () => existsSync("x"); const before = ask(); spawnSync("touch", ["x"]); const then = ask(); spawnSync("rm", ["x"]); return before === then;`,
      "x",
    ],
  ];
  test.each(doubtful)("what was %s is not offered", async (_, body, file) => {
    using project = projectOf(body, `{ trust: ["child"] }`);
    expect(notOffered(await project.drive())).toBe(`${file} changed while it ran`);
  });

  test("that it was not there before is what counts, once it asked", async () => {
    const body = `const first = !existsSync("marker"); fs.writeFileSync("marker", ""); return first;`;
    const [first, second] = await twice({ body });
    expect(first.outputs["a"]?.value).toBe(true);
    expect(second.outputs["a"]?.value).toBe(false);
  });

  test("a folder that is made where it is missing settles with the second run", async () => {
    using project = projectOf(`if (!fs.existsSync("out/in")) fs.mkdirSync("out/in", { recursive: true }); return 1;`);
    expect(notOffered(await project.drive())).toBeUndefined();
    expect((await project.drive()).reasons["work"]).toContain("out/in");
    expect((await project.drive()).reused).toEqual(["work"]);
  });
});

function projectOf(body: string, options = "{}"): TestProject {
  return new TestProject({
    "data/a.txt": "one",
    "pipeline.ts": `import { pipeline, step } from "warmstart"; import fs, { existsSync, readFileSync } from "node:fs";
      import { spawnSync } from "node:child_process";
      const work = step("work", ${options}, async () => { ${body} });
      export default pipeline("p", () => ({ a: work({}) }));`,
  });
}

describe("what modules are made of is code and no read", () => {
  const files = {
    "node_modules/pkg/package.json": `{ "name": "pkg", "version": "1.0.0", "main": "index.cjs" }`,
    "node_modules/pkg/index.cjs": `module.exports = { ...require("./more.cjs"), data: require("./data.json") };`,
    "node_modules/pkg/more.cjs": `exports.more = 1;`,
    "node_modules/pkg/data.json": `{ "x": 1 }`,
    "lazy.cts": `exports.lazy = 2;`,
  };
  test("neither of packages nor of the project, at the top or later", async () => {
    const [first, second] = await twice({
      top: `import { more } from "pkg"; import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`,
      files,
      body: `return more + require("./lazy.cts").lazy + (await import("pkg/data.json", { with: { type: "json" } })).default.x;`,
      between: editOther,
    });
    expect(first.outputs["a"]?.value).toBe(4);
    expect(second.reused).toEqual(["work"]);
  });

  test("but a source that is read as text is", async () => {
    const body = `return readFileSync("lazy.cts", "utf8");`;
    const [, changed] = await twice({
      body,
      files,
      between: (project) => project.write({ "lazy.cts": "exports.lazy = 3;" }),
    });
    expect(changed.outputs["a"]?.value).toBe("exports.lazy = 3;");
  });
});

describe("variables", () => {
  const request = (env: Readonly<Record<string, string>>): DriveRequest => ({ env });
  const one = request({ REGION: "one" });
  const two = request({ REGION: "two" });
  const more = request({ REGION: "one", UNRELATED: "x" });

  const reads: readonly (readonly [name: string, story: Story])[] = [
    ["in the step", { body: `return process.env.REGION;` }],
    ["by an imported name", { top: `import { env } from "node:process";`, body: `return env.REGION;` }],
    ["at the top of the module", { top: `const region = process.env.REGION;`, body: `return region;` }],
    [
      "whether it is there",
      { body: `return "REGION" in process.env && Object.hasOwn(process.env, "REGION") ? process.env.REGION : "";` },
    ],
    [
      "chosen from the names",
      { body: `return Object.keys(process.env).filter((n) => n.startsWith("REG")).map((n) => process.env[n]).join();` },
    ],
  ];
  test.each(reads)("count by name: %s", async (_, story) => {
    const [, same] = await twice({ ...story, request: one, later: more });
    expect(same.reused).toEqual(["work"]);
    const [, changed] = await twice({ ...story, request: one, later: two });
    expect(changed.outputs["a"]?.value).toBe("two");
    expect(changed.reasons["work"]).toBe("environment variable REGION changed");
  });

  test("that are not set count as that", async () => {
    const [, changed] = await twice({ body: `return process.env.REGION ?? "none";`, later: one });
    expect(changed.outputs["a"]?.value).toBe("one");
  });

  test("that the step sets are its own; a default counts by what was there", async () => {
    const own: Story = { body: `process.env.REGION = "own"; return process.env.REGION;`, request: one, later: two };
    expect((await twice(own))[1].reused).toEqual(["work"]);
    const preset: Story = { body: `process.env.REGION ||= "own"; return process.env.REGION;` };
    expect((await twice(preset))[1].reused).toEqual(["work"]);
    expect((await twice({ ...preset, later: two }))[1].outputs["a"]?.value).toBe("two");
  });

  test("that modules set count by that value", async () => {
    const story: Story = {
      top: `import "./settings.ts";`,
      files: {
        "settings.ts": `import { readFileSync } from "node:fs"; process.env.MODE = "fast";`,
      },
      body: `return process.env.MODE;`,
    };
    const [first, second] = await twice(story);
    expect(first.outputs["a"]?.value).toBe("fast");
    expect(second.reused).toEqual(["work"]);
  });

  test("that are credentials or settings of a terminal are not counted", async () => {
    const body = `return [process.env.OPENAI_API_KEY, process.env.NO_COLOR, process.env.AWS_SESSION_TOKEN].length;`;
    const later = request({ OPENAI_API_KEY: "x", NO_COLOR: "1", AWS_SESSION_TOKEN: "t" });
    expect((await twice({ body, later }))[1].reused).toEqual(["work"]);
  });

  test("count or not as the configuration says; what counts from now on was not asked for before", async () => {
    const body = `return [process.env.CI_JOB, process.env.MODEL_TOKEN].join();`;
    const later = request({ CI_JOB: "5", MODEL_TOKEN: "t" });
    const config = (env: string): Readonly<Record<string, string>> => ({
      "warmstart.config.ts": `export default { env: ${env} };`,
    });
    const ignoring = await twice({ body, later, files: config(`{ ignore: ["CI_*"] }`) });
    expect(ignoring[1].reused).toEqual(["work"]);
    const counting = await twice({ body, later, files: config(`{ ignore: ["CI_*"], count: ["*_TOKEN"] }`) });
    expect(counting[1].reasons["work"]).toBe("environment variable MODEL_TOKEN changed");
    const between = (project: TestProject): void =>
      project.write(config(`{ ignore: ["CI_*"], count: ["MODEL_TOKEN"] }`));
    const since = await twice({ body, later, files: config(`{ ignore: ["CI_*"] }`), between });
    expect(since[1].outputs["a"]?.value).toBe("5,t");
  });

  test("whose names are listed, and what a child inherits, count for nothing here", async () => {
    const body = `const child = spawnSync(process.execPath, ["-p", "process.env.REGION"]);
      const { stdout } = await promisify(exec)("true");
      return String(child.stdout).trim().length + stdout.length + Math.min(1, Object.keys(process.env).length);`;
    const options = `{ trust: ["child"] }`;
    const [first, second] = await twice({ body, options, request: one, later: more });
    expect(first.outputs["a"]?.value).toBe(4);
    expect(second.reused).toEqual(["work"]);
  });

  const copies = [
    "{ ...process.env }",
    "Object.entries(process.env)",
    "JSON.stringify(process.env)",
    "structuredClone({ ...process.env })",
  ];
  test.each(copies)("read all at once cannot be told apart: %s", async (expression) => {
    const body = `const all = ${expression}; return typeof all;`;
    using project = projectOf(body);
    expect(notOffered(await project.drive())).toContain("process.env");
    expect((await project.drive()).computed).toEqual(["work"]);
    using trusted = projectOf(body, `{ trust: ["environment"] }`);
    expect(notOffered(await trusted.drive())).toBeUndefined();
    expect((await trusted.drive()).reused).toEqual(["work"]);
  });
});

test("more than can be kept is not offered, and said", async () => {
  using project = projectOf(
    `let n = 0; for (let i = 0; i < 25_002; i++) if (fs.existsSync("none/" + i)) n++; return n;`,
  );
  const run = await project.drive();
  expect(run.outputs["a"]?.value).toBe(0);
  expect(notOffered(run)).toBe("it read more than 25000 files and folders");
  expect((await project.drive()).computed).toEqual(["work"]);
});

test("an unread folder that comes and goes is nothing", async () => {
  const [, second] = await twice({ body: `return 1;`, between: (project) => mkdirSync(project.path("x")) });
  expect(second.reused).toEqual(["work"]);
});
