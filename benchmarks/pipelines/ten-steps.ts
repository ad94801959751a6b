import { pipeline, step } from "warmstart";
import type { Output } from "warmstart";
import { configuration } from "./configuration.ts";

const begin = step("begin", ({ settings }: { settings: Record<string, unknown> }) => ({
  sum: Object.keys(settings).length,
}));
const add = step("add", ({ to, amount }: { to: { sum: number }; amount: number }) => ({ sum: to.sum + amount }));

export default pipeline("ten-steps", () => {
  let sum: Output<{ sum: number }> = begin({ settings: configuration(1) });
  for (let amount = 1; amount < 10; amount++) sum = add({ to: sum, amount });
  return { sum };
});
