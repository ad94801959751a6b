import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { recordingContext } from "../../src/pipeline/recording-context.ts";
import { step, stepDefinition } from "../../src/pipeline/step.ts";
import { value } from "../../src/pipeline/value.ts";

const add = step("add", ({ a, b }: { a: number; b?: number }, ctx) => {
  ctx.log("adding", a);
  ctx.progress(1, 2);
  ctx.progress(2);
  ctx.metric("sum", a + (b ?? 0));
  return a + (b ?? 0);
});

describe("the plain function", () => {
  test("is called as it is", async () => {
    expect(await add.run({ a: 1, b: 2 })).toBe(3);
    const rows = [1];
    const same = step("same", ({ given }: { given: number[] }) => given);
    expect(await same.run({ given: rows })).toBe(rows);
  });

  test("of many outputs gives what it returns", async () => {
    const split = step("split", { outputs: { a: value<number>(), b: value<number>() } }, () => ({ a: 1, b: 2 }));
    expect(await split.run({})).toEqual({ a: 1, b: 2 });
  });

  test("rejects with what it throws", async () => {
    const failing = step("failing", (): number => {
      throw new RangeError("mine");
    });
    await expect(failing.run({})).rejects.toThrow(new RangeError("mine"));
  });

  test("a step has its name as its own, and is not changed", () => {
    expect([add.id, (add as unknown as { name: string }).name]).toEqual(["add", "add"]);
    expect(() => Object.assign(add, { id: "x" })).toThrow(TypeError);
    expect(stepDefinition(() => 1)).toBeUndefined();
    expect(stepDefinition({})).toBeUndefined();
  });
});

describe("a recording context", () => {
  test("keeps what the step says", async () => {
    using ctx = recordingContext();
    await add.run({ a: 1 }, ctx);
    expect(ctx.logs).toEqual([["adding", 1]]);
    expect(ctx.progressed).toEqual([{ done: 1, total: 2 }, { done: 2 }]);
    expect(ctx.metrics).toEqual({ sum: 1 });
  });

  test("has a temporary folder from the first use to disposal", () => {
    let folder = "";
    {
      using ctx = recordingContext();
      folder = ctx.tempDirectory;
      writeFileSync(join(folder, "x"), "1");
      expect(ctx.tempDirectory).toBe(folder);
    }
    expect(existsSync(folder)).toBe(false);
  });

  test("answers as it is told", () => {
    const controller = new AbortController();
    using ctx = recordingContext({ root: "/data", env: { TZ: "UTC" }, signal: controller.signal });
    expect([ctx.file("a.csv"), ctx.directory("b"), ctx.env("TZ"), ctx.env("PATH")]).toEqual([
      resolve("/data/a.csv"),
      resolve("/data/b"),
      "UTC",
      undefined,
    ]);
    expect(ctx.signal).toBe(controller.signal);
    expect(recordingContext().file("x")).toBe(resolve("x"));
  });

  test("gives the same random numbers for the same seed", () => {
    const numbers = (seed: number): number[] => {
      const { random } = recordingContext({ seed });
      return Array.from({ length: 1_000 }, () => random());
    };
    expect(numbers(1)).toEqual(numbers(1));
    expect(numbers(1)).not.toEqual(numbers(2));
    expect(numbers(3).every((n) => n >= 0 && n < 1)).toBe(true);
    expect(numbers(4).reduce((sum, n) => sum + n) / 1_000).toBeCloseTo(0.5, 1);
  });
});
