import { describe, expect, test } from "vitest";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { isDuration, parseDuration } from "../../src/pipeline/duration.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { step, stepDefinition } from "../../src/pipeline/step.ts";
import { value } from "../../src/pipeline/value.ts";
import { errorOf } from "./error-of.ts";
import type { Said } from "./error-of.ts";

const optionError = (options: unknown): Said => errorOf(() => step("s", options as {}, () => 1));

describe("options of a step", () => {
  test("an unknown one suggests what was meant", () => {
    expect(optionError({ tiemout: "2h" })).toEqual({
      code: "WS_BAD_OPTION",
      message: "Step `s` (step-options.test.ts:N) has no option `tiemout`.",
      hint: "Did you mean `timeout`?",
    });
    expect(optionError({ parallelism: 2 }).hint).toBe(
      "Its options are `cache`, `trust`, `code`, `version`, `ignore`, `salt`, `strict`, `dataVersion`, `executor`, `timeout`, `retry`, `outputs`, `output`.",
    );
    expect(optionError({ constructor: 2 }).message).toContain("has no option `constructor`");
  });

  const DURATION = 'Expected a length of time such as "30s" or "2h".';
  const CACHE = 'Expected "use", "refresh", "off" or { ttl: "30d" }.';
  const TRUST =
    'Expected an array of "network", "native", "child", "thread", "environment", "code", "in-process", or with what exactly ("network:api.openai.com").';
  const RETRY = 'Expected a whole number, or { times: 3, delay: "1s", maxDelay: "60s" }.';

  test.each<[object, string, string]>([
    [{ cache: "of" }, 'Option `cache` of step `s` (step-options.test.ts:N) is "of".', CACHE],
    [{ cache: { ttl: "3x" } }, 'Option `cache` of step `s` (step-options.test.ts:N) is { ttl: "3x" }.', CACHE],
    [
      { cache: { ttl: "3d", x: 1 } },
      'Option `cache` of step `s` (step-options.test.ts:N) is { ttl: "3d", x: 1 }.',
      CACHE,
    ],
    [{ trust: ["disk"] }, 'Option `trust` of step `s` (step-options.test.ts:N) is ["disk"].', TRUST],
    [{ trust: ["network:"] }, 'Option `trust` of step `s` (step-options.test.ts:N) is ["network:"].', TRUST],
    [{ trust: "network" }, 'Option `trust` of step `s` (step-options.test.ts:N) is "network".', TRUST],
    [{ timeout: 0 }, "Option `timeout` of step `s` (step-options.test.ts:N) is 0.", DURATION],
    [{ timeout: -5 }, "Option `timeout` of step `s` (step-options.test.ts:N) is -5.", DURATION],
    [{ timeout: "soon" }, 'Option `timeout` of step `s` (step-options.test.ts:N) is "soon".', DURATION],
    [{ retry: 1.5 }, "Option `retry` of step `s` (step-options.test.ts:N) is 1.5.", RETRY],
    [{ retry: { delay: "1s" } }, 'Option `retry` of step `s` (step-options.test.ts:N) is { delay: "1s" }.', RETRY],
    [{ version: 1 }, "Option `version` of step `s` (step-options.test.ts:N) is 1.", "Expected a text."],
    [
      { code: "symbol" },
      'Option `code` of step `s` (step-options.test.ts:N) is "symbol".',
      'Expected "symbols", "files" or { version: "…" }.',
    ],
    [
      { executor: "gpu" },
      'Option `executor` of step `s` (step-options.test.ts:N) is "gpu".',
      'Expected "worker-thread" or "in-process".',
    ],
    [
      { ignore: [1] },
      "Option `ignore` of step `s` (step-options.test.ts:N) is [1].",
      "Expected an array of names of inputs.",
    ],
    [{ strict: 1 }, "Option `strict` of step `s` (step-options.test.ts:N) is 1.", "Expected true or false."],
    [{ dataVersion: 1 }, "Option `dataVersion` of step `s` (step-options.test.ts:N) is 1.", "Expected a function."],
    [
      { outputs: {} },
      "Option `outputs` of step `s` (step-options.test.ts:N) is {}.",
      "Expected a record of outputs, as { train: value<Row[]>() }.",
    ],
    [
      { output: {} },
      "Option `output` of step `s` (step-options.test.ts:N) is {}.",
      "Expected what `value<T>(…)` returns.",
    ],
  ])("%j", (options, message, hint) => {
    expect(optionError(options)).toEqual({ code: "WS_BAD_OPTION", message, hint });
  });

  test("outputs have names, and not the one that `await` asks for", () => {
    for (const name of ["", "a b", "then"])
      expect(optionError({ outputs: { [name]: value() } }).code).toBe("WS_BAD_OPTION");
  });

  test("both outputs and output", () => {
    expect(optionError({ outputs: { a: value() }, output: value() })).toEqual({
      code: "WS_BAD_OPTION",
      message: "Step `s` (step-options.test.ts:N) declares both `outputs` and `output`.",
      hint: "Keep `outputs` for several results, or `output` for a single one.",
    });
  });

  test("good ones are kept, apart from the caller's own objects", () => {
    const trust = ["network:api.example.com" as const];
    const made = step(
      "s",
      { cache: { ttl: "30d" }, trust, retry: { times: 2, delay: 5 }, timeout: "1h30m", salt: "x" },
      () => 1,
    );
    trust.push("network:api.example.com");
    expect(stepDefinition(made)?.options).toEqual({
      cache: { ttl: "30d" },
      trust: ["network:api.example.com"],
      retry: { times: 2, delay: 5 },
      timeout: "1h30m",
      salt: "x",
    });
    expect(Object.isFrozen(stepDefinition(made)?.options.trust)).toBe(true);
    expect(stepDefinition(step("s", { version: undefined } as {}, () => 1))?.options).toEqual({});
  });

  test("of `with` are checked and laid over the others", () => {
    const made = step("s", { retry: 1, salt: "x" }, () => 1);
    expect(stepDefinition(made.with({ retry: 2 }))?.options).toEqual({ retry: 2, salt: "x" });
    expect(stepDefinition(made)?.options).toEqual({ retry: 1, salt: "x" });
    expect(errorOf(() => made.with({ outputs: { a: value() } } as {})).message).toContain("has no option `outputs`");
    expect(errorOf(() => made.with({ id: "a b" })).hint).toBe("Expected a name.");
  });
});

describe("options of a pipeline and of a value", () => {
  test("are checked", () => {
    const build = (): Record<string, never> => ({});
    expect(errorOf(() => pipeline("p", { chache: "off" } as {}, build))).toEqual({
      code: "WS_BAD_OPTION",
      message: "Pipeline `p` (step-options.test.ts:N) has no option `chache`.",
      hint: "Did you mean `cache`?",
    });
    expect(errorOf(() => pipeline("p", { params: { n: 1 } } as {}, build)).hint).toBe(
      "Expected a schema of a Standard Schema library (zod, valibot, arktype, …).",
    );
    expect(errorOf(() => value({ name: "a b" })).code).toBe("WS_BAD_NAME");
    expect(errorOf(() => value({ materializer: { id: "x" } } as {}))).toEqual({
      code: "WS_BAD_OPTION",
      message: 'Option `materializer` of value(…) (step-options.test.ts:N) is { id: "x" }.',
      hint: "Give what `materializer(id, { version, is, save, load })` returns.",
    });
  });

  test("a copy of a pipeline's properties is no pipeline", async () => {
    const copy = Object.assign(
      {},
      pipeline("p", () => ({})),
    );
    await expect(compilePipeline(copy)).rejects.toThrow("What should be a pipeline is {}.");
  });
});

describe("a length of time", () => {
  test.each<[string | number, number]>([
    ["500ms", 500],
    ["30s", 30_000],
    ["2m", 120_000],
    ["2min", 120_000],
    ["2h", 7_200_000],
    ["30d", 2_592_000_000],
    ["1w", 604_800_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["0.5h", 1_800_000],
    [250, 250],
    [0, 0],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
    expect(isDuration(text)).toBe(true);
  });

  test.each([
    ["soon"],
    [""],
    ["5"],
    ["-5s"],
    ["5 parsecs"],
    ["1e3s"],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ["9".repeat(40) + "d"],
  ])("%s is none", (text) => {
    expect(isDuration(text)).toBe(false);
    expect(errorOf(() => parseDuration(text))).toEqual({
      code: "WS_BAD_OPTION",
      message: `${typeof text === "string" ? JSON.stringify(text) : text} is no length of time.`,
      hint: 'Write a number with a unit, as "500ms", "30s", "2h", "30d" or "1h30m"; a bare number is milliseconds.',
    });
  });
});
