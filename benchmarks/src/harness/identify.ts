import { pathToFileURL } from "node:url";
import path from "node:path";
import type { Pipeline } from "warmstart";
import { createCodeIdentifier } from "../../../src/code-identity/code-identifier.ts";
import type { CodeIdentifier } from "../../../src/code-identity/code-identifier.ts";
import { compilePipeline } from "../../../src/pipeline/compile-pipeline.ts";
import type { StepDefinition } from "../../../src/pipeline/step-table.ts";

export interface IdentifiedProgram {
  readonly definitions: readonly StepDefinition[];
  readonly pipelineModule: string;
}

/** The steps of the pipeline `all` of a project's `all.ts`. */
export async function programIn(root: string): Promise<IdentifiedProgram> {
  const { all } = (await import(pathToFileURL(path.join(root, "all.ts")).href)) as { all: Pipeline<object, unknown> };
  const { spec, steps } = await compilePipeline(all);
  const definitions = spec.nodes.flatMap(({ stepKey }) => steps.get(stepKey) ?? []);
  return { definitions, pipelineModule: spec.at.url };
}

export function identifierOf(root: string): CodeIdentifier {
  return createCodeIdentifier({ projectRoot: root, stampFile: path.join(root, "stamps", "sources") });
}

export async function identifyAll(
  identifier: CodeIdentifier,
  { definitions, pipelineModule }: IdentifiedProgram,
): Promise<void> {
  const found = new Set<string>();
  for (const { fn, definedAt } of definitions) {
    const request = { step: { fn, definedAt }, materializers: [], pipelineModule, mode: "symbols" } as const;
    found.add((await identifier.identify(request)).digest);
  }
  if (found.size !== definitions.length) throw new Error(`${found.size} identities for ${definitions.length} steps`);
}

/** As a program: the milliseconds that it takes in a process that has done nothing before. */
if (import.meta.main) {
  const root = process.argv[2] ?? ".";
  const program = await programIn(root);
  const began = performance.now();
  await identifyAll(identifierOf(root), program);
  process.stdout.write(String(performance.now() - began));
}
