import type { Benchmark } from "./harness/bench.ts";
import { runProgram, timeProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";

const timed = (specifier: string): string => `const began = performance.now();
await import(${JSON.stringify(specifier)});
process.stdout.write(String(performance.now() - began));
`;

export const benchmark: Benchmark = {
  name: "import-time",
  about: "Importing the package's root entry in a fresh process, against a module that holds nothing.",
  async run(bench) {
    using project = new Project({
      "root.mjs": timed("warmstart"),
      "nothing.mjs": timed("./empty.mjs"),
      "empty.mjs": "export {};\n",
      "whole.mjs": 'import "warmstart";\n',
      "typescript.ts": 'import "warmstart";\n',
      "empty.ts": "export {};\n",
    });
    const inside = (file: string) => async () => Number(await runProgram([file], project.root));
    await bench.compare({
      what: "import of the root entry",
      rounds: 11,
      ours: inside("root.mjs"),
      floor: { name: "an empty module", run: inside("nothing.mjs") },
      budget: { kind: "at-most", limit: 40 },
    });
    await bench.compare({
      what: "a process that imports it and ends",
      rounds: 11,
      ours: () => timeProgram(["whole.mjs"], project.root),
      floor: { name: "a process that does nothing", run: () => timeProgram(["empty.mjs"], project.root) },
    });
    await bench.compare({
      what: "the same from a .ts file",
      rounds: 11,
      ours: () => timeProgram(["typescript.ts"], project.root),
      floor: { name: "an empty .ts file", run: () => timeProgram(["empty.ts"], project.root) },
    });
  },
};
