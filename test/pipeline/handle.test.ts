import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { artifact } from "../../src/pipeline/artifact-reference.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import type { Output } from "../../src/pipeline/output.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { step } from "../../src/pipeline/step.ts";
import { value } from "../../src/pipeline/value.ts";
import { errorOf, errorOfAsync } from "./error-of.ts";
import type { Said } from "./error-of.ts";

const load = step("load", () => [1, 2, 3]);
const split = step("split", { outputs: { train: value<number[]>(), test: value<number[]>() } }, () => ({
  train: [1],
  test: [2],
}));

/** Does something with a handle inside a builder. */
async function inBuilder<T>(use: (handle: Output<number[]>) => T): Promise<T> {
  let result: { readonly of: T } | undefined;
  await compilePipeline(
    pipeline("p", () => {
      result = { of: use(load()) };
      return {};
    }),
  );
  return (result as { readonly of: T }).of;
}

const misused = (use: (handle: never) => unknown): Promise<Said> =>
  inBuilder((handle) => errorOf(() => use(handle as never)));

const TO_A_STEP = "Hand the output to a step as an input, and do this with the value that its function gets.";
const READ_THERE =
  "Hand the output to a step and read the property there, or declare `outputs` so that each part is an output of its own.";
const ITERATE_THERE =
  "Hand the output to a step and iterate there; how many nodes a pipeline has can depend on its parameters, never on a result.";
const CHANGE_THERE = "Hand the output to a step that gives back the changed value.";

describe("a handle refuses every use but being handed on", () => {
  test.each<[string, (handle: never) => unknown, string, string]>([
    ["template text", (h) => `${h as string}`, "was used as text or as a number", TO_A_STEP],
    ["concatenation", (h) => (h as string) + "x", "was used as text or as a number", TO_A_STEP],
    ["arithmetic", (h) => (h as number) * 2, "was used as text or as a number", TO_A_STEP],
    ["comparison", (h) => (h as number) > 2, "was used as text or as a number", TO_A_STEP],
    ["String()", (h) => String(h), "was used as text or as a number", TO_A_STEP],
    ["toString()", (h) => (h as number).toString(), "was used as text or as a number", TO_A_STEP],
    ["valueOf()", (h) => (h as object).valueOf(), "was used as text or as a number", TO_A_STEP],
    ["as a key", (h) => ({})[h as string], "was used as text or as a number", TO_A_STEP],
    ["for … of", (h) => [...(h as number[])], "was iterated", ITERATE_THERE],
    [
      "array destructuring",
      (h) => {
        const [first] = h as number[];
        return first;
      },
      "was iterated",
      ITERATE_THERE,
    ],
    ["Array.from", (h) => Array.from(h as number[]), "was iterated", ITERATE_THERE],
    ["JSON", (h) => JSON.stringify(h), "was given to JSON.stringify", TO_A_STEP],
    ["JSON of a record", (h) => JSON.stringify({ deep: [h] }), "was given to JSON.stringify", TO_A_STEP],
    ["a property", (h) => (h as number[]).length, "was asked for its property `length`", READ_THERE],
    [
      "destructuring",
      (h) => {
        const { weights } = h as { weights: 1 };
        return weights;
      },
      "was asked for its property `weights`",
      READ_THERE,
    ],
    ["a method", (h) => (h as number[]).map((n) => n), "was asked for its property `map`", READ_THERE],
    ["in", (h) => "weights" in (h as object), "was asked for its property `weights`", READ_THERE],
    ["hasOwn", (h) => Object.hasOwn(h as object, "x"), "was asked for its property `x`", READ_THERE],
    ["spread", (h) => ({ ...(h as object) }), "had its properties listed or spread", TO_A_STEP],
    ["Object.keys", (h) => Object.keys(h as object), "had its properties listed or spread", TO_A_STEP],
    ["instanceof", (h) => (h as object) instanceof Array, "was asked for its class", TO_A_STEP],
    [
      "assignment",
      (h) => {
        (h as { x: number }).x = 1;
      },
      "was changed",
      CHANGE_THERE,
    ],
    ["delete", (h) => delete (h as { x?: number }).x, "was changed", CHANGE_THERE],
    ["freeze", (h) => Object.freeze(h), "was changed", CHANGE_THERE],
  ])("%s", async (_, use, did, cure) => {
    expect(await misused(use)).toEqual({
      code: "WS_HANDLE_MISUSED",
      message: `\`load\` (handle.test.ts:N) is the output of a step that has not run yet, and ${did}.`,
      hint: cure,
    });
  });

  test("await", async () => {
    const handle = await inBuilder((output) => ({ output }));
    expect(await errorOfAsync(async () => handle.output)).toEqual({
      code: "WS_HANDLE_MISUSED",
      message: "`load` (handle.test.ts:N) is the output of a step that has not run yet, and was awaited.",
      hint: "A builder only connects steps, so there is nothing to wait for: hand the output to a step as an input. After the run, `await run(pipeline)` gives values.",
    });
  });

  test("an artifact says that it is one", async () => {
    const builder = pipeline("p", () => {
      void (artifact("late-model@3") as unknown as { x: number }).x;
      return {};
    });
    expect((await errorOfAsync(() => compilePipeline(builder))).message).toBe(
      "`late-model@3` (handle.test.ts:N) is an artifact that is not loaded yet, and was asked for its property `x`.",
    );
  });
});

describe("a handle can be looked at", () => {
  test("printing names it", async () => {
    expect(await inBuilder((handle) => inspect({ handle }))).toBe("{ handle: Output<load> }");
  });

  test("printing names one of several outputs", async () => {
    const builder = pipeline("p", () => {
      expect(inspect(split())).toBe("{ train: Output<split.train>, test: Output<split.test> }");
      return {};
    });
    await compilePipeline(builder);
  });

  test("what test runners and printers ask has an answer", async () => {
    await inBuilder((handle) => {
      expect(handle).toBe(handle);
      expect(Object.prototype.toString.call(handle)).toBe("[object Object]");
    });
  });
});

describe("a record of outputs", () => {
  const recordError = async (use: (record: never) => unknown): Promise<Said> => {
    let error: Said | undefined;
    const builder = pipeline("p", () => {
      error = errorOf(() => use(split() as never));
      return {};
    });
    await compilePipeline(builder);
    return error as Said;
  };

  test("has only the outputs that there are", async () => {
    expect(await recordError((record) => (record as { tran: 1 }).tran)).toEqual({
      code: "WS_HANDLE_MISUSED",
      message: "`split` (handle.test.ts:N) has no output `tran`.",
      hint: "Did you mean `train`? Its outputs are `train`, `test`.",
    });
    expect((await recordError((record) => (record as { rows: 1 }).rows)).hint).toBe("Its outputs are `train`, `test`.");
  });

  test("cannot be used as text, serialised or changed", async () => {
    expect((await recordError((record) => `${record as string}`)).code).toBe("WS_HANDLE_MISUSED");
    expect((await recordError((record) => JSON.stringify(record))).code).toBe("WS_HANDLE_MISUSED");
    await compilePipeline(
      pipeline("p", () => {
        const record = split();
        expect(() => Object.assign(record, { train: 1 })).toThrow(TypeError);
        return { record };
      }),
    );
  });
});
