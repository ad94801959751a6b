import { mkdirSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { TestProject } from "../rig/project.ts";

const head = `import { materializer, pipeline, step, value } from "warmstart";\n`;

/** Each edit must be computed, and each must give its own result. */
async function values(project: TestProject, ...names: readonly string[]): Promise<readonly unknown[]> {
  const run = await project.drive();
  expect(run.error).toBeUndefined();
  return names.map((name) => run.outputs[name]?.value);
}

test("two steps with the same inputs in one file", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const plus = step("work", ({ n }: { n: number }) => n + 1);
      const minus = step("work", ({ n }: { n: number }) => n - 1);
      export default pipeline("p", () => ({ a: plus({ n: 5 }), b: minus({ n: 5 }) }));`,
  });
  expect(await values(project, "a", "b")).toEqual([6, 4]);
  expect(await values(project, "a", "b")).toEqual([6, 4]);
});

test("two steps on one line", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const a = step("work", ({ n }: { n: number }) => n + 1), b = step("work", ({ n }: { n: number }) => n - 1);
      export default pipeline("p", () => ({ a: a({ n: 5 }), b: b({ n: 5 }) }));`,
  });
  expect(await values(project, "a", "b")).toEqual([6, 4]);
});

test("makeStep(3) and makeStep(5)", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const makeStep = (k: number) => step("times", ({ n }: { n: number }) => n * k);
      const by3 = makeStep(3);
      const by5 = makeStep(5);
      export default pipeline("p", () => ({ a: by3({ n: 2 }), b: by5({ n: 2 }) }));`,
  });
  expect(await values(project, "a", "b")).toEqual([6, 10]);
  const again = await project.drive();
  expect(again.reused).toEqual(["times", "times-2"]);
  project.write({
    "pipeline.ts": `${head}
      const makeStep = (k: number) => step("times", ({ n }: { n: number }) => n * k);
      const by3 = makeStep(4);
      const by5 = makeStep(5);
      export default pipeline("p", () => ({ a: by3({ n: 2 }), b: by5({ n: 2 }) }));`,
  });
  expect(await values(project, "a", "b")).toEqual([8, 10]);
});

test("wrap(f) and wrap(g)", async () => {
  using project = new TestProject({
    "wrap.ts": `export const wrap = (inner: (n: number) => number) => ({ n }: { n: number }) => inner(n);`,
    "f.ts": `export const f = (n: number) => n + 100;`,
    "pipeline.ts": `${head}
      import { wrap } from "./wrap.ts";
      import { f } from "./f.ts";
      const g = (n: number) => n + 200;
      const a = step("a", wrap(f));
      const b = step("a", wrap(g));
      export default pipeline("p", () => ({ a: a({ n: 1 }), b: b({ n: 1 }) }));`,
  });
  expect(await values(project, "a", "b")).toEqual([101, 201]);
  expect((await project.drive()).reused).toEqual(["a", "a-2"]);
  project.write({ "f.ts": `export const f = (n: number) => n + 101;` });
  expect(await values(project, "a", "b")).toEqual([102, 201]);
});

test("ops[k], picked from a table", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const ops = { add: ({ n }: { n: number }) => n + 1, double: ({ n }: { n: number }) => n * 2 };
      const k = process.env["OP"] === "double" ? "double" : "add";
      const op = step("op", ops[k]);
      export default pipeline("p", () => ({ a: op({ n: 10 }) }));`,
  });
  expect((await project.drive({ env: { OP: "add" } })).outputs["a"]?.value).toBe(11);
  expect((await project.drive({ env: { OP: "double" } })).outputs["a"]?.value).toBe(20);
  expect((await project.drive({ env: { OP: "add" } })).outputs["a"]?.value).toBe(11);
});

test("inline steps that capture a pipeline's parameter", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      export default pipeline("p", ({ k = 1 }: { k?: number }) => {
        const inline = step("inline", ({ n }: { n: number }) => n * k);
        return { a: inline({ n: 10 }) };
      });`,
  });
  const trust = { trust: ["in-process"] };
  expect((await project.drive({ params: { k: 2 }, options: trust })).outputs["a"]?.value).toBe(20);
  expect((await project.drive({ params: { k: 3 }, options: trust })).outputs["a"]?.value).toBe(30);
  const again = await project.drive({ params: { k: 2 }, options: trust });
  expect(again.outputs["a"]?.value).toBe(20);
  expect(again.reused).toEqual(["inline"]);
});

test("a set-up module imported only by the pipeline's file", async () => {
  using project = new TestProject({
    "setup.ts": `(globalThis as any).factor = 2;`,
    "work.ts": `${head} export const work = step("work", ({ n }: { n: number }) => n * (globalThis as any).factor);`,
    "pipeline.ts": `import "./setup.ts";\n${head}
      import { work } from "./work.ts";
      export default pipeline("p", () => ({ a: work({ n: 10 }) }));`,
  });
  expect(await values(project, "a")).toEqual([20]);
  expect((await project.drive()).reused).toEqual(["work"]);
  project.write({ "setup.ts": `(globalThis as any).factor = 3;` });
  expect(await values(project, "a")).toEqual([30]);
});

test("a method of an input whose class the step imports as a type alone", async () => {
  const model = (factor: number): string => `${head}
    export class Model {
      readonly w: number;
      constructor(w: number) { this.w = w; }
      predict(n: number): number { return this.w * n * ${factor}; }
    }
    export const kept = materializer("late-model", {
      version: 1, is: (v): v is Model => v instanceof Model, save: (m) => ({ w: m.w }), load: (p: { w: number }) => new Model(p.w) });`;
  using project = new TestProject({
    "model.ts": model(1),
    "predict.ts": `${head} import type { Model } from "./model.ts";
      export const predict = step("predict", ({ model, n }: { model: Model; n: number }) => model.predict(n));`,
    "pipeline.ts": `${head}
      import { Model, kept } from "./model.ts";
      import { predict } from "./predict.ts";
      const train = step("train", { output: value<Model>({ materializer: kept }), version: "1", code: { version: "1" } }, ({ w }: { w: number }) => new Model(w));
      export default pipeline("p", () => ({ a: predict({ model: train({ w: 2 }), n: 5 }) }));`,
  });
  expect(await values(project, "a")).toEqual([10]);
  expect((await project.drive()).reused).toEqual(["train", "predict"]);
  project.write({ "model.ts": model(7) });
  expect(await values(project, "a")).toEqual([70]);
});

test("a myStep() wrapper in another module", async () => {
  using project = new TestProject({
    "my-step.ts": `import { step } from "warmstart";
      export const myStep = (name: string, fn: (n: number) => number) => step(name, ({ n }: { n: number }) => fn(n));`,
    "pipeline.ts": `${head}
      import { myStep } from "./my-step.ts";
      const a = myStep("work", (n) => n + 1);
      const b = myStep("work", (n) => n + 2);
      export default pipeline("p", () => ({ a: a({ n: 0 }), b: b({ n: 0 }) }));`,
  });
  expect(await values(project, "a", "b")).toEqual([1, 2]);
  expect((await project.drive()).reused).toEqual(["work", "work-2"]);
});

test("a wrapper's steps, counted otherwise in a worker that imports fewer modules", async () => {
  using project = new TestProject({
    "my-step.ts": `import { step } from "warmstart";
      export const myStep = (name: string, fn: (inputs: { n: number }) => number) => step(name, fn);`,
    "unrelated.ts": `import { myStep } from "./my-step.ts"; export const h = myStep("work", ({ n }) => n + 1000);`,
    "pipeline.ts": `${head}
      import { myStep } from "./my-step.ts";
      const a = myStep("work", ({ n }) => n + 1);
      const b = myStep("work", ({ n }) => n + 2);
      export default pipeline("p", () => ({ a: a({ n: 0 }), b: b({ n: 0 }) }));`,
    "main.ts": `import "./unrelated.ts"; export { default } from "./pipeline.ts";`,
  });
  const run = await project.drive({ file: "main.ts" });
  expect([run.outputs["a"]?.value, run.outputs["b"]?.value]).toEqual([1, 2]);
  expect(run.events.filter((event) => event.kind === "notice")).toEqual([]);
});

test("a function chosen by what only the main program knows is not mistaken for another", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      const ops = [({ n }: { n: number }) => n + 1, ({ n }: { n: number }) => n * 100];
      const op = step("op", ops[(globalThis as any).chosen ?? 0]!);
      export default pipeline("p", () => ({ a: op({ n: 3 }) }));`,
    "main.ts": `(globalThis as any).chosen = 1; export const { default: p } = await import("./pipeline.ts");`,
  });
  const run = await project.drive({ file: "main.ts", exported: "p" });
  expect(run.outputs["a"]?.value).toBe(300);
  expect((await project.drive()).outputs["a"]?.value).toBe(4);
});

test("with code: { version }, functions that only their order tells apart are not offered; named ones are", async () => {
  const file = (first: string, second: string): string => `${head}
    const [a, b] = [step("s", { code: { version: "1" } }, ${first}), step("s", { code: { version: "1" } }, ${second})];
    const named = step("named", { code: { version: "1" } }, ({ n }: { n: number }) => n);
    export default pipeline("p", () => ({ a: a({ n: 5 }), b: b({ n: 5 }), c: named({ n: 1 }) }));`;
  const plus = "({ n }: { n: number }) => n + 1";
  const minus = "({ n }: { n: number }) => n - 1";
  using project = new TestProject({ "pipeline.ts": file(plus, minus) });
  expect(await values(project, "a", "b")).toEqual([6, 4]);
  project.write({ "pipeline.ts": file(minus, plus) });
  expect(await values(project, "a", "b")).toEqual([4, 6]);
  expect((await project.drive()).reused).toEqual(["named"]);
});

test("a workspace package edited at the same version", async () => {
  using project = new TestProject({
    "package.json": JSON.stringify({ name: "root", private: true, type: "module", workspaces: ["packages/*"] }),
    "packages/feat/package.json": JSON.stringify({
      name: "@acme/feat",
      version: "1.0.0",
      type: "module",
      exports: "./index.ts",
    }),
    "packages/feat/index.ts": `export const feat = (n: number) => n + 1;`,
    "pipeline.ts": `${head} import { feat } from "@acme/feat";
      const work = step("work", ({ n }: { n: number }) => feat(n));
      export default pipeline("p", () => ({ a: work({ n: 1 }) }));`,
  });
  mkdirSync(project.path("node_modules/@acme"));
  symlinkSync(project.path("packages/feat"), project.path("node_modules/@acme/feat"));
  expect(await values(project, "a")).toEqual([2]);
  expect((await project.drive()).reused).toEqual(["work"]);
  project.write({ "packages/feat/index.ts": `export const feat = (n: number) => n + 10;` });
  expect(await values(project, "a")).toEqual([11]);
});

test("a hit does not stand over a file that another parameter's execution overwrote", async () => {
  using project = new TestProject({
    "pipeline.ts": `${head}
      import { readFileSync, writeFileSync } from "node:fs";
      const write = step("write", ({ x }: { x: number }) => { writeFileSync("out.csv", String(x)); return x; });
      const read = step("read", (_: { x: number }, ctx) => readFileSync(ctx.file("out.csv"), "utf8"));
      export default pipeline("p", ({ x }: { x: number }) => {
        const written = write({ x });
        return { a: read({ x }, { after: [written] }) };
      });`,
  });
  const of = async (x: number): Promise<unknown> => (await project.drive({ params: { x } })).outputs["a"]?.value;
  expect(await of(1)).toBe("1");
  expect(await of(2)).toBe("2");
  expect(await of(1)).toBe("1");
  expect(await of(1)).toBe("1");
  const last = await project.drive({ params: { x: 1 } });
  expect(last.reused).toEqual(["write", "read"]);
});
