import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { findStep, stepsDefinedAt } from "../../src/pipeline/step-registry.ts";
import type { StepAddress } from "../../src/pipeline/step-table.ts";
import { step, stepDefinition } from "../../src/pipeline/step.ts";

const factory = (n: number) => stepDefinition(step("made", () => n));

test("a step is found by its address, and only by its own", () => {
  const [one, two] = [factory(1), factory(2)];
  expect(findStep(one?.address as StepAddress)).toBe(one);
  expect(findStep(two?.address as StepAddress)).toBe(two);
  expect([one?.occurrence, two?.occurrence]).toEqual([0, 1]);
  const { address } = one as { address: StepAddress };
  expect(findStep({ ...address, name: "other" })).toBeUndefined();
  expect(findStep({ ...address, occurrence: 2 })).toBeUndefined();
  expect(findStep({ ...address, occurrence: -1 })).toBeUndefined();
  expect(findStep({ ...address, definedAt: { ...address.definedAt, column: 1 } })).toBeUndefined();
  expect(stepsDefinedAt(address.definedAt)).toEqual([one, two]);
  expect(stepsDefinedAt({ ...address.definedAt, line: 1 })).toEqual([]);
});

test("what `with` made is found as the step that it was made of", () => {
  const made = step("original", () => 1);
  const other = stepDefinition(made.with({ id: "renamed", retry: 2 }));
  expect(findStep(other?.address as StepAddress)).toBe(stepDefinition(made));
});

test("a step made inside a builder is not remembered", async () => {
  const definedAt = async (): Promise<readonly unknown[]> => {
    const { steps } = await compilePipeline(pipeline("p", () => ({ x: step("inside", () => 1)() })));
    const definition = steps.get("inside");
    return [definition?.occurrence, stepsDefinedAt(definition?.definedAt as never).length];
  };
  expect(await definedAt()).toEqual([-1, 0]);
});

test("steps made on and on at one place are let go", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let last: ReturnType<typeof factory>;
  const many = (n: number) => stepDefinition(step("many", () => n));
  for (let n = 0; n < 2_000; n++) last = many(n);
  // Looking keeps what is found alive till the end of the turn, so it is only looked at once.
  for (let round = 0; round < 5; round++) {
    await delay(10);
    collect();
  }
  await delay(10);
  const left = stepsDefinedAt(last?.definedAt as never);
  expect(left.length).toBeGreaterThanOrEqual(256);
  expect(left.length).toBeLessThan(300);
  expect(findStep(last?.address as StepAddress)).toBe(last);
});

test("another thread that evaluates the module finds the same functions", async () => {
  const source = `
    import { parentPort } from "node:worker_threads";
    const { definitions } = await import(${JSON.stringify(new URL("fixtures/steps-module.ts", import.meta.url).href)});
    parentPort.postMessage(definitions.map(({ address }) => address));`;
  const made = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const addresses = await messageOf<readonly StepAddress[]>(made);
  const found = new Worker(new URL("fixtures/find-in-worker.ts", import.meta.url), { workerData: addresses });
  expect(await messageOf(found)).toEqual({ before: [true, true, true, true], values: [1, 2, "first", "second"] });
});

async function messageOf<T>(worker: Worker): Promise<T> {
  try {
    return await new Promise<T>((resolve, reject) => worker.once("message", resolve).once("error", reject));
  } finally {
    await worker.terminate();
  }
}
