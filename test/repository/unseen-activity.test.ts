import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { UnseenActivity } from "../../src/model/reads.ts";
import { answeringServer } from "../rig/answering-server.ts";
import type { DrivenRun } from "../rig/project.ts";
import { TestProject } from "../rig/project.ts";

const packages = path.resolve(import.meta.dirname, "../../node_modules");
const server = answeringServer();

interface Story {
  /** Of the step's function; `PORT` is a server's. */
  readonly body: string;
  /** At the top level of the pipeline's module. */
  readonly top?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** A pipeline of one step in a module of its own, so that a word about it does not change its code. */
function projectOf({ body, top = "", files = {} }: Story): TestProject {
  return new TestProject({
    ...files,
    "step.ts": `import { step } from "warmstart";
      ${top.replaceAll("PORT", String(server.port))}
      export const work = step("work", async () => { ${body.replaceAll("PORT", String(server.port))} });`,
    "pipeline.ts": pipelineOf([]),
  });
}

function pipelineOf(trust: readonly string[]): string {
  return `import { pipeline } from "warmstart"; import { work } from "./step.ts";
    export default pipeline("p", { trust: ${JSON.stringify(trust)} }, () => ({ a: work({}) }));`;
}

function unseen(run: DrivenRun): readonly UnseenActivity[] {
  expect(run.error).toBeUndefined();
  return run.events.flatMap((event) => (event.kind === "step-computed" ? (event.notOffered?.unseen ?? []) : []));
}

const words = (run: DrivenRun): readonly string[] => unseen(run).map(({ kind, name }) => `${kind}:${name}`);

const deeds: readonly (readonly [what: string, story: Story, words: readonly string[]])[] = [
  ["fetch", { body: `return (await fetch("http://localhost:PORT/")).text();` }, ["network:localhost"]],
  ["fetch of an address", { body: `return (await fetch("http://127.0.0.1:PORT/")).text();` }, ["network:localhost"]],
  [
    "http",
    {
      top: `import http from "node:http";`,
      body: `return new Promise((done) => http.get("http://localhost:PORT/", (r) => { r.resume(); r.on("end", () => done(1)); }));`,
    },
    ["network:localhost"],
  ],
  [
    "https that is refused",
    {
      top: `import { get } from "node:https";`,
      body: `return new Promise((done) => get("https://localhost:PORT/").on("error", () => done(1)));`,
    },
    ["network:localhost"],
  ],
  [
    "http2",
    {
      top: `import http2 from "node:http2";`,
      body: `const session = http2.connect("http://localhost:PORT"); session.on("error", () => 0);
        await new Promise((done) => session.once("connect", done)); session.destroy(); return 1;`,
    },
    ["network:localhost"],
  ],
  [
    "a socket",
    {
      top: `import { connect } from "node:net";`,
      body: `const socket = connect(PORT); await new Promise((done) => socket.once("connect", done)); socket.destroy(); return 1;`,
    },
    ["network:localhost"],
  ],
  [
    "a socket made by hand",
    {
      top: `import net from "node:net";`,
      body: `const socket = new net.Socket(); await new Promise<void>((done) => socket.connect({ port: PORT }, done)); socket.destroy(); return 1;`,
    },
    ["network:localhost"],
  ],
  [
    "a socket with a path",
    {
      top: `import net from "node:net";`,
      body: `return new Promise((done) => net.connect({ path: "/tmp/ws-none.sock" }).on("error", () => done(1)));`,
    },
    ["network:/tmp/ws-none.sock"],
  ],
  [
    "a foreign host that nobody can reach",
    { body: `return fetch("https://api.example.invalid/v1").then(() => 1, () => 2);` },
    ["network:api.example.invalid"],
  ],
  [
    "a WebSocket",
    { body: `return new Promise((done) => { new WebSocket("ws://localhost:PORT").onerror = () => done(1); });` },
    ["network:localhost"],
  ],
  [
    "a name that is looked up",
    { top: `import { lookup } from "node:dns/promises";`, body: `return lookup("db.example.invalid").catch(() => 1);` },
    ["network:db.example.invalid"],
  ],
  [
    "a datagram",
    {
      top: `import dgram from "node:dgram";`,
      body: `const socket = dgram.createSocket("udp4"); await new Promise((done) => socket.send("x", PORT, "127.0.0.1", done)); socket.close(); return 1;`,
    },
    ["network:localhost"],
  ],
  [
    "a server",
    {
      top: `import net from "node:net";`,
      body: `const server = net.createServer(); await new Promise<void>((done) => server.listen(0, done)); server.close(); return 1;`,
    },
    ["network:incoming"],
  ],
  [
    "python3",
    {
      top: `import { spawnSync } from "node:child_process";`,
      body: `return String(spawnSync("python3", ["-c", "print(6 * 7)"]).stdout).trim();`,
    },
    ["child:python3"],
  ],
  [
    "a program that is not waited for",
    {
      top: `import { spawn } from "node:child_process";`,
      body: `let out = ""; for await (const part of spawn("/bin/echo", ["hi"]).stdout) out += part; return out;`,
    },
    ["child:echo"],
  ],
  [
    "a line of the shell",
    { top: `import { execSync } from "node:child_process";`, body: `return String(execSync("A=1 echo hi"));` },
    ["child:echo"],
  ],
  [
    "a promise of a line",
    {
      top: `import { exec } from "node:child_process"; import { promisify } from "node:util";`,
      body: `return (await promisify(exec)("echo hi")).stdout;`,
    },
    ["child:echo"],
  ],
  [
    "a line of several programs",
    { top: `import { execSync } from "node:child_process";`, body: `return String(execSync("echo hi | cat"));` },
    ["child:sh"],
  ],
  [
    "a line whose arguments the shell reads",
    {
      top: `import { spawnSync } from "node:child_process";`,
      body: `return String(spawnSync("echo", ["hi | cat"], { shell: true }).stdout);`,
    },
    ["child:sh"],
  ],
  [
    "a line that begins in quotes",
    { top: `import { execSync } from "node:child_process";`, body: `return String(execSync('"echo" hi'));` },
    ["child:sh"],
  ],
  [
    "hooks in a thread of their own",
    {
      top: `import { register } from "node:module";`,
      files: { "hooks.mjs": "export {};" },
      body: `register("./hooks.mjs", import.meta.url); return 1;`,
    },
    ["thread:hooks.mjs"],
  ],
  [
    "a fork",
    {
      top: `import { fork } from "node:child_process";`,
      files: { "child.mjs": "process.exit(0);" },
      body: `await new Promise((done) => fork("child.mjs").on("exit", done)); return 1;`,
    },
    ["child:node"],
  ],
  [
    "a thread",
    {
      top: `import { Worker } from "node:worker_threads";`,
      files: { "lib/thread.mjs": "1;" },
      body: `await new Promise((done) => new Worker(new URL("./lib/thread.mjs", import.meta.url)).on("exit", done)); return 1;`,
    },
    ["thread:lib/thread.mjs"],
  ],
  [
    "a thread of text",
    {
      top: `import * as threads from "node:worker_threads";`,
      body: `await new Promise((done) => new threads.Worker("1", { eval: true }).on("exit", done)); return 1;`,
    },
    ["thread:eval"],
  ],
  [
    "node:sqlite",
    {
      top: `import { DatabaseSync } from "node:sqlite";`,
      body: `return (new DatabaseSync(":memory:").prepare("select 1 as one").get() as any).one;`,
    },
    ["native:node:sqlite"],
  ],
  [
    "node:sqlite that is asked for later",
    {
      body: `const { DatabaseSync } = process.getBuiltinModule("node:sqlite"); return new DatabaseSync(":memory:") !== null;`,
    },
    ["native:node:sqlite"],
  ],
  [
    "WASI",
    { top: `import { WASI } from "node:wasi";`, body: `return new WASI({ version: "preview1" }) !== null;` },
    ["native:node:wasi"],
  ],
  ["what lies below Node", { body: `return typeof (process as any).binding("os");` }, ["native:process.binding"]],
  [
    "text that is evaluated",
    { top: `import vm from "node:vm";`, body: `return vm.runInNewContext("6 * 7");` },
    ["code:vm"],
  ],
  [
    "a script",
    { top: `import { Script } from "node:vm";`, body: `return new Script("6 * 7").runInThisContext();` },
    ["code:vm"],
  ],
];

describe("what a step does out of sight is named, and its result stored and not offered", () => {
  test.each(deeds)("%s", async (_, story, expected) => {
    using project = projectOf(story);
    const first = await project.drive();
    expect(words(first)).toEqual(expected);
    const again = await project.drive();
    expect(again.computed).toEqual(["work"]);
    // Under the exact words, what was stored counts at once.
    project.write({ "pipeline.ts": pipelineOf(expected) });
    expect((await project.drive()).reused).toEqual(["work"]);
  });
});

describe("what is not out of sight", () => {
  const plain: readonly (readonly [what: string, story: Story])[] = [
    [
      "WebAssembly alone",
      { body: `return new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) !== null;` },
    ],
    ["data: and blob: URLs", { body: `return (await fetch("data:text/plain,hi")).text();` }],
    [
      "an address that is no name",
      { top: `import dns from "node:dns/promises";`, body: `return (await dns.lookup("10.0.0.1")).address;` },
    ],
    [
      "console output and timers",
      { body: `console.log("hi"); await new Promise((done) => setTimeout(done, 5)); return 1;` },
    ],
    [
      "text that a package evaluates",
      {
        top: `import { run } from "templates";`,
        files: {
          "node_modules/templates/package.json": `{ "name": "templates", "version": "1.0.0", "main": "index.cjs" }`,
          "node_modules/templates/index.cjs": `const vm = require("vm"); exports.run = (text) => vm.runInNewContext(text);`,
        },
        body: `return run("6 * 7");`,
      },
    ],
  ];
  test.each(plain)("%s", async (_, story) => {
    using project = projectOf(story);
    expect(words(await project.drive())).toEqual([]);
    expect((await project.drive()).reused).toEqual(["work"]);
  });
});

describe("what hides", () => {
  test("a pooled socket that was made while modules were evaluated", async () => {
    const story: Story = {
      top: `import http from "node:http"; import { ask } from "./client.ts";`,
      files: {
        "client.ts": `import http from "node:http";
          const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
          export const ask = (port: number): Promise<string> => new Promise((done) => http.get({ port, agent }, (r) => {
            let text = ""; r.setEncoding("utf8").on("data", (t) => (text += t)).on("end", () => done(text)); }));
          await ask(Number(process.env.ANSWERS_AT));`,
      },
      body: `return ask(Number(process.env.ANSWERS_AT));`,
    };
    using project = projectOf(story);
    const run = await project.drive({ env: { ANSWERS_AT: String(server.port) } });
    expect(words(run)).toEqual(["network:localhost"]);
    expect(run.outputs["a"]?.value).toBe("answer");
    expect((await project.drive({ env: { ANSWERS_AT: String(server.port) } })).computed).toEqual(["work"]);
  });

  test("a call while a module is evaluated belongs to every step of that thread", async () => {
    const story: Story = {
      top: `import { answer } from "./answer.ts";`,
      files: {
        "answer.ts": `export const answer = await (await fetch("http://localhost:PORT/")).text();`.replace(
          "PORT",
          String(server.port),
        ),
      },
      body: `return answer;`,
    };
    using project = projectOf(story);
    const run = await project.drive();
    expect(words(run)).toEqual(["network:localhost"]);
    expect(unseen(run)[0]?.at).toMatch(/^answer\.ts:1$/);
  });

  const addon = path.join(packages, "@oxc-parser/binding-linux-x64-gnu");
  const withAddon = (project: TestProject): void => {
    mkdirSync(project.path("node_modules/@oxc-parser"), { recursive: true });
    symlinkSync(addon, project.path("node_modules/@oxc-parser/binding-linux-x64-gnu"));
  };

  test("an addon that an earlier step loaded: each step names it", async () => {
    using project = new TestProject({
      "node_modules/parser/package.json": `{ "name": "parser", "version": "1.0.0", "main": "index.cjs",
        "optionalDependencies": { "@oxc-parser/binding-linux-x64-gnu": "*" } }`,
      "node_modules/parser/index.cjs": `let native; exports.load = () => (native ??= require("@oxc-parser/binding-linux-x64-gnu"));`,
      "pipeline.ts": `import { pipeline, step } from "warmstart"; import { load } from "parser";
        const one = step("one", () => Object.keys(load()).length > 0);
        const two = step("two", ({ before }: { before: boolean }) => before && Object.keys(load()).length > 0);
        export default pipeline("p", () => ({ two: two({ before: one({}) }) }));`,
    });
    withAddon(project);
    const run = await project.drive();
    expect(words(run)).toEqual(["native:parser", "native:parser"]);
    expect((await project.drive()).computed).toEqual(["one", "two"]);
    expect((await project.drive({ options: { trust: ["native:parser"] } })).reused).toEqual(["one", "two"]);
  });

  test("a built-in module that a helper imports and that is not asked for in this run", async () => {
    using project = projectOf({
      files: {
        "store.ts": `export const open = async (file: string) => new (await import("node:sqlite")).DatabaseSync(file);
          export const size = (rows: number[]) => (rows.length > 9 ? open("rows.db") : rows.length);`,
      },
      top: `import { size } from "./store.ts";`,
      body: `return size([1]);`,
    });
    expect(words(await project.drive())).toEqual(["native:node:sqlite"]);
    expect((await project.drive()).computed).toEqual(["work"]);
  });

  test("an addon of the project's own", async () => {
    using project = projectOf({
      top: `import { createRequire } from "node:module"; const load = createRequire(import.meta.url);`,
      body: `return Object.keys(load("./native/parser.node")).length > 0;`,
    });
    mkdirSync(project.path("native"));
    symlinkSync(path.join(addon, "parser.linux-x64-gnu.node"), project.path("native/parser.node"));
    const run = await project.drive();
    expect(words(run).some((word) => word.startsWith("native:"))).toBe(true);
    expect((await project.drive()).computed).toEqual(["work"]);
  });

  const early = `const fs = require("fs"); const net = require("net"); const child = require("child_process");
    globalThis.early = { readFileSync: fs.readFileSync, connect: net.connect, execSync: child.execSync };`;
  const earlyStory: Story = {
    files: { "early.cjs": early, "early.mjs": `import "./early.cjs";`, "data.txt": "one" },
    body: `const { readFileSync, connect, execSync } = (globalThis as any).early;
      const socket = connect(PORT); await new Promise((done) => socket.once("connect", done)); socket.destroy();
      return readFileSync("data.txt", "utf8") + execSync("echo hi");`,
  };
  const starts: readonly (readonly [string, object])[] = [
    ["--import", { nodeOptions: ["--import", "./early.mjs"] }],
    ["--require", { nodeOptions: ["--require", "./early.cjs"] }],
    ["NODE_OPTIONS with --import", { env: { NODE_OPTIONS: "--import ./early.mjs" } }],
    ["NODE_OPTIONS with --require", { env: { NODE_OPTIONS: "-r ./early.cjs" } }],
  ];
  test.each(starts)("a library that was imported before ours, by %s", async (_, request) => {
    using project = projectOf(earlyStory);
    const trust = { options: { trust: ["network:localhost", "child:echo"] } };
    const run = await project.drive(request);
    expect(run.outputs["a"]?.value).toBe("onehi\n");
    expect(words(run)).toEqual(["network:localhost", "child:echo"]);
    expect((await project.drive({ ...request, ...trust })).reused).toEqual(["work"]);
    project.write({ "data.txt": "two" });
    const changed = await project.drive({ ...request, ...trust });
    expect(changed.outputs["a"]?.value).toBe("twohi\n");
    expect(changed.reasons["work"]).toBe("data.txt changed");
  });

  test("a package's memo that two steps share", async () => {
    using project = new TestProject({
      "data/1.txt": "one",
      "texts.ts": `import { readFile } from "node:fs/promises"; import DataLoader from "dataloader";
        export const texts = new DataLoader((ids: readonly string[]) => Promise.all(ids.map((id) => readFile(\`data/\${id}.txt\`, "utf8"))));`,
      "pipeline.ts": `import { pipeline, step } from "warmstart"; import { texts } from "./texts.ts";
        const one = step("one", () => texts.load("1"));
        const two = step("two", ({ before }: { before: string }) => texts.load("1").then((text: string) => before + text));
        export default pipeline("p", () => ({ two: two({ before: one({}) }) }));`,
    }).install("dataloader");
    expect((await project.drive()).outputs["two"]?.value).toBe("oneone");
    expect((await project.drive()).reused).toEqual(["one", "two"]);
    project.write({ "data/1.txt": "two" });
    const changed = await project.drive();
    expect(changed.outputs["two"]?.value).toBe("twotwo");
    expect(changed.computed).toEqual(["one", "two"]);
  });

  test("a copy of all variables", async () => {
    using project = projectOf({ body: `const all = { ...process.env }; return all["HOME"]!.length;` });
    expect(words(await project.drive())).toEqual(["environment:environment"]);
    expect((await project.drive({ options: { trust: ["environment"] } })).reused).toEqual(["work"]);
  });
});
