import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { acceptedParameters } from "../../src/pipeline/accepted-parameters.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";

type Builder = (params: never) => unknown;

/** Written as text, so that no test runner rewrites it. */
const of = (text: string): unknown => acceptedParameters(runInThisContext(`(${text})`) as Builder);

test("names what a builder takes out of its parameters", () => {
  expect(of("({ rounds = 100, path }) => 0")).toEqual(["rounds", "path"]);
  expect(of('function build({ a: { b }, c = [1, 2], d = "x, }", }) {}')).toEqual(["a", "c", "d"]);
  expect(of("async ({ 'odd name': x, $y }) => 0")).toEqual(["odd name", "$y"]);
  expect(of("({}) => 0")).toEqual([]);
  expect(of("() => 0")).toEqual([]);
});

test("says nothing where the whole object is taken, or the text is not plain", () => {
  for (const text of [
    "(params) => 0",
    "({ a, ...rest }) => 0",
    "({ a = /x,/ }) => 0",
    "({ [k]: a }) => 0",
    "({ a = `x` }) => 0",
    "params => 0",
  ])
    expect(of(text)).toBeUndefined();
});

test("a mistyped parameter is refused with the nearest name", async () => {
  const made = pipeline("hello", ({ rounds = 1 }: { rounds?: number }) => (rounds > 0 ? {} : {}));
  await expect(compilePipeline(made, { rouns: 3 })).rejects.toMatchObject({
    code: "WS_BAD_PARAMETER",
    message: expect.stringContaining("`rouns`"),
    hint: "Did you mean `rounds`? It takes rounds.",
  });
  await expect(compilePipeline(made, { rounds: 3 })).resolves.toBeDefined();
  const whole = pipeline("whole", (params: { rounds?: number }) => (params.rounds === 1 ? {} : {}));
  await expect(compilePipeline(whole, { other: 3 })).resolves.toBeDefined();
});
