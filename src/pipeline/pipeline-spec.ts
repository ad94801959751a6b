import type { SourceLocation } from "../model/source-location.ts";
import type { CachePolicy } from "./step-options.ts";

/** The version of this form; a newer one is refused. */
export const PIPELINE_SPEC_VERSION = 1;

/** Where an input's artifact comes from. */
export type InputSource =
  | { readonly kind: "node"; readonly node: string; readonly output: string }
  | { readonly kind: "artifact"; readonly name: string; readonly version: string };

/** One upstream handle inside a property: `label` names its hole in the canonical bytes (`rows`, `models/0`). */
export interface InputBinding {
  readonly label: string;
  readonly source: InputSource;
}

/**
 * One property of the object that a step gets: canonical bytes with a hole for every upstream handle.
 * `direct` is true when the property *is* one handle, so that nothing of it is configuration.
 */
export interface PropertySpec {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: readonly InputBinding[];
  readonly direct: boolean;
  /** Names of secrets inside, in order. */
  readonly secrets: readonly string[];
  /** Those of them whose value joins the key as an HMAC (`secret(name, { inKey: true })`). */
  readonly secretsInKey: readonly string[];
  /** Short human preview of the configuration. */
  readonly shown: string;
}

export interface OutputSpec {
  readonly name: string;
  /** The materializer's id, where the output names one. */
  readonly materializer?: string;
  /** The artifact's name, where versions are wanted. */
  readonly artifactName?: string;
}

export interface NodeSpec {
  readonly id: string;
  /** The step's name. */
  readonly step: string;
  /** Key into the StepTable. */
  readonly stepKey: string;
  readonly properties: readonly PropertySpec[];
  /** Node ids that must be done before, for their effects (`after`). */
  readonly after: readonly string[];
  /** One output named `output` unless the step declares `outputs`. */
  readonly outputs: readonly OutputSpec[];
  readonly at: SourceLocation;
  /** What the innermost inner pipeline around the call says: weaker than the step's own, stronger than the pipeline's. */
  readonly cache?: CachePolicy;
  /** What the inner pipelines around the call vouch for, besides the step's and the pipeline's own. */
  readonly trust?: readonly string[];
}

/** The results of a pipeline: node outputs in arrays and records. */
export type ResultSpec =
  | { readonly kind: "output"; readonly source: InputSource }
  | { readonly kind: "array"; readonly items: readonly ResultSpec[] }
  | { readonly kind: "record"; readonly entries: readonly (readonly [string, ResultSpec])[] };

/** A compiled pipeline: frozen, serialisable (`pipelineSpecToJson`), without functions. Nodes are in topological order. */
export interface PipelineSpec {
  readonly version: number;
  readonly name: string;
  readonly at: SourceLocation;
  /** Plain JSON for people; secrets left out. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly nodes: readonly NodeSpec[];
  readonly results: ResultSpec;
  /** The pipeline's own cache setting, weaker than a step's. */
  readonly cache?: CachePolicy;
  readonly trust?: readonly string[];
}
