import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCanonical, encodeCanonical } from "../../src/encoding/canonical.ts";
import { artifact } from "../../src/pipeline/artifact-reference.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import type { PropertySpec } from "../../src/pipeline/pipeline-spec.ts";
import { secret } from "../../src/pipeline/secret.ts";
import { step } from "../../src/pipeline/step.ts";
import { value } from "../../src/pipeline/value.ts";
import { errorOfAsync } from "./error-of.ts";
import type { Said } from "./error-of.ts";

const load = step("load", () => 1);
const split = step("split", { outputs: { train: value<number>(), test: value<number>() } }, () => ({
  train: 1,
  test: 2,
}));
/** Takes whatever it is given: what is under test is what is made of it. */
const take = step("take", (inputs: Record<string, unknown>) => inputs);
type Take = (inputs: unknown, options?: unknown) => never;

async function propertiesOf(inputs: () => unknown): Promise<readonly PropertySpec[]> {
  const { spec } = await compilePipeline(
    pipeline("p", () => {
      (take as unknown as Take)(inputs());
      return {};
    }),
  );
  return spec.nodes.at(-1)?.properties ?? [];
}

async function propertyOf(given: () => unknown): Promise<PropertySpec> {
  return (await propertiesOf(() => ({ x: given() })))[0] as PropertySpec;
}

const filled = ({ bytes }: PropertySpec): unknown => decodeCanonical(bytes, { fill: (label) => `<${label}>` });

const refused = (inputs: () => unknown, options?: () => unknown): Promise<Said> =>
  errorOfAsync(() =>
    compilePipeline(
      pipeline("p", () => {
        (take as unknown as Take)(inputs(), options?.());
        return {};
      }),
    ),
  );

describe("what a step is given", () => {
  test("plain values are their canonical bytes", async () => {
    expect(await propertyOf(() => ({ a: [1, "x", 1n, new Date(0)] }))).toEqual({
      name: "x",
      bytes: encodeCanonical({ a: [1, "x", 1n, new Date(0)] }),
      inputs: [],
      direct: false,
      secrets: [],
      secretsInKey: [],
      shown: '{ a: [1, "x", 1n, 1970-01-01T00:00:00.000Z] }',
    });
  });

  test("a handle is an input", async () => {
    const property = await propertyOf(() => load());
    expect(property).toMatchObject({
      inputs: [{ label: "x", source: { kind: "node", node: "load", output: "output" } }],
      direct: true,
      shown: "load",
    });
    expect(filled(property)).toBe("<x>");
  });

  test("handles in arrays and records have a hole for each place", async () => {
    const property = await propertyOf(() => {
      const one = load();
      return { models: [one, 2, one], opts: { left: split().test, "a/b:c\\d": one }, k: 1 };
    });
    expect(property.inputs.map(({ label }) => label)).toEqual([
      "x/models/0",
      "x/models/2",
      "x/opts/a\\/b\\:c\\\\d",
      "x/opts/left",
    ]);
    expect(filled(property)).toEqual({
      models: ["<x/models/0>", 2, "<x/models/2>"],
      opts: { left: "<x/opts/left>", "a/b:c\\d": "<x/opts/a\\/b\\:c\\\\d>" },
      k: 1,
    });
    expect(property.direct).toBe(false);
    expect(property.shown).toBe('{ k: 1, models: [load, 2, load], opts: { "a/b:c\\\\d": load, left: split.test } }');
  });

  test("no two places share a label", async () => {
    const property = await propertyOf(() => ({ "a/b": load(), a: { b: load() }, "a\\": { b: load() } }));
    const labels = property.inputs.map(({ label }) => label);
    expect(new Set(labels).size).toBe(3);
  });

  test("an input that is called like a secret is not one", async () => {
    const [first, second] = await propertiesOf(() => ({ "secret:TOKEN": load(), x: secret("TOKEN") }));
    expect(first?.inputs[0]?.label).toBe("secret\\:TOKEN");
    expect(filled(first as PropertySpec)).not.toEqual(filled(second as PropertySpec));
  });

  test("a record of outputs is a record of handles", async () => {
    expect(filled(await propertyOf(() => split()))).toEqual({ test: "<x/test>", train: "<x/train>" });
    const whole = await propertiesOf(() => split());
    expect(whole.map(({ name, direct }) => [name, direct])).toEqual([
      ["test", true],
      ["train", true],
    ]);
  });

  test("an artifact is an input by reference", async () => {
    const digest = "a".repeat(64);
    const property = await propertyOf(() => [artifact("m@latest"), artifact("m@3"), artifact(`m@sha256:${digest}`)]);
    expect(property.inputs.map(({ source }) => source)).toEqual([
      { kind: "artifact", name: "m", version: "latest" },
      { kind: "artifact", name: "m", version: "3" },
      { kind: "artifact", name: "m", version: `sha256:${digest}` },
    ]);
    expect(property.shown).toContain("[m@latest, m@3, ");
  });

  test("properties are sorted, and undefined is absent", async () => {
    const names = async (inputs: unknown): Promise<readonly string[]> =>
      (await propertiesOf(() => inputs)).map(({ name }) => name);
    expect(await names({ b: 1, a: 2, c: undefined })).toEqual(["a", "b"]);
    expect(await names(undefined)).toEqual([]);
    expect(await names(Object.assign(Object.create(null), { a: 1 }))).toEqual(["a"]);
  });

  test("what the caller changes afterwards changes nothing", async () => {
    const options = { deep: [1] };
    const property = await propertyOf(() => options);
    options.deep.push(2);
    expect(filled(property)).toEqual({ deep: [1] });
  });

  test("lifting keeps every plain value as it is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (json) => {
        const alone = await propertyOf(() => json);
        expect(alone.bytes).toEqual(encodeCanonical(json));
        const beside = await propertyOf(() => [json, load()]);
        expect(beside.bytes).toEqual(
          encodeCanonical([json, Symbol.for("h")], { hole: (v) => (typeof v === "symbol" ? "x/1" : undefined) }),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("what a step cannot be given", () => {
  class Box {
    readonly content: unknown;
    constructor(content: unknown) {
      this.content = content;
    }
  }
  const bad = (path: string, found: string): string =>
    `Step \`take\` (step-inputs.test.ts:N): \`${path}\` is ${found}, which cannot be part of a cache key.`;
  const stray = (path: string, label: string): string =>
    `Step \`take\` (step-inputs.test.ts:N): \`${path}\` is the output \`${label}\` in a place where it cannot be filled in.`;

  test.each<[string, () => unknown, string]>([
    ["a function", () => ({ f: () => 1 }), bad("f", "a function (f)")],
    [
      "a function deep inside",
      () => ({ opts: { list: [1, { f: () => 1 }] } }),
      bad("opts.list[1].f", "a function (f)"),
    ],
    ["an instance of a class", () => ({ box: new Box(1) }), bad("box", "an instance of Box")],
    ["a handle in an instance", () => ({ box: new Box(load()) }), bad("box", "an instance of Box")],
    ["a symbol", () => ({ s: Symbol("x") }), bad("s", "a symbol")],
    ["a symbol that looks like a placeholder", () => ({ s: [load(), Symbol("‹load›")] }), bad("s[1]", "a symbol")],
    ["a promise", () => ({ p: Promise.resolve(1) }), bad("p", "a Promise")],
    ["a step", () => ({ rows: load }), bad("rows", "a function (load)")],
    ["a handle in a Map", () => ({ m: new Map([["a", load()]]) }), stray('m.get("a")', "load")],
    ["a handle in a Set", () => ({ m: [new Set([split().test])] }), stray("m[0].values()[0]", "split.test")],
    ["a secret in a Map", () => ({ m: new Map([["a", secret("TOKEN")]]) }), stray('m.get("a")', "TOKEN")],
  ])("%s", async (_, inputs, message) => {
    expect(await refused(inputs)).toMatchObject({ code: "WS_BAD_INPUT", message });
  });

  test("the error has a cure, the path and the encoder's own words", async () => {
    const error = await compilePipeline(
      pipeline("p", () => {
        (take as unknown as Take)({ opts: { f: new Map([["a", load()]]) } });
        return {};
      }),
    ).then(
      () => undefined,
      (thrown: unknown) => thrown as { details: object; cause: { code: string }; hint: string },
    );
    expect(error?.hint).toBe(
      "Outputs may sit in plain arrays and records, not in a Map, a Set or an instance of a class.",
    );
    expect(error?.details).toMatchObject({ step: "take", path: 'opts.f.get("a")' });
    expect(error?.cause.code).toBe("WS_NOT_KEYABLE");
  });

  test("circles, getters and things hung on arrays are refused with handles beside them too", async () => {
    const circle = (): unknown => {
      const a: Record<string, unknown> = { h: load() };
      a["a"] = a;
      return { a };
    };
    expect((await refused(circle)).code).toBe("WS_BAD_INPUT");
    expect(
      (
        await refused(() => ({
          a: [
            load(),
            {
              get x() {
                return 1;
              },
            },
          ],
        }))
      ).code,
    ).toBe("WS_BAD_INPUT");
    expect((await refused(() => ({ a: Object.assign([load()], { extra: 1 }) }))).code).toBe("WS_BAD_INPUT");
    expect((await refused(() => ({ a: { h: load(), [Symbol("s")]: 1 } }))).code).toBe("WS_BAD_INPUT");
    expect((await refused(() => ({ a: Object.assign([load()], { length: 3 }) }))).code).toBe("WS_BAD_INPUT");
    const disguised = (): unknown =>
      Object.setPrototypeOf(Object.assign(new Map([[1, 2]]), { h: load() }), Object.prototype);
    expect((await refused(() => ({ a: disguised() }))).code).toBe("WS_BAD_INPUT");
    let ran = false;
    await refused(() => ({
      get x() {
        ran = true;
        return 1;
      },
    }));
    expect(ran).toBe(false);
  });

  test.each<[string, () => unknown, string, string]>([
    ["an array", () => [1], "takes one plain object and was given [1]", "Write `take({ name: value })`."],
    ["a number", () => 3, "takes one plain object and was given 3", "Write `take({ name: value })`."],
    ["null", () => null, "takes one plain object and was given null", "Write `take({ name: value })`."],
    [
      "an instance",
      () => new Box(1),
      "takes one plain object and was given Box { content: 1 }",
      "Write `take({ name: value })`.",
    ],
    [
      "an output",
      () => load(),
      "takes one plain object and was given the output `load`",
      "Write `take({ name: value })`. An output is an input under a name: { rows: output }.",
    ],
    [
      "a getter",
      () => ({
        get x() {
          return 1;
        },
      }),
      "was given `x` as a getter",
      "Pass its present value as a plain property.",
    ],
    [
      "__proto__",
      () => JSON.parse('{ "__proto__": 1 }'),
      "was given an input called `__proto__`",
      "Give the input another name.",
    ],
  ])("%s as its inputs", async (_, inputs, what, hint) => {
    expect(await refused(inputs)).toEqual({
      code: "WS_BAD_INPUT",
      message: `Step \`take\` (step-inputs.test.ts:N) ${what}.`,
      hint,
    });
  });

  test("options of a call", async () => {
    const optionError = (options: () => unknown): Promise<Said> => refused(() => ({}), options);
    const call = "this call of step `take` (step-inputs.test.ts:N)";
    expect(await optionError(() => ({ afterr: [] }))).toEqual({
      code: "WS_BAD_OPTION",
      message: `T${call.slice(1)} has no option \`afterr\`.`,
      hint: "Did you mean `after`?",
    });
    expect(await optionError(() => 0)).toEqual({
      code: "WS_BAD_OPTION",
      message: `The options of ${call} are 0.`,
      hint: 'Give a plain object, such as { timeout: "2h" }, or leave it out.',
    });
    expect(await optionError(() => ({ id: "a b" }))).toEqual({
      code: "WS_BAD_OPTION",
      message: `Option \`id\` of ${call} is "a b".`,
      hint: "Expected a name: letters, digits, `_`, `-`, `.` and `+`.",
    });
    expect((await optionError(() => ({ after: load() }))).message).toBe(
      `Option \`after\` of ${call} is the output \`load\`.`,
    );
    expect(await optionError(() => ({ after: [load(), "x"] }))).toEqual({
      code: "WS_BAD_OPTION",
      message: `\`after[1]\` of ${call} is "x".`,
      hint: "Name what must be done before by its output: { after: [checked] }.",
    });
    expect((await optionError(() => ({ after: [artifact("m@1")] }))).message).toBe(
      `\`after[0]\` of ${call} is the artifact \`m@1\`.`,
    );
  });
});
