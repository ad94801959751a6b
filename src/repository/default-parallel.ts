import { availableParallelism } from "node:os";
import type { Config } from "./config.ts";

/** How many steps compute at once where the run does not say it. */
export function defaultParallel(config: Config): number {
  return config.parallel ?? Math.max(1, availableParallelism());
}
