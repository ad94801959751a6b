/** Everything that people write, as the design shows it: compiled, never run. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { artifact } from "../../src/pipeline/artifact-reference.ts";
import type { Output } from "../../src/pipeline/output.ts";
import type { ParametersOf, Pipeline } from "../../src/pipeline/pipeline-types.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { secret } from "../../src/pipeline/secret.ts";
import type { StepContext } from "../../src/pipeline/step-context.ts";
import type { Step } from "../../src/pipeline/step-types.ts";
import { step } from "../../src/pipeline/step.ts";
import { materializer } from "../../src/pipeline/user-materializer.ts";
import type { UserMaterializer } from "../../src/pipeline/user-materializer.ts";
import { file } from "../../src/pipeline/value-kinds.ts";
import type { FileValue } from "../../src/pipeline/value-kinds.ts";
import { value } from "../../src/pipeline/value.ts";
import { Repository, run } from "../../src/index.ts";

export interface Row {
  id: number;
  late: boolean;
  carrier: string;
}

export class Model {
  readonly weights: Float32Array;
  readonly name: string;

  constructor(weights: Float32Array, name: string) {
    this.weights = weights;
    this.name = name;
  }

  predict(row: Row): number {
    return row.id;
  }
}

declare function parse(bytes: Buffer): Row[];
declare function partition(rows: Row[], ratio: number): { train: Row[]; test: Row[] };

export async function trainModel({ rows, rounds }: { rows: Row[]; rounds: number }, ctx: StepContext): Promise<Model> {
  ctx.progress(1, rounds);
  return new Model(new Float32Array(rows.length), "m");
}

export const load: Step<{ path: string }, Row[], Output<Row[]>> = step(
  "load",
  async ({ path }: { path: string }, ctx) => parse(await readFile(ctx.file(path))),
);
export const split: Step<
  { rows: Row[]; ratio: number },
  { train: Row[]; test: Row[] },
  { readonly train: Output<Row[]>; readonly test: Output<Row[]> }
> = step(
  "split",
  { outputs: { train: value<Row[]>(), test: value<Row[]>() } },
  ({ rows, ratio }: { rows: Row[]; ratio: number }) => partition(rows, ratio),
);
export const lateModel: UserMaterializer<Model, { weights: Float32Array; name: string }> = materializer("late-model", {
  version: 1,
  is: (candidate) => candidate instanceof Model,
  save: (model: Model) => ({ weights: model.weights, name: model.name }),
  load: (stored: { weights: Float32Array; name: string }) => new Model(stored.weights, stored.name),
});
export const train: Step<{ rows: Row[]; rounds: number }, Model, Output<Model>> = step(
  "train",
  { timeout: "2h", retry: 2, output: value<Model>({ name: "late-model", materializer: lateModel }) },
  trainModel,
);
export const evaluate: Step<{ model: Model; rows: Row[] }, number, Output<number>> = step(
  "evaluate",
  ({ model, rows }: { model: Model; rows: Row[] }) => rows.map((row) => model.predict(row)).length,
);

interface Tree {
  v: number;
  kids: Tree[];
}
interface Mixed {
  readonly a: readonly [number, string];
  b?: { c: string }[] | null;
  kind: "x" | "y";
}

// What is kept without a materializer.
const opaque = step("opaque", () => ({
  at: new Date(),
  m: new Map([[1, "a"]]),
  w: new Float32Array(3),
  u: new URL("http://x"),
  b: Buffer.from("x"),
  n: 1n,
  nested: [{ a: null, b: undefined as string | undefined }],
}));
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
const parsed = step("parsed", (): Json => JSON.parse("{}") as Json);
const takesJson = step("takesJson", ({ json }: { json: Json }) => json);
const loose = step("loose", (): { readonly list: unknown[]; readonly byName: Record<string, unknown> } => ({
  list: [],
  byName: {},
}));
const rowsStep = step("rows", (): Row[] => []);
const unk = step("unk", (): unknown => 1);
const tree = step("tree", (): Tree => ({ v: 1, kids: [] }));
const mixed = step("mixed", async ({ k }: { k?: number }): Promise<Mixed> => ({ a: [k ?? 1, "x"], kind: "x" }));
const table = step("table", (_: {}, ctx): FileValue => file(ctx.tempDirectory));
const rowsOf = step("rowsOf", async ({ table: input }: { table: FileValue }) => (await input.text()).length);
const inferred = step("inferred", { output: value({ materializer: lateModel }) }, trainModel);
const ensemble = step(
  "ensemble",
  { output: value<Model>({ materializer: lateModel }) },
  ({ models }: { models: Model[] }) => models[0] as Model,
);
const notify = step("notify", async ({ n }: { n: number }) => {
  void n;
});
const never = step("never", (): never => {
  throw new Error("always");
});
const now = step("now", () => 3);
const none = step("none", async () => "x");
const ask = step("ask", { trust: ["network:api.example.com"] }, ({ token }: { token: string }) => token.length);
const option = step("option", ({ left }: { left?: { deep: number[] } }) => left?.deep.length ?? 0);

export const flights: Pipeline<{ rounds?: number | undefined }, { readonly model: Output<Model> }> = pipeline(
  "flights",
  { params: z.object({ rounds: z.number().default(100) }), cache: { ttl: "30d" }, trust: ["network"] },
  ({ rounds }) => {
    const { train: fit, test } = split({ rows: load({ path: "data/flights.csv" }), ratio: 0.8 });
    const model = train({ rows: fit, rounds });
    const both = ensemble({ models: [model, train({ rows: fit, rounds: rounds * 2 })] });
    const old = artifact<Model>("late-model@latest");
    const notified = notify({ n: now() }, { after: [model] });
    const asked = ask({ token: secret("TOKEN", { inKey: true }) });
    const counted = rowsOf({ table: table() });
    const again = train.with({ retry: 3, id: "again" })({ rows: fit, rounds });
    return {
      model,
      report: evaluate({ model, rows: test }),
      both,
      old,
      asked,
      counted,
      again,
      n: now({}, { after: [notified, never()] }),
      x: none(),
      o: opaque(),
      p: [parsed(), loose(), takesJson({ json: { deep: [parsed(), 1] } }), takesJson({ json: parsed() })],
      lists: [rowsStep(), { tree: tree(), unk: unk() }],
      mixed: [mixed(), mixed({ k: 1 }), option({ left: { deep: [now(), 1] } }), option()],
      inferred: inferred({ rows: fit, rounds }),
    };
  },
);

// An inner pipeline, nested results, `after` and `id` at the call.
const inner = pipeline("inner", ({ rows, k = 1 }: { rows: Output<Row[]>; k?: number }) => ({
  m: train({ rows, rounds: k }),
}));
const outer = pipeline("outer", () => {
  const { m } = inner({ rows: load({ path: "x" }) });
  return { m };
});
const folds = pipeline("folds", { cache: "off" }, ({ k = 3 }: { k?: number }) => {
  const rows = load({ path: "x" });
  const both = split({ rows, ratio: 0.5 });
  const models = Array.from({ length: k }, (_, i) =>
    train({ rows, rounds: i }, { id: `fold-${i}`, after: [rows, both] }),
  );
  return { models, best: { first: models[0] as Output<Model> } };
});
const needs = pipeline("needs", ({ path }: { path: string }) => ({ rows: load({ path }) }));
const firstOf = <T>({ rows }: { rows: T[] }): T => rows[0] as T;
const first = step("first", firstOf<Row>);

export async function everythingThatRuns(): Promise<void> {
  await using repository = await Repository.open();
  const loaded: Model = await (await repository.run(outer)).outputs.m.load();
  loaded.predict({ id: 1, late: true, carrier: "AA" });
  const folded = await run(folds, { k: 2 });
  const models: readonly Model[] = folded.models;
  const best: Model = folded.best.first;
  await run(folds);
  const ran = await run(flights, { rounds: 200 });
  const model: Model = ran.model;
  await run(flights);
  const row: Output<Row> = first({ rows: load({ path: "x" }) });
  const trainRows: Output<Row[]> = split({ rows: [], ratio: 1 }).train;
  const asPlainFunction: Promise<Model> = train.run({ rows: [], rounds: 1 });
  const parameters: ParametersOf<typeof needs> = { path: "x" };
  void [models, best, model, row, trainRows, asPlainFunction, parameters];
}

export async function parametersOfARun(): Promise<void> {
  // @ts-expect-error parameters are needed
  await run(needs);
  // @ts-expect-error of the right type
  await run(needs, { path: 1 });
  // @ts-expect-error and only those that there are
  await run(needs, { path: "x", pth: "y" });
  await run(needs, { path: "x" });
}
