import { Repository } from "warmstart";
import type { Pipeline } from "warmstart";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import { canonicalDigest } from "../../src/encoding/canonical.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { keyOf, keyTree } from "../../src/encoding/key-tree.ts";
import type { KeyTree } from "../../src/encoding/key-tree.ts";
import type { MetadataStore } from "../../src/metadata-store/metadata-store.ts";
import type { ExecutionDraft } from "../../src/model/execution.ts";
import type { RunId } from "../../src/model/ids.ts";
import { configuration } from "../pipelines/configuration.ts";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { runningProgram, runRunningProgram, timeProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";
import { SqliteFloor } from "./harness/sqlite-floor.ts";

const COUNT = 10_000;

/** In-process, so that filling the repository takes seconds: what a warm run does is the same for every executor. */
const config = { executor: "in-process", trust: ["in-process"] } as const;

type Counted = Pipeline<{ count: number }, unknown>;

export const benchmark: Benchmark = {
  name: "warm-steps",
  about:
    "10,000 warm steps, each with two inputs and a configuration of 20 fields, against the same keys, look-ups and rows on bare node:sqlite.",
  async run(bench) {
    using project = new Project({ "warm.ts": program("manySteps"), "warm-spread.ts": program("manySpreadSteps") });
    // In processes of their own: a source that is newer than the process that runs it is not vouched for in-process.
    for (const file of ["warm.ts", "warm-spread.ts"]) await runRunningProgram(file, project.root);
    using floor = new SqliteFloor(project.path("floor.sqlite"), COUNT);
    await sharedProcess(bench, project, floor);
    await wholeProcesses(bench, project);
    await commitEach(bench, project, floor);
  },
};

async function sharedProcess(bench: Bench, project: Project, floor: SqliteFloor): Promise<void> {
  const { manySteps, manySpreadSteps } =
    await project.import<Record<"manySteps" | "manySpreadSteps", Counted>>("many-steps.ts");
  await using repository = await Repository.open({ from: project.root, config });
  const batched = { name: "on bare node:sqlite, one transaction", run: () => floor.run(false) };
  const run = (pipeline: Counted) => async () => {
    const { counts } = await repository.run(pipeline, { count: COUNT });
    if (counts.computed > 0) throw new Error(`${counts.computed} steps were computed in a warm run`);
  };
  await bench.compare({
    what: "run again in the same process, per step",
    per: COUNT,
    ours: run(manySteps),
    floor: batched,
  });
  await bench.compare({
    what: "the same with 20 properties instead of one, per step",
    per: COUNT,
    ours: run(manySpreadSteps),
    floor: batched,
  });
  const plan = async (): Promise<void> => void (await repository.plan(manySteps, { count: COUNT }));
  await bench.compare({ what: "plan of it (nothing recorded), per step", per: COUNT, ours: plan });
}

async function wholeProcesses(bench: Bench, project: Project): Promise<void> {
  project.write("bare.ts", "");
  await bench.compare({
    what: "10,000 warm steps as a whole process",
    ours: () => timeProgram(["warm.ts"], project.root),
    floor: { name: "bare Node start", run: () => timeProgram(["bare.ts"], project.root) },
    budget: { kind: "over-floor", limit: 600 },
  });
}

function program(pipeline: string): string {
  return runningProgram({ module: "many-steps.ts", pipeline, params: [{ count: COUNT }], config });
}

async function commitEach(bench: Bench, project: Project, floor: SqliteFloor): Promise<void> {
  await using store = await openSqliteMetadataStore({ file: project.path("store.sqlite") });
  const run = await store.createRun({
    pipeline: "many-steps",
    params: {},
    startedAt: 0,
    provenance: { node: process.version, platform: "any", command: [] },
  });
  const steps = new StoreSteps(store, run.id);
  await steps.fill();
  await bench.compare({
    what: "key, look up and record, a commit for each step",
    per: COUNT,
    rounds: 3,
    ours: () => steps.reuseAll(),
    floor: { name: "on bare node:sqlite, a transaction each", run: () => floor.run(true) },
    budget: { kind: "at-most", limit: 0.2 },
  });
}

/** What driver and publisher ask of the store for one step, without the graph around it. */
class StoreSteps {
  readonly #store: MetadataStore;
  readonly #runId: RunId;

  constructor(store: MetadataStore, runId: RunId) {
    this.#store = store;
    this.#runId = runId;
  }

  async fill(): Promise<void> {
    await this.#store.record(Array.from({ length: COUNT }, (_, seed) => this.#computed(seed)));
  }

  async reuseAll(): Promise<void> {
    for (let seed = 0; seed < COUNT; seed++) await this.#reuse(seed);
  }

  async #reuse(seed: number): Promise<void> {
    const tree = treeOf(seed);
    const key = keyOf(tree);
    const [found] = await this.#store.lookup([key]);
    const [entry] = found?.entries ?? [];
    if (entry === undefined) throw new Error(`nothing is stored for ${seed}`);
    await this.#store.record([
      {
        ...this.#base(seed, tree),
        state: "CACHED",
        reason: { kind: "hit", text: `reused from run ${entry.runId}` },
        originId: entry.executionId,
        outputs: entry.outputs.map(({ name, artifact }) => ({ name, artifactId: artifact.id })),
      },
    ]);
  }

  #computed(seed: number): ExecutionDraft {
    const tree = treeOf(seed);
    const digest = digestOf(`output ${seed}`);
    const stored = {
      type: { id: "structured", version: 1 },
      digest,
      blobs: [{ digest, size: 60 }],
      size: 60,
      traits: [],
    };
    const entry = { key: keyOf(tree), reads: [], effects: [], unseen: [], retiresOlder: false };
    return {
      ...this.#base(seed, tree),
      state: "COMPLETE",
      reason: { kind: "first-time", text: "first time" },
      outputs: [{ name: "output", stored: { ...stored, shown: `{ score: ${seed} }` } }],
      entry,
    };
  }

  #base(seed: number, tree: KeyTree): Omit<ExecutionDraft, "state" | "reason" | "outputs"> {
    const at = { startedAt: seed, endedAt: seed, durationMs: 0, savedMs: 12, attempts: 1 };
    const found = { inputs: [], metrics: {}, unseen: [], warnings: [] };
    return { runId: this.#runId, nodeId: `fit-${seed}`, step: "fit", key: keyOf(tree), tree, ...at, ...found };
  }
}

function treeOf(seed: number): KeyTree {
  return keyTree([
    { path: ["code"], digest: digestOf("the code") },
    { path: ["config", "settings"], digest: canonicalDigest(configuration(seed)), shown: "{ … }" },
    { path: ["inputs", "train"], digest: digestOf("train") },
    { path: ["inputs", "test"], digest: digestOf("test") },
  ]);
}
