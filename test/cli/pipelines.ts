/** A pipeline of two steps, the first of which waits for `rounds` turns. */
export const twoSteps = `
import { appendFileSync } from "node:fs";
import { pipeline, step } from "warmstart";

const load = step("load", ({ rounds }: { rounds: number }, ctx) => {
  console.log("loading", rounds);
  ctx.metric("rows", rounds);
  return Array.from({ length: rounds }, (_, i) => i);
});
const total = step("total", ({ rows }: { rows: number[] }) => rows.reduce((a, b) => a + b, 0));

export default pipeline("sums", ({ rounds = 100 }: { rounds?: number }) => {
  const rows = load({ rounds });
  return { sum: total({ rows }), rows };
});
`;

/** A quick step, one that fails, and one behind it. */
export const failing = `
import { pipeline, step } from "warmstart";
const quick = step("quick", () => 1);
const bad = step("bad", ({ a }: { a: number }): number => { console.log("about to fail"); throw new RangeError("too much " + a); });
const after = step("after", ({ a }: { a: number }) => a);
export default pipeline("failing", () => ({ r: after({ a: bad({ a: quick({}) }) }) }));
`;

/** A quick step, and one that computes for half a minute without ever yielding. */
export const endless = `
import { pipeline, step } from "warmstart";
const quick = step("quick", () => 1);
const busy = step("busy", ({ a }: { a: number }) => {
  console.log("busy now");
  const began = performance.now();
  while (performance.now() - began < 30_000);
  return a;
});
export default pipeline("endless", () => ({ r: busy({ a: quick({}) }) }));
`;
