import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import { deepFreeze } from "../util/deep-freeze.ts";
import { Graph } from "./graph.ts";
import { readParameters } from "./parameters.ts";
import type { Parameters } from "./parameters.ts";
import { pipelineDefinition } from "./pipeline.ts";
import type { PipelineDefinition } from "./pipeline.ts";
import { PIPELINE_SPEC_VERSION } from "./pipeline-spec.ts";
import type { PipelineSpec, ResultSpec } from "./pipeline-spec.ts";
import { toPlainJson } from "./plain-json.ts";
import { readResults } from "./results.ts";
import { stepDefinition } from "./step.ts";
import type { StepTable } from "./step-table.ts";

/** A pipeline ready to be run: data that can be sent anywhere, and the functions behind it. */
export interface CompiledPipeline {
  /** Frozen all the way down, bytes excepted. */
  readonly spec: PipelineSpec;
  readonly steps: StepTable;
}

/**
 * Checks the parameters, calls the builder and gives the graph that it made. Nothing is run, read or written, and the
 * same parameters give an equal spec every time, as far as the builder itself depends on nothing else.
 *
 * @throws PipelineError for every misuse that a builder can hold; what the builder itself throws passes through.
 * @example const { spec, steps } = await compilePipeline(flights, { rounds: 200 });
 */
export async function compilePipeline(pipeline: unknown, params?: unknown): Promise<CompiledPipeline> {
  const definition = pipelineDefinition(pipeline);
  if (definition === undefined) throw noPipeline(pipeline);
  const values = await readParameters(definition, params);
  // Before the builder sees them, since it may change them.
  const shown = toPlainJson(values) as PipelineSpec["params"];
  const graph = new Graph(definition.name);
  const results = graph.build(() => readResults(definition.build(values as never), graph, definition));
  return Object.freeze({ spec: specOf(definition, shown, graph, results), steps: graph.steps });
}

function specOf(definition: PipelineDefinition, params: Parameters, graph: Graph, results: ResultSpec): PipelineSpec {
  return deepFreeze({
    version: PIPELINE_SPEC_VERSION,
    name: definition.name,
    at: definition.definedAt,
    params,
    nodes: graph.nodes,
    results,
    ...(definition.cache === undefined ? {} : { cache: definition.cache }),
    ...(definition.trust === undefined ? {} : { trust: definition.trust }),
  });
}

function noPipeline(found: unknown): PipelineError {
  const step = stepDefinition(found);
  const what = step === undefined ? previewValue(found) : `the step \`${step.name}\``;
  return new PipelineError("WS_UNKNOWN_PIPELINE", {
    message: `What should be a pipeline is ${what}.`,
    hint: "Give what `pipeline(name, build)` returns; a step alone is run by a pipeline that calls it.",
  });
}
