import { describe, expect, test } from "vitest";
import { artifact } from "../../src/pipeline/artifact-reference.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import type { Output } from "../../src/pipeline/output.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { enterStep } from "../../src/pipeline/running-step.ts";
import { step } from "../../src/pipeline/step.ts";
import { errorOf, errorOfAsync } from "./error-of.ts";
import type { Said } from "./error-of.ts";

const load = step("load", ({ path }: { path?: string }) => [path ?? ""]);
const train = step("train", ({ rows }: { rows: unknown }) => rows);
const inner = pipeline("inner", () => ({ rows: load() }));

/** Compiles a builder that the compiler would refuse. */
const failing = (build: () => unknown): Promise<Said> =>
  errorOfAsync(() => compilePipeline(pipeline("p", build as () => Record<string, never>)));

describe("outside a pipeline", () => {
  test("a step points to run", () => {
    expect(errorOf(() => load({ path: "x" }))).toEqual({
      code: "WS_OUTSIDE_PIPELINE",
      message: "Step `load` was called outside a pipeline (builder-errors.test.ts:N).",
      hint: "Inside `pipeline(name, build)` a call adds a node. To call the plain function, as in a unit test: `load.run(inputs, ctx?)`.",
    });
  });

  test("the line is that of the call", () => {
    const here = new Error().stack?.split("\n")[1] ?? "";
    const line = Number(/:(\d+):\d+\)?$/.exec(here)?.[1]);
    expect(() => load()).toThrow(`(builder-errors.test.ts:${line + 2})`);
  });

  test("an inner pipeline points to run", () => {
    expect(errorOf(() => inner())).toEqual({
      code: "WS_OUTSIDE_PIPELINE",
      message: "Pipeline `inner` was called outside a pipeline (builder-errors.test.ts:N).",
      hint: "Run it: `await run(inner, params)`. Only the builder of another pipeline calls it directly.",
    });
  });

  test("an artifact too", () => {
    expect(errorOf(() => artifact("m@latest"))).toEqual({
      code: "WS_OUTSIDE_PIPELINE",
      message: '`artifact("m@latest")` was called outside a pipeline (builder-errors.test.ts:N).',
      hint: "Call it inside the builder of a pipeline and hand what it gives to a step.",
    });
  });

  test("after a builder that threw, there is no builder", async () => {
    await expect(
      compilePipeline(
        pipeline("p", (): Record<string, never> => {
          throw new RangeError("mine");
        }),
      ),
    ).rejects.toThrow(new RangeError("mine"));
    expect(() => load()).toThrow("outside a pipeline");
  });
});

describe("inside a running step", () => {
  const within = (work: () => unknown): Promise<Said> => errorOfAsync(async () => enterStep("fit", work));

  test("a step, a pipeline and an artifact are refused", async () => {
    expect(await within(() => load())).toEqual({
      code: "WS_STEP_IN_STEP",
      message: "Step `load` was called inside the running step `fit` (builder-errors.test.ts:N).",
      hint: "Call its plain function, or `load.run(inputs, ctx)`. To make it a node of its own, call it in the pipeline and hand its output over.",
    });
    expect(await within(() => inner())).toEqual({
      code: "WS_STEP_IN_STEP",
      message: "Pipeline `inner` was called inside the running step `fit` (builder-errors.test.ts:N).",
      hint: "Call it in the pipeline and hand its results to this step as inputs.",
    });
    expect((await within(() => artifact("m@1"))).code).toBe("WS_STEP_IN_STEP");
  });

  test("also after an await, and through `run`", async () => {
    const late = step("late", async () => {
      await Promise.resolve();
      return load();
    });
    expect((await errorOfAsync(() => late.run({}))).message).toContain("inside the running step `late`");
  });

  test("a step that builds a pipeline of its own may call steps in it", async () => {
    const nested = await enterStep("fit", () => compilePipeline(inner));
    expect(nested.spec.nodes).toHaveLength(1);
  });

  test("a step whose plain function is run in a builder is still inside a step", async () => {
    const sneaky = step("sneaky", () => load());
    let error: Promise<Said> | undefined;
    await compilePipeline(
      pipeline("p", () => {
        error = errorOfAsync(() => sneaky.run({}));
        return {};
      }),
    );
    expect((await error)?.code).toBe("WS_STEP_IN_STEP");
  });
});

describe("handles of elsewhere", () => {
  const HINT =
    'Call the step that makes it in this pipeline too: what is already computed is reused. For a stored result, use `artifact("name@latest")`.';

  async function leaked(): Promise<{ readonly foreign: Output<string[]> }> {
    const box: { foreign?: Output<string[]> } = {};
    await compilePipeline(
      pipeline("other", () => {
        box.foreign = load();
        return {};
      }),
    );
    return box as { readonly foreign: Output<string[]> };
  }

  test("as an input, deep inside, in `after` and among the results", async () => {
    const box = await leaked();
    expect(await failing(() => ({ m: train({ rows: box.foreign }) }))).toEqual({
      code: "WS_FOREIGN_HANDLE",
      message:
        "Step `train` (builder-errors.test.ts:N) was given `load` (builder-errors.test.ts:N), which belongs to another pipeline or to an earlier building of this one.",
      hint: HINT,
    });
    expect((await failing(() => ({ m: train({ rows: [{ a: box.foreign }] }) }))).code).toBe("WS_FOREIGN_HANDLE");
    expect((await failing(() => ({ m: load({}, { after: [box.foreign] }) }))).code).toBe("WS_FOREIGN_HANDLE");
    expect(await failing(() => ({ deep: [box.foreign] }))).toMatchObject({
      code: "WS_FOREIGN_HANDLE",
      message: expect.stringContaining(
        "The result `deep[0]` of pipeline `p` (builder-errors.test.ts:N) was given `load`",
      ),
    });
  });
});

describe("an async builder", () => {
  const HINT =
    "A builder only connects steps: remove `async`, and move what it awaits into a step, or await it before and pass it as a parameter.";

  test("is refused, whatever it does afterwards", async () => {
    const expected = {
      code: "WS_ASYNC_BUILDER",
      message: "The builder of pipeline `p` (builder-errors.test.ts:N) is async.",
      hint: HINT,
    };
    expect(await failing(async () => ({ rows: load() }))).toEqual(expected);
    expect(
      await failing(async () => {
        await Promise.resolve();
        return { rows: load() };
      }),
    ).toEqual(expected);
    expect(await failing(async () => ({ rows: await (load() as unknown as Promise<1>) }))).toEqual(expected);
  });

  test("of an inner pipeline too", async () => {
    const asynchronous = pipeline("deep", (async () => ({ rows: load() })) as unknown as () => Record<string, never>);
    expect((await failing(() => ({ a: asynchronous() }))).message).toBe(
      "The builder of pipeline `deep` (builder-errors.test.ts:N) is async.",
    );
  });
});

describe("results that are none", () => {
  const HINT_RECORD = "Return a record of outputs: return { model, report }; `return {}` if there is nothing to keep.";
  const HINT_PLAIN = "Only outputs of steps are results: return this from a step, and give back what its call gives.";

  class Box {
    readonly output: unknown;
    constructor(output: unknown) {
      this.output = output;
    }
  }

  test.each<[string, () => unknown, string, string]>([
    ["nothing", () => undefined, "gives back undefined", HINT_RECORD],
    ["null", () => null, "gives back null", HINT_RECORD],
    ["a number", () => 3, "gives back 3", HINT_RECORD],
    ["an array", () => [1], "gives back [1]", HINT_RECORD],
    [
      "an output alone",
      () => load(),
      "gives back the output `load` alone",
      "Return a record, so that the result has a name: return { model }.",
    ],
    ["a plain value", () => ({ rows: load(), n: 1 }), "gives back `n`, which is 1", HINT_PLAIN],
    [
      "a plain value deep inside",
      () => ({ all: [{ "odd key": [load(), "x"] }] }),
      'gives back `all[0]["odd key"][1]`, which is "x"',
      HINT_PLAIN,
    ],
    ["undefined inside", () => ({ rows: undefined }), "gives back `rows`, which is undefined", HINT_PLAIN],
    ["a step", () => ({ load }), "gives back `load`, which is the step `load` itself", "Call it: load({ … })."],
    ["a Map", () => ({ m: new Map([["a", load()]]) }), 'gives back `m`, which is Map { "a" => <Proxy> }', HINT_PLAIN],
    ["an instance", () => ({ b: new Box(load()) }), "gives back `b`, which is Box { output: <Proxy> }", HINT_PLAIN],
    [
      "a promise inside",
      () => ({ r: Promise.reject(new Error("x")) }),
      "gives back `r`, which is a promise",
      "A builder only connects steps: move what is awaited into a step, and give back its output.",
    ],
    [
      "a circle",
      () => {
        const a: Record<string, unknown> = {};
        a["a"] = a;
        return a;
      },
      "gives back `a`, which contains itself",
      "Give back arrays and records that end in outputs.",
    ],
  ])("%s", async (_, build, what, hint) => {
    expect(await failing(build)).toEqual({
      code: "WS_BAD_RESULT",
      message: `Pipeline \`p\` (builder-errors.test.ts:N) ${what}.`,
      hint,
    });
  });

  test("of an inner pipeline, it is the inner one that is named", async () => {
    const bad = pipeline("deep", (() => ({ n: 1 })) as unknown as () => Record<string, never>);
    expect((await failing(() => ({ a: bad() }))).message).toContain("Pipeline `deep`");
  });
});

describe("what is no pipeline, step or name", () => {
  test("compile says what it got", async () => {
    expect(await errorOfAsync(() => compilePipeline(load))).toEqual({
      code: "WS_UNKNOWN_PIPELINE",
      message: "What should be a pipeline is the step `load`.",
      hint: "Give what `pipeline(name, build)` returns; a step alone is run by a pipeline that calls it.",
    });
    expect((await errorOfAsync(() => compilePipeline(undefined))).message).toBe(
      "What should be a pipeline is undefined.",
    );
  });

  test("names are checked", () => {
    expect(errorOf(() => step("load data!", () => 1))).toEqual({
      code: "WS_BAD_NAME",
      message: '"load data!" cannot be the name of a step (builder-errors.test.ts:N).',
      hint: "Use letters, digits, `_`, `-`, `.` and `+`, at most 128: for example `load-data`.",
    });
    expect(errorOf(() => pipeline("", () => ({}))).message).toBe(
      '"" cannot be the name of a pipeline (builder-errors.test.ts:N).',
    );
    expect(errorOf(() => step("a".repeat(129), () => 1)).code).toBe("WS_BAD_NAME");
    expect(errorOf(() => step(7 as unknown as string, () => 1)).code).toBe("WS_BAD_NAME");
    expect(() => step("größe_1.b+c-d", () => 1)).not.toThrow();
  });

  test("functions are needed", () => {
    expect(errorOf(() => step("s", {} as never))).toEqual({
      code: "WS_BAD_OPTION",
      message: "Step `s` (builder-errors.test.ts:N) has no function: found {}.",
      hint: "Write step(name, fn) or step(name, options, fn).",
    });
    expect(errorOf(() => pipeline("p", 1 as never))).toEqual({
      code: "WS_BAD_OPTION",
      message: "Pipeline `p` (builder-errors.test.ts:N) has no builder: found 1.",
      hint: "Write pipeline(name, build) or pipeline(name, options, build).",
    });
  });

  test("an artifact's reference", async () => {
    const hint = "Write a name and a version: `m@latest`, `m@3` or `m@sha256:…` with all 64 digits.";
    for (const reference of ["m", "m@", "m@0", "m@01", "m@-1", "m@newest", "m@sha256:abc", "m@1@2", "m@latest "]) {
      expect(await failing(() => ({ a: artifact(reference) }))).toEqual({
        code: "WS_BAD_REFERENCE",
        message: `${JSON.stringify(reference)} names no artifact (builder-errors.test.ts:N).`,
        hint,
      });
    }
    expect((await failing(() => ({ a: artifact("a b@1") }))).hint).toContain("`late-model@latest`");
    expect((await failing(() => ({ a: artifact(1 as unknown as string) }))).code).toBe("WS_BAD_REFERENCE");
  });
});
