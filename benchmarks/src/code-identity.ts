import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CodeIdentifier } from "../../src/code-identity/code-identifier.ts";
import type { Benchmark } from "./harness/bench.ts";
import { identifierOf, identifyAll, programIn } from "./harness/identify.ts";
import { runProgram } from "./harness/program.ts";
import { Project } from "./harness/project.ts";

const MODULES = 200;
const STEPS_EACH = 5;
const IDENTIFY = fileURLToPath(import.meta.resolve("./harness/identify.ts"));

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

/** Each module has five steps, a helper that they call, and imports two other modules: no step reaches all. */
function moduleText(number: number): string {
  const imported = [2 * number + 1, 2 * number + 2].filter((other) => other < MODULES);
  const imports = imported.map((other) => `import { helper as helper${other} } from "./module-${other}.ts";`);
  const calls = imported.map((other) => ` + helper${other}(n)`).join("");
  const steps = numbers(STEPS_EACH).map(
    (index) => `export const step${index} = step("step-${number}-${index}", ({ n }: { n: number }) => {
  const doubled = n * ${index + 2};
  if (doubled > 1000) throw new Error("too large");
  return { value: helper(doubled), of: "module ${number}" };
});`,
  );
  return `import { step } from "warmstart";
${imports.join("\n")}

/** What the steps of this module share. */
export function helper(n: number): number {
  const table = [1, 2, 3, 5, 8, 13].map((entry) => entry * n);
  return table.reduce((sum, entry) => sum + entry, ${number})${calls};
}

${steps.join("\n\n")}
`;
}

function pipelineText(): string {
  const imports = numbers(MODULES).map((number) => `import * as m${number} from "./module-${number}.ts";`);
  const calls = numbers(MODULES).flatMap((number) =>
    numbers(STEPS_EACH).map((step) => `m${number}.step${step}({ n: 1 })`),
  );
  return `import { pipeline } from "warmstart";
${imports.join("\n")}

export const all = pipeline("all", () => ({ results: [${calls.join(", ")}] }));
`;
}

function projectFiles(): Readonly<Record<string, string>> {
  const modules = numbers(MODULES).map((number) => [`module-${number}.ts`, moduleText(number)] as const);
  return { ...Object.fromEntries(modules), "all.ts": pipelineText() };
}

export const benchmark: Benchmark = {
  name: "code-identity",
  about:
    "Identities of 1,000 steps over 200 modules (`symbols`), against reading and hashing those files, or asking for their stamps.",
  async run(bench) {
    using project = new Project(projectFiles());
    const program = await programIn(project.root);
    const stampFile = project.path("stamps", "sources");
    const identifier = (): CodeIdentifier => identifierOf(project.root);
    const identify = (with_: CodeIdentifier): Promise<void> => identifyAll(with_, program);
    // A file that has just been written is read again, whatever its stamp says.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await bench.compare({
      what: "nothing known",
      ours: async () => {
        rmSync(project.path("stamps"), { recursive: true, force: true });
        mkdirSync(project.path("stamps"));
        const began = performance.now();
        await identify(identifier());
        return performance.now() - began;
      },
      floor: { name: "read and hash 200 files", run: () => hashFiles(project) },
      budget: { kind: "at-most", limit: 1_200 },
    });
    const first = identifier();
    await identify(first);
    await first.save();
    if (!existsSync(stampFile)) throw new Error("the identifier kept no stamps");
    await bench.compare({
      what: "unchanged, by another identifier",
      rounds: 9,
      ours: () => identify(identifier()),
      floor: { name: "stat of 200 files", run: () => statFiles(project) },
      budget: { kind: "at-most", limit: 10 },
    });
    await bench.compare({
      what: "unchanged, in a fresh process",
      rounds: 9,
      ours: async () => Number(await runProgram([IDENTIFY, project.root], project.root)),
      floor: { name: "stat of 200 files", run: () => statFiles(project) },
    });
    const again = identifier();
    await identify(again);
    await bench.compare({
      what: "unchanged, in the same process, files looked at again",
      rounds: 9,
      ours: () => {
        again.forget();
        return identify(again);
      },
      floor: { name: "stat of 200 files", run: () => statFiles(project) },
    });
    await bench.compare({
      what: "one module edited",
      ours: async () => {
        appendFileSync(project.path("module-150.ts"), "// edited\n");
        const began = performance.now();
        await identify(identifier());
        return performance.now() - began;
      },
      floor: { name: "stat of 200 files", run: () => statFiles(project) },
    });
  },
};

function hashFiles(project: Project): void {
  for (const number of numbers(MODULES)) {
    createHash("sha256")
      .update(readFileSync(project.path(`module-${number}.ts`)))
      .digest();
  }
}

function statFiles(project: Project): void {
  for (const number of numbers(MODULES)) statSync(project.path(`module-${number}.ts`), { bigint: true });
}
