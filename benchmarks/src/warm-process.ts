import { existsSync } from "node:fs";
import path from "node:path";
import type { Benchmark } from "./harness/bench.ts";
import { runProgram, timeProgram } from "./harness/program.ts";
import { packageRoot, Project } from "./harness/project.ts";

const command = path.join(packageRoot, "dist", "cli", "main.js");

const inProcess = { executor: "in-process", trust: ["in-process"] };

const PROGRAM = `import { Repository } from "warmstart";
import tenSteps from "./ten-steps.ts";
await using repository = await Repository.open({ config: ${JSON.stringify(inProcess)} });
await repository.run(tenSteps);
`;

export const benchmark: Benchmark = {
  name: "warm-process",
  about: "10 warm steps from the start of the process to its exit, against bare Node importing the same file.",
  async run(bench) {
    using project = new Project({ "program.ts": PROGRAM });
    // Two of them: sources are stamped as settled only some seconds after they were written.
    await runProgram(["program.ts"], project.root);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await runProgram(["program.ts"], project.root);
    const floor = { name: "bare Node, same file", run: () => timeProgram(["ten-steps.ts"], project.root) };
    await bench.compare({
      what: "a program that opens the repository and runs",
      rounds: 11,
      ours: () => timeProgram(["program.ts"], project.root),
      floor,
      budget: { kind: "over-floor", limit: 100 },
    });
    if (!existsSync(command))
      return bench.note("`warmstart run` was not measured: there is no command line in this build");
    project.write("warmstart.config.ts", `export default ${JSON.stringify(inProcess)};\n`);
    const run = [command, "run", "ten-steps.ts"];
    await runProgram(run, project.root);
    await bench.compare({
      what: "`warmstart run ten-steps.ts`",
      rounds: 11,
      ours: () => timeProgram(run, project.root),
      floor,
      budget: { kind: "over-floor", limit: 100 },
    });
  },
};
