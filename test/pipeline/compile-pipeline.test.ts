import { describe, expect, test } from "vitest";
import { artifact } from "../../src/pipeline/artifact-reference.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import type { Output } from "../../src/pipeline/output.ts";
import { pipeline, pipelineDefinition } from "../../src/pipeline/pipeline.ts";
import { step, stepDefinition } from "../../src/pipeline/step.ts";
import { materializer } from "../../src/pipeline/user-materializer.ts";
import { value } from "../../src/pipeline/value.ts";
import { errorOfAsync } from "./error-of.ts";

class Model {
  readonly size: number;
  constructor(size: number) {
    this.size = size;
  }
}
const modelMaterializer = materializer("compile-test-model", {
  version: 1,
  is: (candidate: unknown) => candidate instanceof Model,
  save: (model: Model) => model.size,
  load: (size: number) => new Model(size),
});
const load = step("load", ({ path }: { path: string }) => [path]);
const split = step(
  "split",
  { outputs: { train: value<string[]>({ name: "train-rows" }), test: value<string[]>() } },
  ({ rows }: { rows: string[] }) => ({ train: rows, test: rows }),
);
const train = step(
  "train",
  { output: value<Model>({ name: "late-model", materializer: modelMaterializer }) },
  ({ rows, rounds }: { rows: string[]; rounds: number }) => new Model(rows.length * rounds),
);
const count = step("count", ({ model }: { model: Model }) => model.size);

const flights = pipeline(
  "flights",
  { cache: { ttl: "30d" }, trust: ["network"] },
  ({ rounds = 100 }: { rounds?: number }) => {
    const { train: fit, test: held } = split({ rows: load({ path: "x" }) });
    const model = train({ rows: fit, rounds });
    return { model, lists: [held, { again: count({ model }) }], old: artifact<Model>("late-model@latest") };
  },
);

const ids = async (build: () => unknown): Promise<readonly string[]> => {
  const compiled = await compilePipeline(
    pipeline("p", () => {
      build();
      return {};
    }),
  );
  return compiled.spec.nodes.map(({ id }) => id);
};

describe("a compiled pipeline", () => {
  test("is the graph that the builder made", async () => {
    const { spec, steps } = await compilePipeline(flights, { rounds: 7 });
    expect(spec).toMatchObject({
      version: 1,
      name: "flights",
      params: { rounds: 7 },
      cache: { ttl: "30d" },
      trust: ["network"],
    });
    expect(spec.nodes.map(({ id, step: name, stepKey }) => [id, name, stepKey])).toEqual([
      ["load", "load", "load"],
      ["split", "split", "split"],
      ["train", "train", "train"],
      ["count", "count", "count"],
    ]);
    expect(spec.nodes.map(({ outputs }) => outputs)).toEqual([
      [{ name: "output" }],
      [{ name: "train", artifactName: "train-rows" }, { name: "test" }],
      [{ name: "output", materializer: "compile-test-model", artifactName: "late-model" }],
      [{ name: "output" }],
    ]);
    expect(spec.results).toEqual({
      kind: "record",
      entries: [
        ["model", { kind: "output", source: { kind: "node", node: "train", output: "output" } }],
        [
          "lists",
          {
            kind: "array",
            items: [
              { kind: "output", source: { kind: "node", node: "split", output: "test" } },
              {
                kind: "record",
                entries: [["again", { kind: "output", source: { kind: "node", node: "count", output: "output" } }]],
              },
            ],
          },
        ],
        ["old", { kind: "output", source: { kind: "artifact", name: "late-model", version: "latest" } }],
      ],
    });
    expect(steps.get("train")).toBe(stepDefinition(train));
    expect(steps.get("train")?.fn({ rows: ["a"], rounds: 3 } as never, undefined as never)).toEqual(new Model(3));
    expect(steps.get("split")).toMatchObject({ manyOutputs: true, name: "split" });
  });

  test("is the same every time", async () => {
    const [first, second] = [
      await compilePipeline(flights, { rounds: 7 }),
      await compilePipeline(flights, { rounds: 7 }),
    ];
    expect(second.spec).toEqual(first.spec);
    expect((await compilePipeline(flights, { rounds: 8 })).spec).not.toEqual(first.spec);
  });

  test("is the same when its steps are made inside the builder", async () => {
    const made = pipeline("made", () => ({ x: step("inside", () => 1)(), y: step("inside", () => 2)() }));
    const [first, second] = [await compilePipeline(made), await compilePipeline(made)];
    expect(second.spec).toEqual(first.spec);
    expect([...first.steps.values()].map(({ occurrence }) => occurrence)).toEqual([-1, -1]);
  });

  test("is frozen all the way down", async () => {
    const { spec, steps } = await compilePipeline(flights, { rounds: 7 });
    const seen: unknown[] = [];
    const check = (part: unknown): void => {
      if (typeof part !== "object" || part === null || part instanceof Uint8Array) return;
      seen.push(part);
      expect(Object.isFrozen(part)).toBe(true);
      Object.values(part).forEach(check);
    };
    check(spec);
    expect(seen.length).toBeGreaterThan(50);
    expect(() => Object.assign(spec.nodes[0] as object, { id: "x" })).toThrow(TypeError);
    expect(
      [...steps.values()].every((definition) => Object.isFrozen(definition) && Object.isFrozen(definition.options)),
    ).toBe(true);
  });

  test("knows the lines of its author", async () => {
    const here = Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split("\n")[1] ?? "")?.[1]);
    const lines = pipeline("lines", () => ({
      one: load({ path: "1" }),
      many: ["2", "3"].map((path) => load({ path })),
    }));
    const { spec } = await compilePipeline(lines);
    expect(spec.at).toEqual({ url: import.meta.url, line: here + 1, column: expect.any(Number) });
    expect(spec.nodes.map(({ at }) => at.line)).toEqual([here + 2, here + 3, here + 3]);
    expect(pipelineDefinition(lines)?.definedAt).toBe(spec.at);
  });

  test("shows its parameters as plain JSON", async () => {
    const strange = pipeline("strange", (params: { readonly [name: string]: unknown }) => {
      void params;
      return {};
    });
    const { spec } = await compilePipeline(strange, {
      at: new Date(0),
      n: 1n,
      nan: Number.NaN,
      f: () => 1,
      deep: { list: [undefined, -0, new Model(1)] },
      gone: undefined,
    });
    expect(spec.params).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      n: "1n",
      nan: "NaN",
      f: "<function f>",
      deep: { list: ["undefined", "-0", "Model { size: 1 }"] },
    });
    expect(JSON.parse(JSON.stringify(spec.params))).toEqual(spec.params);
  });
});

test("the caller's own options are neither frozen nor read later", async () => {
  const cache = { ttl: "1h" };
  const trust = ["network" as const];
  const p = pipeline("p", { cache, trust }, () => ({ x: load({ path: "x" }) }));
  cache.ttl = "2h";
  trust.pop();
  const { spec } = await compilePipeline(p);
  expect([spec.cache, spec.trust]).toEqual([{ ttl: "1h" }, ["network"]]);
  expect(Object.isFrozen(cache)).toBe(false);
});

describe("node ids", () => {
  test("are the step's name, numbered from the second on", async () => {
    expect(await ids(() => ["1", "2", "3"].map((path) => load({ path })))).toEqual(["load", "load-2", "load-3"]);
  });

  test("can be given, and numbers step aside for those", async () => {
    expect(
      await ids(() => {
        load({ path: "a" }, { id: "load-2" });
        load({ path: "b" });
        load({ path: "c" });
      }),
    ).toEqual(["load-2", "load", "load-3"]);
    expect(
      await ids(() => {
        load({ path: "a" }, { id: "first" });
        load({ path: "b" });
      }),
    ).toEqual(["first", "load"]);
  });

  test("are never given twice", async () => {
    const twice = pipeline("p", () => {
      load({ path: "a" }, { id: "x" });
      return { rows: load({ path: "b" }, { id: "x" }) };
    });
    expect(await errorOfAsync(() => compilePipeline(twice))).toEqual({
      code: "WS_DUPLICATE_ID",
      message: "Two nodes are called `x`: at compile-pipeline.test.ts:N and at compile-pipeline.test.ts:N.",
      hint: "Give this call of `load` an id of its own, or none: ids that are not given never clash.",
    });
    const late = pipeline("p", () => {
      load({ path: "a" });
      return { rows: load({ path: "b" }, { id: "load" }) };
    });
    expect((await errorOfAsync(() => compilePipeline(late))).code).toBe("WS_DUPLICATE_ID");
  });
});

describe("step keys", () => {
  const make = (n: number) => step("made", () => n);

  test("tell steps of one factory and of one name apart", async () => {
    const [one, two] = [make(1), make(2)];
    const { spec, steps } = await compilePipeline(pipeline("p", () => ({ a: [one(), two(), one()] })));
    expect(spec.nodes.map(({ stepKey }) => stepKey)).toEqual(["made", "made#2", "made"]);
    expect(["made", "made#2"].map((key) => steps.get(key)?.fn({} as never, {} as never))).toEqual([1, 2]);
  });

  test("tell a step and what `with` made of it apart", async () => {
    const patient = load.with({ retry: 3, id: "patient" });
    const quick = load.with({ timeout: "1s" });
    const { spec, steps } = await compilePipeline(
      pipeline("p", () => ({ a: [load({ path: "1" }), patient({ path: "1" }), quick({ path: "1" })] })),
    );
    expect(spec.nodes.map(({ id, step: name, stepKey }) => [id, name, stepKey])).toEqual([
      ["load", "load", "load"],
      ["patient", "patient", "patient"],
      ["load-2", "load", "load#2"],
    ]);
    expect(steps.get("patient")?.options).toEqual({ retry: 3 });
    expect(steps.get("patient")?.address).toEqual(steps.get("load")?.address);
    expect(steps.get("patient")?.fn).toBe(steps.get("load")?.fn);
    expect(patient.id).toBe("patient");
  });
});

describe("`after`", () => {
  test("names nodes once each, from outputs and records of them", async () => {
    const { spec } = await compilePipeline(
      pipeline("p", () => {
        const a = load({ path: "a" });
        const both = split({ rows: a });
        load({ path: "b" }, { after: [a, both, a, { x: both.test }] });
        return {};
      }),
    );
    expect(spec.nodes.at(-1)?.after).toEqual(["load", "split"]);
  });
});

describe("an inner pipeline", () => {
  const inner = pipeline(
    "inner",
    { cache: "off", trust: ["child"] },
    ({ rows, rounds = 1 }: { rows: Output<string[]>; rounds?: number }) => ({ model: train({ rows, rounds }) }),
  );
  const middle = pipeline("middle", { trust: ["network:a"] }, ({ rows }: { rows: Output<string[]> }) => ({
    ...inner({ rows }),
    n: load({ path: "m" }),
  }));

  test("adds its nodes to the outer one", async () => {
    const { spec, steps } = await compilePipeline(
      pipeline("outer", () => {
        const rows = load({ path: "o" });
        const first = inner({ rows });
        const second = inner({ rows, rounds: 2 });
        return { first, second, n: count({ model: second.model }) };
      }),
    );
    expect(spec.nodes.map(({ id }) => id)).toEqual(["load", "train", "train-2", "count"]);
    expect(spec.nodes[3]?.properties[0]?.inputs[0]?.source).toEqual({
      kind: "node",
      node: "train-2",
      output: "output",
    });
    expect([...steps.keys()]).toEqual(["load", "train", "count"]);
  });

  test("keeps its own settings on its nodes, the innermost first", async () => {
    const { spec } = await compilePipeline(
      pipeline("outer", { cache: "refresh" }, () => {
        const rows = load({ path: "o" });
        return { ...middle({ rows }), last: load({ path: "l" }) };
      }),
    );
    expect(spec.nodes.map(({ id, cache, trust }) => [id, cache, trust])).toEqual([
      ["load", undefined, undefined],
      ["train", "off", ["network:a", "child"]],
      ["load-2", undefined, ["network:a"]],
      ["load-3", undefined, undefined],
    ]);
    expect(spec.cache).toBe("refresh");
  });

  test("that throws leaves no settings behind", async () => {
    const failing = pipeline("failing", { cache: "off" }, (): Record<string, never> => {
      throw new Error("mine");
    });
    const { spec } = await compilePipeline(
      pipeline("outer", () => {
        expect(() => failing()).toThrow("mine");
        return { rows: load({ path: "x" }) };
      }),
    );
    expect(spec.nodes[0]?.cache).toBeUndefined();
  });
});
