import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../src/runtime/run-event.ts";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, run, step, value } from "warmstart";\n`;

const one = (body: string, options = "{}"): string => `${head}
  const work = step("work", ${options}, async (_: {}, ctx): Promise<any> => { ${body} });
  const behind = step("behind", ({ x }: { x: any }) => x);
  export default pipeline("p", () => ({ a: behind({ x: work() }) }));`;

function failureOf(events: readonly RunEvent[]): Extract<RunEvent, { kind: "step-failed" }> | undefined {
  return events.find((event) => event.kind === "step-failed");
}

describe("what a step may do wrong", () => {
  test.each([
    ["throws an error", `throw new TypeError("no such column")`, /no such column/],
    ["throws a string", `throw "just text"`, /just text/],
    ["throws null", `throw null`, /null/],
    ["never settles", `await new Promise(() => {});`, /never settled/],
    ["calls process.exit", `process.exit(3)`, /process\.exit with code 3/],
    [
      "fails in the background",
      `setTimeout(() => { throw new Error("later") }, 5); await new Promise((r) => setTimeout(r, 500)); return 1`,
      /later/,
    ],
    [
      "exhausts its memory",
      `const all: any[] = []; for (;;) all.push({ a: all.length, b: "x".repeat(10) });`,
      /memory/,
    ],
    ["returns a class instance", `class Model { w = 1; fit() {} } return new Model()`, /Model/],
    ["returns a promise inside", `return { later: Promise.resolve(1) }`, /later/],
  ])(
    "%s: it is FAILED with its error, what is behind is CANCELED, and the next run tries again",
    async (_, body, message) => {
      using project = new TestProject({ "pipeline.ts": one(body) });
      const nodeOptions = ["--max-old-space-size=200"];
      const run = await project.drive({ nodeOptions });
      expect(failureOf(run.events)?.error.message).toMatch(message);
      expect(run.error?.code).toBe("WS_STEP_FAILED");
      expect(run.events.find((event) => event.kind === "step-canceled")).toMatchObject({
        nodeId: "behind",
        reason: { text: "work failed" },
      });
      const again = await project.drive({ nodeOptions });
      expect(failureOf(again.events)?.reason.text).toBe("it failed in run 1");
    },
  );

  test("returns nothing: undefined is a value like any other", async () => {
    using project = new TestProject({ "pipeline.ts": one("return;") });
    expect((await project.drive()).computed).toEqual(["work", "behind"]);
    expect((await project.drive()).reused).toEqual(["work", "behind"]);
  });

  test("a refused value of a long training is kept aside as its plain fields, and the error says where", async () => {
    using project = new TestProject({
      "pipeline.ts": one(`class Model { weights = [1, 2, 3]; fit() {} } return { model: new Model() }`),
    });
    const failure = failureOf((await project.drive()).events);
    const file = /kept as plain fields in (\S+)/.exec(failure?.error.hint ?? "")?.[1] ?? "";
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      output: { model: { class: "Model", fields: { weights: [1, 2, 3] } } },
    });
  });

  test("writes 100 MB to the console: bounded memory, the beginning and the end are kept", async () => {
    using project = new TestProject({
      "pipeline.ts": one(
        `const line = "x".repeat(999); for (let i = 0; i < 100_000; i++) console.log(line); console.log("the end"); return 1`,
      ),
    });
    const run = await project.drive();
    expect(run.error).toBeUndefined();
    const shown = run.events
      .flatMap((event) => (event.kind === "step-output" ? event.text.length : 0))
      .reduce((a, b) => a + b, 0);
    expect(shown).toBeLessThan(600_000);
  });

  test("mutates its inputs: neither the stored input nor a sibling's sees it", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        const make = step("make", () => [{ n: 1 }]);
        const spoil = step("spoil", ({ rows }: { rows: { n: number }[] }) => { rows[0]!.n = 99; rows.push({ n: 2 }); return rows.length; });
        const look = step("look", ({ rows }: { rows: { n: number }[] }) => rows);
        export default pipeline("p", () => { const rows = make(); const spoilt = spoil({ rows }); return { a: look({ rows }, { after: [spoilt] }), rows }; });`,
    });
    const run = await project.drive();
    expect(run.outputs["a"]?.value).toEqual([{ n: 1 }]);
    expect(run.outputs["rows"]?.value).toEqual([{ n: 1 }]);
  });

  test("calls a step inside a step", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        const inner = step("inner", () => 1);
        const outer = step("outer", (): any => { inner(); return 1; });
        export default pipeline("p", () => ({ a: outer() }));`,
    });
    expect(failureOf((await project.drive()).events)?.error).toMatchObject({ code: "WS_STEP_IN_STEP" });
  });
});

describe("time", () => {
  test("a timeout ends a step that never yields", async () => {
    using project = new TestProject({ "pipeline.ts": one("for (;;) {}", `{ timeout: "300ms" }`) });
    expect(failureOf((await project.drive()).events)?.error).toMatchObject({ code: "WS_STEP_TIMEOUT" });
  });

  test("a step that yields is told by ctx.signal first", async () => {
    using project = new TestProject({
      "pipeline.ts": one(
        `const { appendFileSync } = await import("node:fs");
         await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => { appendFileSync("told", "x"); resolve(); }));`,
        `{ timeout: "300ms" }`,
      ).replace("await new Promise", "const alive = setInterval(() => {}, 50); await new Promise"),
    });
    const run = await project.drive();
    expect(failureOf(run.events)?.error).toMatchObject({ code: "WS_STEP_TIMEOUT" });
    expect(existsSync(project.path("told"))).toBe(true);
  });

  test("retry with back-off; the attempts are counted and the last error is told", async () => {
    const flaky = (good: number): string =>
      one(
        `const { appendFileSync, readFileSync } = await import("node:fs"); appendFileSync("tries", "x");
         if (readFileSync("tries", "utf8").length < ${good}) throw new Error("try " + readFileSync("tries", "utf8").length); return "ok"`,
        `{ retry: { times: 2, delay: "20ms" } }`,
      );
    using project = new TestProject({ "pipeline.ts": flaky(3) });
    const run = await project.drive();
    expect(run.outputs["a"]?.value).toBe("ok");
    expect(run.events.flatMap((event) => (event.kind === "step-retry" ? event.delayMs : []))).toEqual([20, 40]);
    using hopeless = new TestProject({ "pipeline.ts": flaky(9) });
    expect(failureOf((await hopeless.drive()).events)?.error.message).toBe("try 3");
  });
});

describe("failure modes", () => {
  const two = `${head}
    const bad = step("bad", (): number => { throw new Error("no"); });
    const good = step("good", async () => { await new Promise((r) => setTimeout(r, 300)); return 1; });
    const afterGood = step("afterGood", ({ x }: { x: number }) => x + 1);
    const afterBad = step("afterBad", ({ x }: { x: number }) => x);
    export default pipeline("p", () => { const g = good(); return { a: afterBad({ x: bad() }), b: afterGood({ x: g }) }; });`;

  test("continue: independent branches finish, dependants are CANCELED with the reason", async () => {
    using project = new TestProject({ "pipeline.ts": two });
    const run = await project.drive({ options: { onFailure: "continue", parallel: 2 } });
    expect(run.computed).toEqual(["good", "afterGood"]);
    expect(
      run.events.flatMap((event) => (event.kind === "step-canceled" ? [[event.nodeId, event.reason.text]] : [])),
    ).toEqual([["afterBad", "bad failed"]]);
  });

  test("fail-fast: nothing new is started, what runs is finished and stays cached", async () => {
    using project = new TestProject({ "pipeline.ts": two });
    const run = await project.drive({ options: { parallel: 2 } });
    expect(run.computed).toEqual(["good"]);
    const fixed = await project.drive({ options: { parallel: 2, onFailure: "continue" } });
    expect(fixed.reused).toEqual(["good"]);
  });
});

describe("what is kept of an execution", () => {
  test("console, log, metrics and progress are told apart by step, kept, and restored with a hit", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        const work = (name: string) => step(name, async (_: {}, ctx) => {
          for (let i = 0; i < 5; i++) { console.log(name, i); await new Promise((r) => setTimeout(r, 10)); }
          process.stderr.write("err " + name + "\\n"); ctx.log("note", { name }); ctx.metric("size", name.length); ctx.progress(5, 5);
          return name; });
        const a = work("aa"); const b = work("bbb");
        export default pipeline("p", () => ({ a: a(), b: b() }));`,
      "look.ts": `import { Repository } from "warmstart";
        await using repository = await Repository.open();
        const { queries } = repository;
        const executions = await queries.executionsOf(Number(process.argv[2]) as any);
        const all = [];
        for (const execution of executions) all.push({ node: execution.nodeId, state: execution.state, metrics: execution.metrics, log: (await queries.log(execution)).map((l) => l.stream + ":" + l.text) });
        console.log(JSON.stringify(all));`,
    });
    await project.drive({ options: { parallel: 2 } });
    await project.drive({ options: { parallel: 2 } });
    const look = async (run: number): Promise<unknown> =>
      JSON.parse((await project.node(["look.ts", String(run)])).stdout);
    const log = (name: string): readonly string[] => [
      ...[0, 1, 2, 3, 4].map((i) => `stdout:${name} ${i}\n`),
      `stderr:err ${name}\n`,
      `log:note { name: '${name}' }\n`,
    ];
    const entry = (node: string, state: string): object => ({
      node,
      state,
      metrics: { size: node.length },
      log: log(node),
    });
    const byNode = (list: unknown): unknown => (list as { node: string }[]).sort((x, y) => (x.node < y.node ? -1 : 1));
    expect(byNode(await look(1))).toEqual([entry("aa", "COMPLETE"), entry("bbb", "COMPLETE")]);
    expect(byNode(await look(2))).toEqual([entry("aa", "CACHED"), entry("bbb", "CACHED")]);
  });

  test("nothing of an attempt is left in the temporary folder", async () => {
    using project = new TestProject({
      "pipeline.ts": one(
        `const { writeFileSync } = await import("node:fs"); writeFileSync(ctx.tempDirectory + "/x", "1"); return 1`,
      ),
    });
    expect((await project.drive()).error).toBeUndefined();
    expect(existsSync(project.path(".warmstart/tmp")) ? readdirSync(project.path(".warmstart/tmp")) : []).toEqual([]);
  });

  test("ctx.random depends on configuration and inputs alone", async () => {
    const file = (first: string): string => `${head}
      const work = step("work", (_: { n: number }, ctx) => [${first}ctx.random(), ctx.random()]);
      export default pipeline("p", ({ n = 1 }: { n?: number }) => ({ a: work({ n }) }));`;
    using project = new TestProject({ "pipeline.ts": file("") });
    const first = await project.drive();
    project.write({ "pipeline.ts": file("0 + ") });
    const edited = await project.drive();
    expect(edited.computed).toEqual(["work"]);
    expect(edited.outputs["a"]).toEqual(first.outputs["a"]);
    expect((await project.drive({ params: { n: 2 } })).outputs["a"]).not.toEqual(first.outputs["a"]);
  });
});

describe("where steps are found again", () => {
  const script = (runIt: string): string => `${head}
    const work = step("work", ({ n }: { n: number }) => { console.log("ran"); return n + Number(process.argv[2] ?? 0) + Number(process.env["ADD"] ?? 0); });
    const p = pipeline("p", ({ n = 1 }: { n?: number }) => ({ a: work({ n }) }));
    ${runIt}
    export default p;`;

  test("a script that defines its steps and runs them at top level, with arguments and variables", async () => {
    using project = new TestProject({
      "main.ts": script(`const { a } = await run(p); process.stdout.write("result " + a);`),
    });
    const first = await project.node(["main.ts", "10"], { env: { ADD: "100" } });
    expect([first.stdout, first.stderr, first.exitCode]).toEqual(["result 111", "", 0]);
    expect((await project.node(["main.ts", "10"], { env: { ADD: "100" } })).stdout).toBe("result 111");
  });

  test("two copies of it at once", async () => {
    using project = new TestProject({
      "main.ts": script(`const { a } = await run(p); process.stdout.write("result " + a);`),
    });
    const both = await Promise.all([project.node(["main.ts"]), project.node(["main.ts"])]);
    expect(both.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual([
      ["result 1", 0],
      ["result 1", 0],
    ]);
  });

  test("a module that parks beneath another: the step runs in-process, said aloud with the cure", async () => {
    using project = new TestProject({
      "beneath.ts": `${head} const inner = step("inner", () => 1); export const q = pipeline("q", () => ({ a: inner() })); await run(q);`,
      "pipeline.ts": `import "./beneath.ts";\n${script("")}`,
    });
    const result = await project.drive();
    expect(result.computed).toEqual(["work"]);
    expect(result.events.find((event) => event.kind === "notice")).toMatchObject({
      text: expect.stringMatching(/in this process.*import\.meta\.main/s),
    });
  });

  test("a step made inside a builder runs in-process and is not offered without trust", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head} export default pipeline("p", () => { const inner = step("inner", () => 7); return { a: inner() }; });`,
    });
    const run = await project.drive();
    expect(run.outputs["a"]?.value).toBe(7);
    expect(run.events.find((event) => event.kind === "step-computed")).toMatchObject({
      notOffered: { unseen: [{ kind: "in-process" }] },
    });
    expect((await project.drive()).computed).toEqual(["inner"]);
    expect((await project.drive({ options: { trust: ["in-process"] } })).reused).toEqual(["inner"]);
  });

  test("an in-process step whose source was edited after the program began is not offered, whatever is trusted", async () => {
    using project = new TestProject({
      "helper.ts": `export const helper = () => "old";`,
      "pipeline.ts": `${head} import { helper } from "./helper.ts";
        export default pipeline("p", () => { const inner = step("inner", () => helper()); return { a: inner() }; });`,
      "late.mjs": `import { Repository } from "warmstart"; import { writeFileSync } from "node:fs";
        const { default: p } = await import("./pipeline.ts");
        writeFileSync("helper.ts", 'export const helper = () => "new";');
        await using repository = await Repository.open();
        const run = await repository.run(p, {}, { trust: ["in-process"] });
        console.log(await run.outputs.a.load());`,
    });
    expect((await project.node(["late.mjs"])).stdout.trim()).toBe("old");
    const next = await project.drive({ options: { trust: ["in-process"] } });
    expect([next.computed, next.outputs["a"]?.value]).toEqual([["inner"], "new"]);
  });

  test("an edit between planning and running: what ran is what was keyed", async () => {
    const file = (text: string): string => `${head}
      import { helper } from "./helper.ts";
      import { writeFileSync } from "node:fs";
      const slow = step("slow", async () => { await new Promise((r) => setTimeout(r, 800)); ${text} return 1; });
      const work = step("work", (_: { x: number }) => helper());
      export default pipeline("p", () => ({ a: work({ x: slow() }) }));`;
    const edit = `writeFileSync("helper.ts", 'export const helper = () => "new";');`;
    using project = new TestProject({ "helper.ts": `export const helper = () => "old";`, "pipeline.ts": file(edit) });
    const run = await project.drive();
    expect(run.outputs["a"]?.value).toBe("new");
    writeFileSync(project.path("helper.ts"), `export const helper = () => "old";`);
    const undone = await project.drive();
    expect([undone.computed, undone.outputs["a"]?.value]).toEqual([["slow"], "new"]);
  });
});
