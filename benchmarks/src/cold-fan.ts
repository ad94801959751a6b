import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Benchmark } from "./harness/bench.ts";
import { runningProgram, runRunningProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";
import { Thread } from "./harness/thread.ts";

const COUNT = 1_000;
const MANY = 10_000;

export const benchmark: Benchmark = {
  name: "cold-fan",
  about: `1,000 trivial steps that were never computed, ${availableParallelism()} at once, against as many bare worker threads started and ended.`,
  async run(bench) {
    using project = new Project({
      "threads.ts": program("worker-thread", "apart", COUNT),
      "shared.ts": program("worker-thread", "wide", COUNT),
      "many.ts": program("worker-thread", "wide", MANY),
      "in-process.ts": program("in-process", "wide", COUNT),
    });
    const runCold = async (file: string, count = COUNT): Promise<number> => {
      rmSync(project.path(".warmstart"), { recursive: true, force: true });
      const { ms, computed } = await runRunningProgram(file, project.root);
      if (computed !== count) throw new Error(`${computed} steps were computed`);
      return ms;
    };
    await bench.compare({
      what: "a worker thread for each step",
      rounds: 1,
      warmUp: 0,
      ours: () => runCold("threads.ts"),
      floor: { name: "bare threads", run: startThreads },
      budget: { kind: "at-most", limit: 40_000 },
    });
    await bench.compare({
      what: "steps that were proved to leave nothing share threads",
      rounds: 3,
      ours: () => runCold("shared.ts"),
      budget: { kind: "at-most", limit: 1_000 },
    });
    await bench.compare({ what: "10,000 of them", rounds: 1, warmUp: 0, ours: () => runCold("many.ts", MANY) });
    await bench.compare({ what: "in-process", rounds: 3, ours: () => runCold("in-process.ts") });
  },
};

function program(executor: string, pipeline: string, count: number): string {
  return runningProgram({ module: "shapes.ts", pipeline, params: [{ count }], config: { executor } });
}

async function startThreads(): Promise<void> {
  let left = COUNT;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      await using thread = Thread.bare();
      await thread.until("loaded");
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}
