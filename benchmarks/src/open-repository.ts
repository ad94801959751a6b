import { DatabaseSync } from "node:sqlite";
import { Repository } from "warmstart";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { runningProgram, runProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";

const config = { executor: "in-process", trust: ["in-process"] } as const;

const FILL = runningProgram({ module: "many-steps.ts", pipeline: "manySteps", params: [{ count: 1_000 }], config });

const FIRST = `import { Repository } from "warmstart";
const began = performance.now();
const repository = await Repository.open({ config: ${JSON.stringify(config)} });
const taken = performance.now() - began;
await repository[Symbol.asyncDispose]();
process.stdout.write(String(taken));
`;

const FIRST_FLOOR = `import { DatabaseSync } from "node:sqlite";
const began = performance.now();
const db = new DatabaseSync(".warmstart/metadata.sqlite");
db.prepare("SELECT count(*) FROM run").get();
const taken = performance.now() - began;
db.close();
process.stdout.write(String(taken));
`;

export const benchmark: Benchmark = {
  name: "open-repository",
  about: "Opening a repository that exists, and closing it, against opening its SQLite file and asking one question.",
  async run(bench) {
    using project = new Project({ "first.mjs": FIRST, "first-floor.mjs": FIRST_FLOOR, "fill.ts": FILL });
    await runProgram(["fill.ts"], project.root);
    const metadataFile = project.path(".warmstart", "metadata.sqlite");
    await compareFirst(bench, project);
    await bench.compare({
      what: "open and close again in one process",
      per: 20,
      ours: async () => {
        for (let time = 0; time < 20; time++) {
          const repository = await Repository.open({ from: project.root, config });
          await repository[Symbol.asyncDispose]();
        }
      },
      floor: { name: "SQLite alone", run: () => openDatabase(metadataFile, 20) },
    });
  },
};

async function compareFirst(bench: Bench, project: Project): Promise<void> {
  await bench.compare({
    what: "open in a fresh process, after the import",
    rounds: 11,
    ours: async () => Number(await runProgram(["first.mjs"], project.root)),
    floor: {
      name: "SQLite alone in a fresh process",
      run: async () => Number(await runProgram(["first-floor.mjs"], project.root)),
    },
    budget: { kind: "at-most", limit: 5 },
  });
}

function openDatabase(file: string, times: number): void {
  for (let time = 0; time < times; time++) {
    const db = new DatabaseSync(file);
    db.prepare("SELECT count(*) FROM run").get();
    db.close();
  }
}
