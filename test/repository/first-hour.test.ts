import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { answeringServer } from "../rig/answering-server.ts";
import { computed, expectInDocs, FirstProgram, reused } from "./first-hour.ts";

const packages = path.resolve(import.meta.dirname, "../../node_modules");
const keysSeen: (string | undefined)[] = [];
const server = answeringServer((request, response) => {
  keysSeen.push(request.headers.authorization);
  request.resume().on("end", () => response.end(JSON.stringify({ text: "late again" })));
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe("a step that calls an API with a key from the environment", () => {
  const step = (options = ""): string => `import { step } from "warmstart";

export const summarise = step("summarise", ${options}async ({ text }: { text: string }) => {
  const headers = { authorization: \`Bearer \${process.env.SUMMARY_API_KEY}\` };
  const answer = await fetch("http://localhost:${server.port}/v1/summaries", { method: "POST", headers, body: text });
  return ((await answer.json()) as { text: string }).text;
});
`;
  const pipeline = `import { pipeline } from "warmstart";
import { summarise } from "./summarise.ts";
export default pipeline("notes", () => ({ notes: summarise({ text: "A long report." }) }));`;

  test("is stored, counts once it is trusted, and outlives its key", async () => {
    using program = new FirstProgram({ "summarise.ts": step(), "pipeline.ts": pipeline });
    const first = await program.run({ SUMMARY_API_KEY: "one" });
    expect(first[0]).toBe(computed("summarise", "first time"));
    expect(first.slice(2)).toEqual([
      `  notes  "late again"`,
      "! summarise called localhost, which cannot be seen to change: stored, and not reused until you choose",
      `      summarise.ts:3  cache: { ttl: "30d" }  for a time`,
      `      summarise.ts:3  trust: ["network:localhost"]  always`,
      "    This result then counts.",
    ]);
    expectInDocs(first.slice(3));
    program.write({ "summarise.ts": step(`{ trust: ["network:localhost"] }, `) });
    expect((await program.run({ SUMMARY_API_KEY: "one" }))[0]).toMatch(reused("summarise"));
    expect((await program.run({ SUMMARY_API_KEY: "two" }))[0]).toMatch(reused("summarise"));
    expect(keysSeen).toEqual(["Bearer one"]);
    expect(await program.say(["explain"])).toContain("      level: observed, and trusted: network:localhost");
    program.write({ "summarise.ts": step(`{ cache: { ttl: "30d" } }, `) });
    expect((await program.run({ SUMMARY_API_KEY: "two" }))[0]).toMatch(reused("summarise"));
  });
});

describe("a step that runs python3", () => {
  const pipeline = (options = "", context = "", script = `"count.py"`): string => `
import { execFileSync } from "node:child_process";
import { pipeline, step } from "warmstart";
const count = step("count", ${options}({ text }: { text: string }${context}) =>
  Number(execFileSync("python3", [${script}], { input: text, encoding: "utf8" })));
export default pipeline("words", () => ({ words: count({ text: "to be or not" }) }));`;
  const script = "import sys\nprint(len(sys.stdin.read().split()))\n";

  test.skipIf(!hasPython)(
    "is named, and its script counts where it is declared (skipped without python3)",
    async () => {
      using program = new FirstProgram({ "count.py": script, "pipeline.ts": pipeline() });
      const first = await program.run();
      expect(first.slice(2)).toEqual([
        "  words  4",
        "! count started a program (python3), whose reads cannot be seen: stored, and not reused until you choose",
        `      pipeline.ts:4  trust: ["child:python3"]  always`,
        "    This result then counts.",
      ]);
      expectInDocs(first.slice(3));
      const again = await program.run();
      expect(again[0]).toBe(computed("count", "run 1 stored a result that nobody vouched for (child:python3)"));
      expect((await program.run({}, "--trust", "child:python3"))[0]).toMatch(reused("count"));
      program.write({ "pipeline.ts": pipeline(`{ trust: ["child:python3"] }, `, ", ctx", `ctx.file("count.py")`) });
      await program.run();
      expect((await program.run())[0]).toMatch(reused("count"));
      program.write({ "count.py": script.replace(".split()", "") });
      const edited = await program.run();
      expect(edited[0]).toBe(computed("count", "count.py changed"));
      expect(edited[2]).toBe("  words  12");
    },
  );
});

test("a step that uses an addon", async () => {
  using program = new FirstProgram({
    "pipeline.ts": `import { DuckDBInstance } from "@duckdb/node-api";
import { pipeline, step } from "warmstart";
const count = step("count", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  return Number((await connection.runAndReadAll("select count(*) from range(42)")).getRows()[0]?.[0]);
});
export default pipeline("rows", () => ({ rows: count({}) }));`,
  });
  symlinkSync(path.join(packages, "@duckdb"), program.path("node_modules/@duckdb"));
  const first = await program.run();
  expect(first.slice(2)).toEqual([
    "  rows  42",
    "! count uses native code (@duckdb/node-bindings), whose reads cannot be seen: stored, and not reused until you choose",
    `      pipeline.ts:3  trust: ["native:@duckdb/node-bindings"]  always`,
    "    This result then counts.",
  ]);
  expectInDocs(first.slice(3));
  const trusted = await program.run({}, "--trust", "native:@duckdb/node-bindings");
  expect(trusted[0]).toMatch(reused("count"));
});

describe("a step that reads a file and a variable without declaring them", () => {
  const pipeline = `import { readFileSync } from "node:fs";
import { pipeline, step } from "warmstart";
import { scale } from "./scale.ts";
const load = step("load", () => readFileSync("data/late.csv", "utf8").split(",").map(scale));
const first = step("first", ({ rows }: { rows: number[] }) => (process.env.REGION === "eu" ? rows[1] : rows[0]));
export default pipeline("rows", () => ({ first: first({ rows: load({}) }) }));`;
  const scale = "/** Minutes to hours. */\nexport const scale = (minutes: string): number => Number(minutes) / 60;\n";
  const make = (): FirstProgram =>
    new FirstProgram({ "data/late.csv": "60,120", "scale.ts": scale, "pipeline.ts": pipeline });

  test("each edit is a miss with its reason, each undo a hit", async () => {
    using program = make();
    await program.run();
    program.write({ "data/late.csv": "180,120" });
    const file = await program.run();
    expect(file.slice(0, 2)).toEqual([
      computed("load", "data/late.csv changed"),
      computed("first", "its input `rows` changed"),
    ]);
    expectInDocs(file.slice(0, 2));
    program.write({ "data/late.csv": "60,120" });
    const undone = await program.run();
    expect(undone[0]).toMatch(reused("load"));
    expect(undone[1]).toMatch(reused("first"));
    const variable = await program.run({ REGION: "eu" });
    expect(variable[0]).toMatch(reused("load"));
    expect(variable[1]).toBe(computed("first", "environment variable REGION changed"));
    expectInDocs([variable[1] ?? ""]);
    expect((await program.run())[1]).toMatch(reused("first"));
  });

  test("an edit of a helper is a miss with its line and its way, an undo and a comment are hits", async () => {
    using program = make();
    await program.run();
    program.write({ "scale.ts": scale.replace("/ 60", "/ 3600") });
    const edited = await program.run();
    expect(edited[0]).toBe(computed("load", "scale.ts:2 scale changed, used by load → scale"));
    const explained = await program.say(["explain"]);
    expect(explained.slice(1, 5)).toEqual([
      computed("load", "scale.ts:2 scale changed, used by load → scale"),
      "      compared with run 1, the nearest earlier execution of load:",
      "      ~ scale.ts:2 scale changed, used by load → scale",
      "            - export const scale = (minutes: string): number => Number(minutes) / 60;",
    ]);
    expectInDocs(explained.slice(1, 6));
    program.write({ "scale.ts": scale });
    expect((await program.run())[0]).toMatch(reused("load"));
    program.write({
      "scale.ts": `// Reviewed.\nexport const scale = (m: string) => Number(m) / 60;\nexport const other = 1;\n`,
    });
    const same = await program.run();
    expect(same[0]).toMatch(reused("load"));
    expect(same[1]).toMatch(reused("first"));
  });
});

test("a class instance as input whose method is edited", async () => {
  const model = `export class Model {
  readonly slope: number;
  constructor(slope: number) { this.slope = slope; }
  predict(x: number): number { return this.slope * x; }
}
`;
  using program = new FirstProgram({
    "model.ts": model,
    "pipeline.ts": `import { materializer, pipeline, step, value } from "warmstart";
import { Model } from "./model.ts";
const kept = materializer("model", {
  version: 1, is: (v) => v instanceof Model, save: ({ slope }: Model) => ({ slope }), load: ({ slope }) => new Model(slope),
});
const output = value<Model>({ materializer: kept });
const train = step("train", { output }, ({ slope }: { slope: number }) => new Model(slope));
const predict = step("predict", ({ model }: { model: Model }) => model.predict(2));
const size = step("size", ({ text }: { text: string }) => text.length);
export default pipeline("p", () => ({ n: predict({ model: train({ slope: 3 }) }), size: size({ text: "abc" }) }));`,
  });
  await program.run();
  program.write({ "model.ts": model.replace("this.slope * x", "this.slope * x + 1") });
  const edited = await program.run();
  const byStep = (name: string): string | undefined => edited.find((line) => line.includes(` ${name}  `));
  expect(byStep("size")).toMatch(reused("size"));
  expect(byStep("predict")).toBe(computed("predict", "model.ts:1 Model changed, used by materializer model → Model"));
  expect(edited).toContain("  n  7");
  expectInDocs([byStep("predict") ?? ""]);
  program.write({ "model.ts": model });
  const undone = await program.run();
  expect(undone.filter((line) => line.includes("✔"))).toHaveLength(3);
});

test("a registration that no name leads to: the example of ARCHITECTURE.md", async () => {
  const half = `export const half = (n: number): number => n / 2;\n`;
  const registry = `export const reg = new Map<string, (n: number) => number>();\nexport const unused = [1].map(String);\n`;
  using program = new FirstProgram({
    "reg.ts": registry,
    "half.ts": half,
    "plugins.ts": `import { reg } from "./reg.ts";\nimport { half } from "./half.ts";\nreg.set("half", half);\n`,
    "pipeline.ts": `import "./plugins.ts";
import { pipeline, step } from "warmstart";
import { reg } from "./reg.ts";
const rate = step("rate", ({ rows }: { rows: number[] }) => reg.get("half")!(rows.length));
export default pipeline("p", () => ({ rate: rate({ rows: [1, 2, 3] }) }));`,
  });
  await program.run();
  program.write({ "reg.ts": registry.replace("[1]", "[2]") });
  expect((await program.run())[0]).toMatch(reused("rate"));
  program.write({ "half.ts": half.replace("n / 2", "n / 4") });
  const edited = await program.run();
  expect(edited[0]).toMatch(/half\.ts:1 half changed, used by rate → reg → .*half/);
  expect(edited).toContain("  rate  0.75");
});
