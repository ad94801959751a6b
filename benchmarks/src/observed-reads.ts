import { mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { Repository } from "warmstart";
import type { Pipeline, RunEvent } from "warmstart";
import type { ReadWork } from "../pipelines/read-work.ts";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { Project } from "./harness/project.ts";

const FILES = 20_000;
const ROUNDS = 3;
const HOWS: readonly (readonly [ReadWork["how"], string])[] = [
  ["text", "20,000 small files as text, one after the other"],
  ["bytes", "the same as bytes"],
  ["promises", "the same by promises, 64 at a time"],
  ["compute", "a step that computes and reads nothing"],
];

type Reads = Pipeline<ReadWork, unknown>;

export const benchmark: Benchmark = {
  name: "observed-reads",
  about: "A step that reads 20,000 small files, observed, against the same function in a thread that nobody observes.",
  async run(bench) {
    using project = new Project();
    const folder = project.path("data");
    writeMany(folder);
    const { reads } = await project.import<{ reads: Reads }>("reads.ts");
    await using repository = await Repository.open({ folder: project.path(".warmstart"), from: project.root });
    for (const [how, what] of HOWS) {
      const work: ReadWork = { how, folder, count: FILES };
      const plain = (): Promise<number> => timePlain(pathToFileURL(project.path("read-work.ts")).href, work);
      await compareBoth(bench, what, plain, (refresh) => timeStep(repository, reads, work, refresh));
    }
    await bench.compare({
      what: "look-up of a step that read 20,000 files, until its result is bound",
      ours: () => timeHit(repository, reads, { how: "text", folder, count: FILES }),
      floor: { name: "20,000 stat", run: () => statMany(folder) },
      rounds: ROUNDS,
    });
  },
};

/** A run of the step gives both figures: what the step itself took, and what it took until it was recorded. */
async function compareBoth(
  bench: Bench,
  what: string,
  plain: () => Promise<number>,
  ours: (refresh: readonly string[]) => Promise<{ readonly stepMs: number; readonly runMs: number }>,
): Promise<void> {
  const runs: number[] = [];
  const step = async (): Promise<number> => {
    const { stepMs, runMs } = await ours(["read"]);
    runs.push(runMs);
    return stepMs;
  };
  const floor = { name: "plain worker", run: plain };
  await bench.compare({
    what: `${what}: the step itself`,
    ours: step,
    floor,
    rounds: ROUNDS,
    budget: { kind: "ratio", limit: 1.1 },
  });
  const sorted = runs.slice(1).toSorted((a, b) => a - b);
  bench.note(`${what}, until it is recorded: ${Math.round(sorted[sorted.length >> 1] ?? Number.NaN)} ms.`);
}

async function timeStep(
  repository: Repository,
  reads: Reads,
  work: ReadWork,
  refresh: readonly string[],
): Promise<{ readonly stepMs: number; readonly runMs: number }> {
  let stepMs = Number.NaN;
  const began = performance.now();
  const observer = (event: RunEvent): void => {
    if (event.kind !== "step-computed") return;
    if (event.notOffered !== undefined) throw new Error(event.notOffered.text);
    stepMs = event.durationMs;
  };
  await repository.run(reads, work, { refresh, observer });
  return { stepMs, runMs: performance.now() - began };
}

async function timeHit(repository: Repository, reads: Reads, work: ReadWork): Promise<void> {
  const run = await repository.run(reads, work);
  if (run.counts.reused !== 1) throw new Error("the step was computed");
}

async function timePlain(module: string, work: ReadWork): Promise<number> {
  const worker = new Worker(new URL("harness/plain-reads.mjs", import.meta.url), { workerData: { module, work } });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.on("message", resolve);
  worker.on("error", reject);
  return promise;
}

function writeMany(folder: string): void {
  mkdirSync(folder);
  for (let index = 0; index < FILES; index++) {
    writeFileSync(`${folder}/${index}.txt`, `${index} `.repeat(100));
    utimesSync(`${folder}/${index}.txt`, 1e9, 1e9);
  }
}

function statMany(folder: string): void {
  for (let index = 0; index < FILES; index++) statSync(`${folder}/${index}.txt`, { bigint: true });
}
