import { DatabaseSync } from "node:sqlite";
import { Repository } from "warmstart";
import type { Pipeline } from "warmstart";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { runningProgram, runProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";

const HISTORY = 200;

const PIPELINE = `import { pipeline, step } from "warmstart";
import { configuration } from "./configuration.ts";

const train = step("train", (inputs: Record<string, unknown>) => ({ score: Number(inputs["seed"]) }));

export const training = pipeline("training", ({ seed }: { seed: number }) => ({ fit: train(configuration(seed)) as never }));
`;

const config = { executor: "in-process", trust: ["in-process"] } as const;

const FILL = runningProgram({
  module: "training.ts",
  pipeline: "training",
  params: Array.from({ length: HISTORY }, (_, seed) => ({ seed })),
  config,
});

export const benchmark: Benchmark = {
  name: "explain",
  about: `Why a step was computed, with ${HISTORY} earlier executions of it, against reading as many rows from its SQLite file.`,
  async run(bench) {
    using project = new Project({ "training.ts": PIPELINE, "fill.ts": FILL });
    await runProgram(["fill.ts"], project.root);
    const { training } = await project.import<{ training: Pipeline<{ seed: number }, unknown> }>("training.ts");
    await using repository = await Repository.open({ from: project.root, config });
    let seed = HISTORY;
    const database = new DatabaseSync(`${repository.folder}/metadata.sqlite`, { readOnly: true });
    await compareExplain(bench, repository, database);
    await bench.compare({
      what: "plan that says why one step would be computed",
      per: 10,
      rounds: 9,
      ours: async () => {
        for (let time = 0; time < 10; time++) await repository.plan(training, { seed: seed++ });
      },
      floor: { name: "30 rows and key trees read", run: () => readRows(database, 10) },
      budget: { kind: "at-most", limit: 50 },
    });
    database.close();
  },
};

async function compareExplain(bench: Bench, repository: Repository, database: DatabaseSync): Promise<void> {
  const { items } = await repository.queries.executions({ step: "train", limit: 1 });
  const [execution] = items;
  if (execution === undefined) throw new Error("nothing was recorded");
  const { differences } = await repository.queries.explain(execution);
  if (differences.length === 0) throw new Error("the miss was not explained");
  await bench.compare({
    what: "explain one recorded miss",
    per: 10,
    rounds: 9,
    ours: async () => {
      for (let time = 0; time < 10; time++) await repository.queries.explain(execution);
    },
    floor: { name: "30 rows and key trees read", run: () => readRows(database, 10) },
    budget: { kind: "at-most", limit: 50 },
  });
}

function readRows(database: DatabaseSync, times: number): void {
  const read = database.prepare(
    "SELECT e.*, t.tree FROM execution e JOIN key_tree t ON t.key = e.key ORDER BY e.id DESC LIMIT 30",
  );
  for (let time = 0; time < times; time++) {
    for (const row of read.all()) JSON.parse(String(row["tree"]));
  }
}
