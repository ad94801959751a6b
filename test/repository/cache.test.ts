import { cpSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { pipeline, secret, step, value } from "warmstart";\n`;

const chain = (options = "{}", body = "n + 1"): string => `${head}
  const first = step("first", ${options}, ({ n }: { n: number }) => ${body});
  const second = step("second", ({ m }: { m: number }) => m * 10);
  export default pipeline("p", ({ n = 1 }: { n?: number }) => ({ b: second({ m: first({ n }) }) }));`;

describe("what is reused", () => {
  test("everything, the second time: it did not run again, and the bytes are the same", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        import { appendFileSync } from "node:fs";
        const work = step("work", ({ n }: { n: number }) => { appendFileSync("ran.log", "x"); return { n, at: [1, 2, 3] }; });
        export default pipeline("p", () => ({ a: work({ n: 1 }) }));`,
    });
    const cold = await project.drive();
    const warm = await project.drive();
    expect(readFileSync(project.path("ran.log"), "utf8")).toBe("x");
    expect(warm.reused).toEqual(["work"]);
    expect(warm.outputs["a"]).toEqual(cold.outputs["a"]);
  });

  test("across pipelines and node ids", async () => {
    using project = new TestProject({
      "steps.ts": `${head} export const work = step("work", ({ n }: { n: number }) => n + 1);`,
      "pipeline.ts": `${head} import { work } from "./steps.ts";
        export default pipeline("p", () => ({ a: work({ n: 1 }) }));
        export const other = pipeline("q", () => ({ z: work({ n: 1 }, { id: "elsewhere" }) }));`,
    });
    await project.drive();
    expect((await project.drive({ exported: "other" })).reused).toEqual(["elsewhere"]);
  });

  test("in a moved folder, and in another checkout that shares the repository", async () => {
    using project = new TestProject({ "pipeline.ts": chain() });
    await project.drive();
    using copy = new TestProject({ "pipeline.ts": chain() });
    cpSync(project.path(".warmstart"), copy.path(".warmstart"), { recursive: true });
    expect((await copy.drive()).reused).toEqual(["first", "second"]);
    using checkout = new TestProject({ "pipeline.ts": chain() });
    const env = { WARMSTART_REPOSITORY: project.path(".warmstart") };
    expect((await checkout.drive({ env })).reused).toEqual(["first", "second"]);
  });

  test("early cutoff: the same bytes out, and everything behind still hits", async () => {
    using project = new TestProject({ "pipeline.ts": chain("{}", "Math.abs(n)") });
    await project.drive({ params: { n: 5 } });
    const run = await project.drive({ params: { n: -5 } });
    expect(run.computed).toEqual(["first"]);
    expect(run.reused).toEqual(["second"]);
    expect(run.reasons["first"]).toBe("n: 5 → -5");
  });

  test("an undo is a hit", async () => {
    using project = new TestProject({ "pipeline.ts": chain() });
    await project.drive();
    project.write({ "pipeline.ts": chain("{}", "n + 2") });
    expect((await project.drive()).computed).toEqual(["first", "second"]);
    project.write({ "pipeline.ts": chain() });
    expect((await project.drive()).reused).toEqual(["first", "second"]);
  });

  test("the same computation twice in one run is done once", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        import { appendFileSync } from "node:fs";
        const work = step("work", ({ n }: { n: number }) => { appendFileSync("ran.log", "x"); return n; });
        export default pipeline("p", () => ({ a: work({ n: 1 }), b: work({ n: 1 }) }));`,
    });
    const run = await project.drive({ options: { parallel: 2 } });
    expect(readFileSync(project.path("ran.log"), "utf8")).toBe("x");
    expect([run.computed.length, run.reused.length]).toEqual([1, 1]);
  });
});

describe("policy", () => {
  test("off neither looks up nor stores for later; the run's flag is stronger than the step's word", async () => {
    using project = new TestProject({ "pipeline.ts": chain(`{ cache: "off" }`) });
    await project.drive();
    const again = await project.drive();
    expect(again.reasons["first"]).toBe("cache off, said by the step");
    expect(again.reused).toEqual(["second"]);
    const noCache = await project.drive({ options: { noCache: true } });
    expect(noCache.reasons["second"]).toBe("cache off, asked for by this run");
  });

  test("refresh computes and retires what was there for good", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head} import { randomUUID } from "node:crypto";
        const id = step("id", () => randomUUID());
        export default pipeline("p", () => ({ a: id() }));`,
    });
    const first = await project.drive();
    const fresh = await project.drive({ options: { refresh: ["id"] } });
    const later = await project.drive();
    expect(fresh.outputs["a"]?.value).not.toBe(first.outputs["a"]?.value);
    expect(later.reused).toEqual(["id"]);
    expect(later.outputs["a"]?.value).toBe(fresh.outputs["a"]?.value);
  });

  test("ttl counts from when it was computed, and an expired result says so", async () => {
    using project = new TestProject({ "pipeline.ts": chain(`{ cache: { ttl: "1ms" } }`) });
    await project.drive();
    const again = await project.drive();
    expect(again.computed).toEqual(["first"]);
    expect(again.reasons["first"]).toMatch(/older than its ttl/);
    project.write({ "pipeline.ts": chain(`{ cache: { ttl: "1h" } }`) });
    await project.drive();
    expect((await project.drive()).computed).toEqual([]);
  });

  test("version, salt and dataVersion are leaves of the key; ignored inputs are not", async () => {
    const file = (options: string): string => `${head}
      const work = step("work", { code: { version: "1" }, ${options} }, ({ n, note }: { n: number; note: string }) => n + note.length);
      export default pipeline("p", ({ note = "a" }: { note?: string }) => ({ a: work({ n: 1, note }) }));`;
    using project = new TestProject({ "pipeline.ts": file("") });
    await project.drive();
    project.write({ "pipeline.ts": file(`version: "2"`) });
    expect((await project.drive()).computed).toEqual(["work"]);
    project.write({ "pipeline.ts": file(`salt: "s"`) });
    expect((await project.drive()).computed).toEqual(["work"]);
    project.write({ "pipeline.ts": file(`dataVersion: ({ n }) => process.env["TABLE"] + String(n)`) });
    expect((await project.drive({ env: { TABLE: "1" } })).computed).toEqual(["work"]);
    expect((await project.drive({ env: { TABLE: "1" } })).reused).toEqual(["work"]);
    const changed = await project.drive({ env: { TABLE: "2" } });
    expect(changed.reasons["work"]).toBe('dataVersion: "11" → "21"');
    project.write({ "pipeline.ts": file(`ignore: ["note"]`) });
    await project.drive({ params: { note: "a" } });
    expect((await project.drive({ params: { note: "bbb" } })).reused).toEqual(["work"]);
  });

  test("a dataVersion that throws: computed, not offered, and said", async () => {
    using project = new TestProject({
      "pipeline.ts": `${head}
        const work = step("work", { dataVersion: () => { throw new Error("table is gone"); } }, () => 1);
        export default pipeline("p", () => ({ a: work() }));`,
    });
    await project.drive();
    const again = await project.drive();
    expect(again.reasons["work"]).toBe("its dataVersion failed: table is gone");
  });
});

describe("selection", () => {
  test("from: everything before must be a hit, else it names what would be computed", async () => {
    using project = new TestProject({ "pipeline.ts": chain() });
    const cold = await project.drive({ options: { from: ["second"] } });
    expect(cold.error).toMatchObject({ code: "WS_WOULD_COMPUTE" });
    expect(cold.error?.message).toContain("first (first time)");
    await project.drive({ options: { to: ["first"] } });
    const warm = await project.drive({ options: { only: ["second"] } });
    expect([warm.reused, warm.computed]).toEqual([["first"], ["second"]]);
  });

  test("an unknown step suggests the nearest", async () => {
    using project = new TestProject({ "pipeline.ts": chain() });
    const run = await project.drive({ options: { refresh: ["secnd"] } });
    expect(run.error?.hint).toBe("Did you mean second?");
  });
});

describe("what a step reads", () => {
  const reading = `${head}
    import { readFileSync, readdirSync } from "node:fs";
    const work = step("work", (_: {}, ctx) => {
      let all = ctx.env("REGION") ?? "none";
      try { all += readFileSync(ctx.file("data/a.txt"), "utf8"); } catch { all += "absent"; }
      return all + readdirSync(ctx.directory("data/more")).join();
    });
    export default pipeline("p", () => ({ a: work() }));`;

  test("a changed file, an absent one that comes, a listing, a variable: each is a miss; each undone is a hit", async () => {
    using project = new TestProject({ "pipeline.ts": reading, "data/a.txt": "one", "data/more/x": "1" });
    const env = { REGION: "eu" };
    expect((await project.drive({ env })).outputs["a"]?.value).toBe("euonex");
    expect((await project.drive({ env })).reused).toEqual(["work"]);
    project.write({ "data/a.txt": "two" });
    const changed = await project.drive({ env });
    expect(changed.outputs["a"]?.value).toBe("eutwox");
    expect(changed.reasons["work"]).toBe("data/a.txt changed");
    rmSync(project.path("data/a.txt"));
    expect((await project.drive({ env })).outputs["a"]?.value).toBe("euabsentx");
    expect((await project.drive({ env })).reused).toEqual(["work"]);
    project.write({ "data/a.txt": "one" });
    expect((await project.drive({ env })).reused).toEqual(["work"]);
    project.write({ "data/more/y": "2" });
    expect((await project.drive({ env })).outputs["a"]?.value).toBe("euonex,y");
    const region = await project.drive({ env: { REGION: "us" } });
    expect(region.outputs["a"]?.value).toBe("usonex,y");
    expect(region.reasons["work"]).toBe("environment variable REGION changed");
  });

  test("a folder where a file was absent is not the absent file", async () => {
    using project = new TestProject({ "pipeline.ts": reading, "data/more/x": "1" });
    expect((await project.drive()).outputs["a"]?.value).toBe("noneabsentx");
    project.write({ "data/a.txt/inner": "now a folder" });
    expect((await project.drive()).computed).toEqual(["work"]);
  });

  test("a file that changes while the step runs: used for this run, not offered, and said", async () => {
    using project = new TestProject({
      "data.txt": "one",
      "pipeline.ts": `${head}
        import { readFileSync } from "node:fs";
        import { execFileSync } from "node:child_process";
        const work = step("work", (_: {}, ctx) => {
          const text = readFileSync(ctx.file("data.txt"), "utf8");
          if (process.env["EDIT"]) execFileSync("sh", ["-c", "printf two > data.txt"]);
          return text;
        });
        export default pipeline("p", () => ({ a: work() }));`,
    });
    const run = await project.drive({ env: { EDIT: "1" } });
    const event = run.events.find((one) => one.kind === "step-computed");
    expect(event).toMatchObject({ notOffered: { text: expect.stringContaining("data.txt changed while it ran") } });
    project.write({ "data.txt": "one" });
    expect((await project.drive()).computed).toEqual(["work"]);
  });
});

test("a secret's value reaches the step and nothing else; rotating it is a hit unless it is in the key", async () => {
  const file = (inKey: string): string => `${head}
    const work = step("work", ({ token }: { token: string }, ctx) => { ctx.log("using", token); console.log(token); return token.length; });
    export default pipeline("p", () => ({ a: work({ token: secret("API_TOKEN"${inKey}) }) }));`;
  using project = new TestProject({ "pipeline.ts": file("") });
  const value = "s3cr3t-0123456789";
  const first = await project.drive({ env: { API_TOKEN: value } });
  expect(first.outputs["a"]?.value).toBe(value.length);
  expect(JSON.stringify(first.events)).not.toContain(value);
  expect(
    (
      await project.node([
        "-e",
        `process.stdout.write(require("node:child_process").execFileSync("grep", ["-rlc", ${JSON.stringify(value)}, ".warmstart"], { stdio: ["ignore", "pipe", "ignore"] }))`,
      ])
    ).stdout,
  ).toBe("");
  expect((await project.drive({ env: { API_TOKEN: "another" } })).reused).toEqual(["work"]);
  project.write({ "pipeline.ts": file(", { inKey: true }") });
  await project.drive({ env: { API_TOKEN: "one" } });
  expect((await project.drive({ env: { API_TOKEN: "one" } })).reused).toEqual(["work"]);
  expect((await project.drive({ env: { API_TOKEN: "two" } })).computed).toEqual(["work"]);
  const missing = await project.drive({ options: { noCache: true } });
  expect(missing.error?.message).toContain("The secret API_TOKEN that step work needs has no value");
});
