import type { StandardSchemaV1 } from "@standard-schema/spec";
import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { callSite, formatPlace } from "./call-site.ts";
import { requireGraph } from "./graph.ts";
import { checkName } from "./name-check.ts";
import { readInnerParameters } from "./parameters.ts";
import type { Pipeline, Results } from "./pipeline-types.ts";
import { readResults } from "./results.ts";
import type { CachePolicy, Trust } from "./step-options.ts";
import { checkPipelineOptions } from "./step-options-check.ts";
import { threadSlot } from "./thread-state.ts";

export interface PipelineOptions<In, P> {
  /** Checks the parameters and fills in their defaults; a schema of any Standard Schema library. */
  readonly params?: StandardSchemaV1<In, P>;
  /** For its steps that say nothing themselves. */
  readonly cache?: CachePolicy;
  /** What is vouched for in all its steps. */
  readonly trust?: readonly Trust[];
}

/** What is behind a pipeline. */
export interface PipelineDefinition {
  readonly name: string;
  readonly build: (params: never) => unknown;
  readonly schema: StandardSchemaV1 | undefined;
  readonly cache: CachePolicy | undefined;
  readonly trust: readonly Trust[] | undefined;
  readonly definedAt: SourceLocation;
}

const definitions: WeakMap<object, PipelineDefinition> = threadSlot(
  "pipelines",
  () => new WeakMap<object, PipelineDefinition>(),
);

/**
 * Makes a pipeline: a function that connects steps and gives back a record of their outputs. It is run by a repository;
 * called inside the builder of another pipeline, its nodes join that one's.
 *
 * @throws PipelineError (`WS_BAD_NAME`, `WS_BAD_OPTION`).
 * @example
 * const flights = pipeline("flights", ({ rounds = 100 }: { rounds?: number }) => {
 *   const rows = load({ path: "data/flights.csv" });
 *   return { model: train({ rows, rounds }) };
 * });
 */
export function pipeline<R extends Results<R>, P extends object = {}>(
  name: string,
  build: (params: P) => R,
): Pipeline<P, R>;
export function pipeline<R extends Results<R>, P extends object = {}, In = P>(
  name: string,
  options: PipelineOptions<In, P>,
  build: (params: P) => R,
): Pipeline<In, R>;
export function pipeline(name: string, ...rest: readonly [unknown, unknown?]): unknown {
  const at = callSite(pipeline);
  checkName(name, "a pipeline", at);
  const [options, build] = rest.length === 1 ? [{}, rest[0]] : rest;
  if (typeof build !== "function") throw noBuilder(name, build, at);
  const checked: PipelineOptions<unknown, unknown> = checkPipelineOptions(options, {
    what: `pipeline \`${name}\``,
    at,
  });
  return makePipeline(
    Object.freeze({
      name,
      build: build as PipelineDefinition["build"],
      schema: checked.params,
      cache: typeof checked.cache === "object" ? Object.freeze({ ...checked.cache }) : checked.cache,
      trust: checked.trust === undefined ? undefined : Object.freeze([...checked.trust]),
      definedAt: at,
    }),
  );
}

/** The definition behind a pipeline, or undefined for any other value. */
export function pipelineDefinition(value: unknown): PipelineDefinition | undefined {
  return typeof value === "function" ? definitions.get(value) : undefined;
}

function makePipeline(definition: PipelineDefinition): unknown {
  const call = (params?: unknown): unknown => callInside(definition, params, callSite(call));
  Object.defineProperty(call, "name", { value: definition.name });
  definitions.set(call, definition);
  return Object.freeze(call);
}

function callInside(definition: PipelineDefinition, params: unknown, at: SourceLocation): unknown {
  const graph = requireGraph({
    what: `Pipeline \`${definition.name}\``,
    at,
    outside: `Run it: \`await run(${definition.name}, params)\`. Only the builder of another pipeline calls it directly.`,
    inStep: "Call it in the pipeline and hand its results to this step as inputs.",
  });
  const values = readInnerParameters(definition, params);
  const { cache, trust } = definition;
  const settings = { ...(cache === undefined ? {} : { cache }), ...(trust === undefined ? {} : { trust }) };
  const results = graph.buildInner(settings, () => definition.build(values as never));
  readResults(results, graph, definition);
  return results;
}

function noBuilder(name: string, found: unknown, at: SourceLocation): PipelineError {
  return new PipelineError("WS_BAD_OPTION", {
    message: `Pipeline \`${name}\` (${formatPlace(at)}) has no builder: found ${previewValue(found)}.`,
    hint: "Write pipeline(name, build) or pipeline(name, options, build).",
    details: { pipeline: name, at },
  });
}
