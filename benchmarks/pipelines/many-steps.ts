import { pipeline, step } from "warmstart";
import type { Output } from "warmstart";
import { configuration } from "./configuration.ts";

const rows = step("rows", ({ name }: { name: string }) => ({ name, count: 3 }));

interface Inputs {
  readonly train: { readonly count: number };
  readonly test: { readonly count: number };
}

const fit = step("fit", ({ train, test, settings }: Inputs & { settings: Record<string, unknown> }) => {
  return { score: train.count + test.count + Number(settings["seed"]) };
});

const fitSpread = step("fit-spread", ({ train, test, ...settings }: Inputs & Record<string, unknown>) => {
  return { score: train.count + test.count + Number(settings["seed"]) };
});

/** Two inputs, and a fan of steps behind them; each has a configuration of 20 fields as one property. */
export const manySteps = pipeline("many-steps", ({ count }: { count: number }) => {
  const [train, test] = [rows({ name: "train" }), rows({ name: "test" })];
  return { fits: seeds(count).map((seed) => fit({ train, test, settings: configuration(seed) })) };
});

/** The same with 20 properties. */
export const manySpreadSteps = pipeline("many-spread-steps", ({ count }: { count: number }) => {
  const [train, test] = [rows({ name: "train" }), rows({ name: "test" })];
  return { fits: seeds(count).map((seed) => fitSpread({ train, test, ...configuration(seed) })) as Output<unknown>[] };
});

function seeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, seed) => seed);
}
