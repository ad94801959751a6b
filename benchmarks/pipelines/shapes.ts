import { pipeline, step } from "warmstart";
import type { Output } from "warmstart";

const first = step("first", ({ seed }: { seed: number }) => seed);
const next = step("next", ({ before, by }: { before: number; by: number }) => before + by);

/** Every step needs the one before it. */
export const chain = pipeline("chain", ({ count }: { count: number }) => {
  let last: Output<number> = first({ seed: 0 });
  for (let by = 1; by < count; by++) last = next({ before: last, by });
  return { last };
});

/** Every step needs the first one. */
export const fan = pipeline("fan", ({ count }: { count: number }) => {
  const before = first({ seed: 0 });
  return { all: Array.from({ length: count - 1 }, (_, by) => next({ before, by })) };
});

/** Every step could be computed at once. */
export const wide = pipeline("wide", ({ count }: { count: number }) => {
  return { all: Array.from({ length: count }, (_, seed) => first({ seed })) };
});

const counted = { steps: 0 };
const touching = step("touching", ({ seed }: { seed: number }) => seed + (counted.steps += 1));

/** As `wide`, of steps that change an object of their module, so that each needs a thread of its own. */
export const apart = pipeline("apart", ({ count }: { count: number }) => {
  return { all: Array.from({ length: count }, (_, seed) => touching({ seed })) };
});
