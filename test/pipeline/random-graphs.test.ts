import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import type { Output } from "../../src/pipeline/output.ts";
import type { NodeSpec } from "../../src/pipeline/pipeline-spec.ts";
import { pipelineSpecFromJson, pipelineSpecToJson } from "../../src/pipeline/pipeline-spec-json.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { step } from "../../src/pipeline/step.ts";

const names = ["load", "train", "train-2", "a.b", "größe"];
const steps = names.map((name) => step(name, ({ x }: { x: unknown }) => x));

interface PlannedCall {
  readonly step: number;
  readonly inputs: readonly number[];
  readonly after: readonly number[];
  readonly id: string | undefined;
}

/** Calls that refer to earlier calls by number, taken modulo how many there are. */
const plannedCalls: fc.Arbitrary<readonly PlannedCall[]> = fc.array(
  fc.record({
    step: fc.nat(names.length - 1),
    inputs: fc.array(fc.nat(), { maxLength: 4 }),
    after: fc.array(fc.nat(), { maxLength: 2 }),
    id: fc.option(fc.constantFrom("given-1", "given-2", "train-3", "load"), { nil: undefined, freq: 4 }),
  }),
  { maxLength: 40 },
);

function build(calls: readonly PlannedCall[]): { readonly all: readonly Output<unknown>[] } {
  const all: Output<unknown>[] = [];
  const earlier = (numbers: readonly number[]): Output<unknown>[] =>
    all.length === 0 ? [] : numbers.map((number) => all[number % all.length] as Output<unknown>);
  for (const call of calls) {
    const [first, ...rest] = earlier(call.inputs);
    const x = first === undefined ? 1 : rest.length === 0 ? first : { first, rest: [rest, 1] };
    const made = (steps[call.step] as (typeof steps)[0])(
      { x },
      { after: earlier(call.after), ...(call.id === undefined ? {} : { id: call.id }) },
    );
    all.push(made);
  }
  return { all };
}

function needs({ properties, after }: NodeSpec): readonly string[] {
  const sources = properties.flatMap(({ inputs }) => inputs.map(({ source }) => source));
  return [...after, ...sources.flatMap((source) => (source.kind === "node" ? [source.node] : []))];
}

test("every graph has unique ids in a topological order, comes out the same twice, and survives JSON", async () => {
  let compiled = 0;
  let duplicates = 0;
  await fc.assert(
    fc.asyncProperty(plannedCalls, async (calls) => {
      const p = pipeline("random", () => build(calls));
      const first = await compilePipeline(p).catch((error: unknown) => error as { readonly code: string });
      if ("code" in first) {
        duplicates++;
        expect(first.code).toBe("WS_DUPLICATE_ID");
        return;
      }
      compiled++;
      const { nodes } = first.spec;
      const done = new Set<string>();
      for (const node of nodes) {
        expect(done.has(node.id)).toBe(false);
        expect(needs(node).every((id) => done.has(id))).toBe(true);
        expect(first.steps.get(node.stepKey)?.name).toBe(node.step);
        done.add(node.id);
      }
      expect(nodes).toHaveLength(calls.length);
      expect((await compilePipeline(p)).spec).toEqual(first.spec);
      expect(pipelineSpecFromJson(pipelineSpecToJson(first.spec))).toEqual(first.spec);
    }),
    { numRuns: 200 },
  );
  expect(compiled).toBeGreaterThan(20);
  expect(duplicates).toBeGreaterThan(5);
});

test("a graph of 20,000 nodes in a chain and in a fan", async () => {
  const add = step("add", ({ x, k }: { x?: unknown; k: number }) => [x, k]);
  const p = pipeline("large", () => {
    const fan = Array.from({ length: 10_000 }, (_, k) => add({ k }));
    let chain: Output<unknown[]> = add({ x: fan, k: 0 });
    for (let k = 0; k < 10_000; k++) chain = add({ x: chain, k });
    return { chain };
  });
  const { spec } = await compilePipeline(p);
  expect(spec.nodes).toHaveLength(20_001);
  expect(spec.nodes.at(-1)?.id).toBe("add-20001");
  expect(pipelineSpecFromJson(pipelineSpecToJson(spec))).toEqual(spec);
});
