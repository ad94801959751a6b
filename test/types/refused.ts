/** What must not compile, line by line. The messages are read in `messages.test.ts`. */
import { z } from "zod";
import type { Output } from "../../src/pipeline/output.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { secret } from "../../src/pipeline/secret.ts";
import { step } from "../../src/pipeline/step.ts";
import { materializer } from "../../src/pipeline/user-materializer.ts";
import { value } from "../../src/pipeline/value.ts";
import { evaluate, load, split, train, trainModel } from "./flights.ts";
import type { Model, Row } from "./flights.ts";

export function results(): void {
  const bare = step("bare", trainModel);
  const options = step("bare", { retry: 1 }, ({ n }: { n: number }) => ({ n, f: () => n }));
  // @ts-expect-error a class with a method needs a materializer
  pipeline("bare", () => ({ m: bare({ rows: [], rounds: 1 }) }));
  // @ts-expect-error so it does behind options and inside a record
  pipeline("bare", () => ({ m: options({ n: 1 }) }));
  // @ts-expect-error and as an input of another step
  evaluate({ model: bare({ rows: [], rounds: 1 }), rows: [] });
  // @ts-expect-error a plain value is no result
  pipeline("bad", () => ({ rows: load({ path: "x" }), n: 1 }));
  // @ts-expect-error nor deep inside
  pipeline("bad", () => ({ all: { list: [load({ path: "x" }), "text"] } }));
  // @ts-expect-error a step is no result, its call is
  pipeline("bad", () => ({ load }));
  // @ts-expect-error a builder is not async
  pipeline("bad", async () => ({ rows: load({ path: "x" }) }));
  // @ts-expect-error also behind options
  pipeline("bad", { cache: "off" }, async () => ({ rows: load({ path: "x" }) }));
  // @ts-expect-error a result has a name
  pipeline("bad", () => load({ path: "x" }));
  // @ts-expect-error in a list too
  pipeline("bad", () => [load({ path: "x" })]);
  // @ts-expect-error and there are results
  pipeline("bad", () => {});
  // @ts-expect-error a builder gets handles, not rows
  pipeline("bad", ({ rows }: { rows: Output<Row[]> }) => ({ n: rows.length }));
}

export function inputs(): void {
  // @ts-expect-error a step is not its output
  train({ rows: load, rounds: 1 });
  // @ts-expect-error wrong upstream type
  evaluate({ model: load({ path: "x" }), rows: [] });
  // @ts-expect-error missing
  train({ rows: [] });
  // @ts-expect-error unknown property
  train({ rows: [], rounds: 1, extra: 2 });
  // @ts-expect-error class-typed values are not lifted structurally
  evaluate({ model: { weights: new Float32Array(1), name: "x" }, rows: [] });
  // @ts-expect-error inputs are needed
  load();
  // @ts-expect-error a secret is a text
  train({ rows: [], rounds: secret("N") });
  // @ts-expect-error wrong inside a list
  train({ rows: [{ id: "1", late: true, carrier: "AA" }], rounds: 1 });
}

export function options(): void {
  // @ts-expect-error an unknown option
  step("bad", { tiemout: "2h" }, ({ x }: { x: number }) => x);
  // @ts-expect-error beside a known one too
  step("bad", { retry: 1, tiemout: "2h" }, ({ x }: { x: number }) => x);
  // @ts-expect-error a wrong value of an option
  step("bad", { cache: "of" }, ({ x }: { x: number }) => x);
  // @ts-expect-error what cannot be vouched for
  step("bad", { trust: ["disk"] }, ({ x }: { x: number }) => x);
  // @ts-expect-error an unknown option of a call
  load({ path: "x" }, { afterr: [] });
  // @ts-expect-error `after` wants outputs
  load({ path: "x" }, { after: ["train"] });
  // @ts-expect-error an unknown option of `with`
  load.with({ retyr: 1 });
  // @ts-expect-error an unknown option of a pipeline
  pipeline("bad", { chache: "off" }, () => ({ rows: load({ path: "x" }) }));
  // @ts-expect-error an unknown option of an output
  value<Model>({ materialiser: 1 });
}

export function outputs(): void {
  step(
    "bad",
    { outputs: { a: value<number>() } },
    // @ts-expect-error missing output
    ({ x }: { x: number }) => ({ b: x }),
  );
  step(
    "bad",
    { output: value<number>() },
    // @ts-expect-error wrong output
    () => "x",
  );
  const dates = materializer("dates", {
    version: 1,
    is: (candidate: unknown) => candidate instanceof Date,
    save: (date: Date) => date.getTime(),
    load: (time: number) => new Date(time),
  });
  // @ts-expect-error a materializer of another class
  value<Model>({ materializer: dates });
  // @ts-expect-error an output that there is not
  void split({ rows: [], ratio: 1 }).tran;
  const now = step("now", () => 3);
  // @ts-expect-error a handle is not its value
  const n: number = now();
  const firstOf = <T>({ rows }: { rows: T[] }): T => rows[0] as T;
  // @ts-expect-error a generic function must be instantiated
  step("first", firstOf);
  void n;
}

export function parameters(): void {
  const schema = z.object({ path: z.string() });
  const strict = pipeline("strict", { params: schema }, ({ path }) => ({ rows: load({ path }) }));
  // @ts-expect-error parameters are needed
  strict();
  // @ts-expect-error of the right type
  strict({ path: 1 });
  // @ts-expect-error a builder gets what the schema gives
  pipeline("bad", { params: schema }, ({ pth }) => ({ rows: load({ path: pth }) }));
  const plain = pipeline("plain", ({ path }: { path: string }) => ({ rows: load({ path }) }));
  // @ts-expect-error parameters are needed
  plain();
  const inner = pipeline("inner", ({ rows }: { rows: Output<Row[]> }) => ({ m: train({ rows, rounds: 1 }) }));
  // @ts-expect-error an inner pipeline that takes a handle gets no rows
  inner({ rows: [] });
}
