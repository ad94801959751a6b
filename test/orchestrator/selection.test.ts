import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { needsOf, select } from "../../src/orchestrator/selection.ts";
import type { NodeSpec, PipelineSpec } from "../../src/pipeline/pipeline-spec.ts";

const at = { url: "file:///p.ts", line: 1, column: 1 };

function node(id: string, step: string, needs: readonly string[], after: readonly string[]): NodeSpec {
  const inputs = needs.map((need, index) => ({
    label: `x/${index}`,
    source: { kind: "node", node: need, output: "output" } as const,
  }));
  const property = { name: "x", bytes: new Uint8Array(), direct: false, secrets: [], secretsInKey: [], shown: "" };
  return { id, step, stepKey: step, properties: [{ ...property, inputs }], after, outputs: [{ name: "output" }], at };
}

const specs: fc.Arbitrary<PipelineSpec> = fc
  .array(fc.record({ needs: fc.array(fc.nat(), { maxLength: 2 }), after: fc.array(fc.nat(), { maxLength: 1 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((all) => ({
    version: 1,
    name: "p",
    at,
    params: {},
    results: { kind: "record", entries: [] },
    nodes: all.map(({ needs, after }, index) => {
      const earlier = (numbers: readonly number[]): string[] =>
        index === 0 ? [] : [...new Set(numbers.map((number) => `n${number % index}`))];
      return node(`n${index}`, `s${index % 3}`, earlier(needs), earlier(after));
    }),
  }));

/** Whether `later` needs `earlier`, directly or through others, or is it. */
function reaches(spec: PipelineSpec, earlier: string, later: string): boolean {
  if (earlier === later) return true;
  const found = spec.nodes.find(({ id }) => id === later);
  return found !== undefined && needsOf(found).some((need) => reaches(spec, earlier, need));
}

const names = fc.array(fc.nat(), { maxLength: 2 });

describe("a selection", () => {
  test("is what its words say, over random graphs", () => {
    fc.assert(
      fc.property(specs, names, names, names, (spec, a, b, c) => {
        const idsFor = (numbers: readonly number[]): string[] =>
          numbers.map((number) => spec.nodes[number % spec.nodes.length]?.id ?? "");
        const [from, to, only] = [idsFor(a), idsFor(b), idsFor(c)];
        const { nodes, leftOut, mustHit } = select(spec, { from, to, only });
        const ends = [...to, ...only];
        const starts = [...from, ...only];
        const runs = ({ id }: NodeSpec): boolean => ends.length === 0 || ends.some((end) => reaches(spec, id, end));
        expect(nodes).toEqual(spec.nodes.filter(runs));
        expect(leftOut).toEqual(spec.nodes.filter((other) => !runs(other)));
        const before = nodes.filter(({ id }) => !starts.some((start) => reaches(spec, start, id)));
        expect([...mustHit]).toEqual(starts.length === 0 ? [] : before.map(({ id }) => id));
      }),
      { numRuns: 500 },
    );
  });

  test("takes the name of a step for all its nodes", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const ids = spec.nodes.filter(({ step }) => step === "s0").map(({ id }) => id);
        expect(select(spec, { to: ["s0"], from: ["s0"] })).toEqual(select(spec, { to: ids, from: ids }));
      }),
    );
  });

  test("refuses a name that nothing has, and says which was meant", () => {
    const spec = fc.sample(specs, { numRuns: 1, seed: 1 })[0] as PipelineSpec;
    const renamed = { ...spec, nodes: [node("train", "train", [], [])] };
    const unknown = expect.objectContaining({ code: "WS_UNKNOWN_STEP", hint: "Did you mean train?" });
    expect(() => select(renamed, { from: ["trian"] })).toThrow(unknown);
  });
});
