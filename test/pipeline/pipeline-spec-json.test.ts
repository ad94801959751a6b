import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { artifact } from "../../src/pipeline/artifact-reference.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import type { NodeSpec, PipelineSpec } from "../../src/pipeline/pipeline-spec.ts";
import { pipelineSpecFromJson, pipelineSpecToJson } from "../../src/pipeline/pipeline-spec-json.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { secret } from "../../src/pipeline/secret.ts";
import { step } from "../../src/pipeline/step.ts";
import { value } from "../../src/pipeline/value.ts";
import { errorOf } from "./error-of.ts";
import type { Said } from "./error-of.ts";

const make = step("make", { outputs: { a: value<number>({ name: "made" }), b: value<number>() } }, () => ({
  a: 1,
  b: 2,
}));
const use = step("use", ({ x }: { x: unknown }) => x);
const everything = pipeline("everything", { cache: { ttl: 500.5 }, trust: ["network:a"] }, ({ n }: { n: number }) => {
  const { a, b } = make();
  const inner = pipeline("inner", { cache: "off", trust: ["child"] }, () => ({
    y: use({ x: [artifact("m@3"), n, secret("S", { inKey: true })] }),
  }));
  return { a, list: [b, { deep: use({ x: { b, when: new Date(1) } }, { after: [a] }) }], ...inner() };
});

type Json = { [key: string]: never } & Record<string, unknown>;
let spec: PipelineSpec;
let text: string;
beforeAll(async () => {
  spec = (await compilePipeline(everything, { n: 1 })).spec;
  text = pipelineSpecToJson(spec);
});

/** What reading says after a change to the JSON. */
const changed = (change: (json: Json & { nodes: (NodeSpec & Json)[] }) => void): Said =>
  errorOf(() => {
    const json = JSON.parse(text) as Json & { nodes: (NodeSpec & Json)[] };
    change(json);
    return pipelineSpecFromJson(JSON.stringify(json));
  });

test("a spec comes back equal and frozen", () => {
  const back = pipelineSpecFromJson(text);
  expect(back).toEqual(spec);
  expect(pipelineSpecToJson(back)).toBe(text);
  expect(Object.isFrozen(back.nodes[0]?.properties)).toBe(true);
});

describe("what is no spec is refused", () => {
  test("a later version, and one that never was", () => {
    expect(changed((json) => Object.assign(json, { version: 2 }))).toEqual({
      code: "WS_FORMAT_NEWER",
      message: "This pipeline spec has version 2, and this release reads version 1.",
      hint: "Update Warmstart here, or compile the pipeline with this release.",
    });
    expect(changed((json) => Object.assign(json, { version: 0 })).code).toBe("WS_BAD_ENCODING");
  });

  test("text that is no JSON", () => {
    expect(errorOf(() => pipelineSpecFromJson(text.slice(0, -1)))).toEqual({
      code: "WS_BAD_ENCODING",
      message: "A pipeline spec should be JSON, and this text is not.",
      hint: "It was cut short or not written by Warmstart: compile the pipeline again.",
    });
  });

  test("another form, with its path", () => {
    expect(changed((json) => Object.assign(json.nodes[0] as object, { id: 7 }))).toEqual({
      code: "WS_BAD_ENCODING",
      message: "`spec.nodes[0].id` is 7, and should be a text.",
      hint: "It was not written by Warmstart, or was changed since: compile the pipeline again.",
    });
    expect(changed((json) => Object.assign(json, { results: { kind: "x" } })).message).toBe(
      '`spec.results.kind` is "x", and should be `output`, `array` or `record`.',
    );
    expect(
      changed((json) => Object.assign((json.nodes[1] as NodeSpec).properties[0] as object, { bytes: "%%" })).message,
    ).toContain("should be bytes in base64");
  });

  test("an id twice", () => {
    expect(changed((json) => Object.assign(json.nodes[1] as object, { id: "make" }))).toEqual({
      code: "WS_DUPLICATE_ID",
      message: "Two nodes are called `make`: at pipeline-spec-json.test.ts:N and at pipeline-spec-json.test.ts:N.",
      hint: "Compile the pipeline again: compiling never gives two nodes one id.",
    });
  });

  test("a circle by `after`", () => {
    expect(changed((json) => Object.assign(json.nodes[0] as object, { after: ["use"] }))).toEqual({
      code: "WS_CYCLE",
      message: "The pipeline goes round in a circle: `make` needs `use` needs `make`.",
      hint: "Compile the pipeline again: a handle exists only once its step was called, so compiling never makes a circle.",
    });
    expect(changed((json) => Object.assign(json.nodes[0] as object, { after: ["make"] })).message).toBe(
      "The pipeline goes round in a circle: `make` needs `make`.",
    );
  });

  test("a wrong order", () => {
    expect(changed((json) => json.nodes.reverse()).message).toBe(
      "This pipeline spec is broken: node `use` comes before `make`, which it needs.",
    );
  });

  test("a node, an output or a hole that there is not", () => {
    expect(changed((json) => Object.assign(json.nodes[1] as object, { after: ["gone"] })).message).toBe(
      "This pipeline spec is broken: node `use` waits for `gone`, which there is not.",
    );
    expect(changed((json) => Object.assign(json.nodes[0] as object, { outputs: [{ name: "a" }] })).message).toBe(
      "This pipeline spec is broken: node `use` reads `b` of node `make`, which has no such output.",
    );
    expect(
      changed((json) => Object.assign((json.nodes[1] as NodeSpec).properties[0] as object, { inputs: [] })).message,
    ).toBe("This pipeline spec is broken: input `x` of node `use` lists other holes than its bytes have (`x/b`).");
    expect(
      changed((json) => Object.assign((json.nodes[2] as NodeSpec).properties[0] as object, { secrets: [] })).message,
    ).toContain("(`secret:S`)");
  });

  test("one label for two sources", () => {
    const twice = changed((json) => {
      const property = (json.nodes[1] as NodeSpec).properties[0] as unknown as { inputs: unknown[] };
      property.inputs.push({ label: "x/b", source: { kind: "artifact", name: "m", version: "1" } });
    });
    expect(twice.message).toContain("(`x/b`)");
  });

  test("any damaged text is refused or reads as a spec, and never fails otherwise", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ unit: "grapheme-ascii", maxLength: 3 }), (at, put) => {
        try {
          pipelineSpecFromJson(text.slice(0, at) + put + text.slice(at + put.length));
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^WS_/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
