import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { parseParameterText, parseParameterTexts } from "../../src/pipeline/parameter-text.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { step } from "../../src/pipeline/step.ts";
import { errorOf, errorOfAsync } from "./error-of.ts";

const take = step("take", ({ n }: { n: number }) => n);

/** A schema written by hand, which answers as it is told. */
const handWritten = (answer: (given: unknown) => unknown) => ({
  "~standard": { version: 1, vendor: "hand", validate: answer as () => { value: { n: number } } } as const,
});

describe.each([
  ["zod", z.object({ n: z.number().default(3) })],
  ["valibot", v.object({ n: v.optional(v.number(), 3) })],
  ["arktype", type({ n: "number = 3" })],
  ["zod, asynchronous", z.object({ n: z.number().default(3) }).refine(async () => true)],
  ["a hand-written schema", handWritten((given) => ({ value: { n: 3, ...(given as object) } }))],
])("%s", (_, params) => {
  const p = pipeline("p", { params }, ({ n }: { n: number }) => ({ out: take({ n }) }));

  test("fills in defaults and passes values", async () => {
    expect((await compilePipeline(p)).spec.params).toEqual({ n: 3 });
    expect((await compilePipeline(p, {})).spec.nodes[0]?.properties[0]?.shown).toBe("3");
    expect((await compilePipeline(p, { n: 5 })).spec.nodes[0]?.properties[0]?.shown).toBe("5");
  });
});

describe("parameters that do not fit", () => {
  const HINT = "On the command line: `--param name=value`, once for each.";

  test("each issue is listed with its path", async () => {
    const params = z.object({
      n: z.number("must be a number"),
      models: z.array(z.object({ depth: z.number("must be deep") })),
    });
    const p = pipeline("p", { params }, ({ n }) => ({ out: take({ n }) }));
    const given = { n: "x", models: [{ depth: 1 }, { depth: "2" }] };
    expect(await errorOfAsync(() => compilePipeline(p, given))).toEqual({
      code: "WS_BAD_PARAMETER",
      message:
        "The parameters of pipeline `p` (parameters.test.ts:N) do not fit its schema:\n  n: must be a number\n  models[1].depth: must be deep",
      hint: HINT,
    });
    await expect(compilePipeline(p, given)).rejects.toMatchObject({
      details: { issues: [{ path: "n", message: "must be a number" }, { path: "models[1].depth" }] },
    });
  });

  test("valibot's and arktype's issues too", async () => {
    const builder = ({ n }: { n: number }) => ({ out: take({ n }) });
    for (const params of [v.object({ n: v.number() }), type({ n: "number" })]) {
      const { message } = await errorOfAsync(() => compilePipeline(pipeline("p", { params }, builder), { n: "x" }));
      expect(message).toMatch(
        /^The parameters of pipeline `p` \(parameters\.test\.ts:N\) do not fit its schema:\n {2}n: /,
      );
    }
  });

  test("an issue without a path, and one with symbols and segments", async () => {
    const params = handWritten(() => ({
      issues: [{ message: "all wrong" }, { message: "deep", path: [{ key: "a" }, Symbol("s"), 0] }],
    }));
    const p = pipeline("p", { params }, ({ n }) => ({ out: take({ n }) }));
    expect((await errorOfAsync(() => compilePipeline(p))).message).toContain(
      ':\n  all wrong\n  a["Symbol(s)"][0]: deep',
    );
  });

  test("what is no object", async () => {
    const p = pipeline("p", ({ n = 1 }: { n?: number }) => ({ out: take({ n }) }));
    expect(await errorOfAsync(() => compilePipeline(p, [1]))).toEqual({
      code: "WS_BAD_PARAMETER",
      message: "The parameters of pipeline `p` (parameters.test.ts:N) are [1].",
      hint: "Give a plain object: { rounds: 200 }.",
    });
    const odd = pipeline("p", { params: handWritten(() => ({ value: 7 })) }, ({ n }) => ({ out: take({ n }) }));
    expect((await errorOfAsync(() => compilePipeline(odd))).message).toBe(
      "The parameters of pipeline `p` (parameters.test.ts:N) became 7 in their schema.",
    );
  });

  test("an inner pipeline cannot wait for its schema", async () => {
    const inner = pipeline("inner", { params: z.object({ n: z.number() }).refine(async () => true) }, ({ n }) => ({
      out: take({ n }),
    }));
    expect(await errorOfAsync(() => compilePipeline(pipeline("p", () => inner({ n: 1 }))))).toEqual({
      code: "WS_BAD_PARAMETER",
      message:
        "The parameters of pipeline `inner` (parameters.test.ts:N) are checked by an asynchronous schema, and an inner pipeline cannot wait for it.",
      hint: "Give the inner pipeline a schema without asynchronous checks, and keep those for the pipeline that is run.",
    });
  });

  test("an inner pipeline's parameters are checked", async () => {
    const inner = pipeline("inner", { params: z.object({ n: z.number() }) }, ({ n }) => ({ out: take({ n }) }));
    await expect(compilePipeline(pipeline("p", () => inner({ n: "x" as unknown as number })))).rejects.toThrow(
      "pipeline `inner`",
    );
  });
});

test("without a schema, values are as they are given", async () => {
  let seen: unknown;
  const p = pipeline("p", (params: { a?: unknown }) => {
    seen = params;
    return {};
  });
  const given = { a: new Map() };
  await compilePipeline(p, given);
  expect(seen).toBe(given);
  await compilePipeline(p);
  expect(seen).toEqual({});
});

describe("parameters as text", () => {
  test.each<[string, string, unknown]>([
    ["rounds=200", "rounds", 200],
    ["path=data/x.csv", "path", "data/x.csv"],
    ["q=a=b", "q", "a=b"],
    ["empty=", "empty", ""],
    ["flag=true", "flag", true],
    ["none=null", "none", null],
    ['text="200"', "text", "200"],
    ["list=[1,2]", "list", [1, 2]],
    ["half={", "half", "{"],
    ["zip=007", "zip", "007"],
    ["id=9007199254740993", "id", "9007199254740993"],
    ["safe=9007199254740991", "safe", 9_007_199_254_740_991],
    ["huge=1e999", "huge", "1e999"],
    [" name = spaced ", "name", " spaced "],
  ])("%s", (text, name, value) => {
    expect(parseParameterText(text)).toEqual({ name, value });
  });

  test("what is no parameter", () => {
    for (const text of ["rounds", "", "=1", "__proto__=1"]) {
      expect(errorOf(() => parseParameterText(text))).toEqual({
        code: "WS_BAD_PARAMETER",
        message: `\`${text}\` is no parameter.`,
        hint: "Write --param name=value, for example --param rounds=200; a value that is JSON is read as such.",
      });
    }
  });

  test("several, each once", () => {
    expect(parseParameterTexts(["a=1", "b=x"])).toEqual({ a: 1, b: "x" });
    expect(errorOf(() => parseParameterTexts(["a=1", "a=2"]))).toEqual({
      code: "WS_BAD_PARAMETER",
      message: "The parameter `a` is given twice.",
      hint: "Keep one `--param a=…`; for a list, write it as JSON: `--param a=[1,2]`.",
    });
  });
});
