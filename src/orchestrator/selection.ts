import { PipelineError } from "../errors.ts";
import type { NodeSpec, PipelineSpec } from "../pipeline/pipeline-spec.ts";
import { nearestName } from "../util/nearest-name.ts";

/** Which part of a pipeline to run, by names of steps or ids of nodes. */
export interface SelectionRequest {
  /** Everything before these must be a hit. */
  readonly from?: readonly string[];
  /** Nothing behind these is run. */
  readonly to?: readonly string[];
  /** Both: only these are run. */
  readonly only?: readonly string[];
}

export interface Selection {
  /** In the order of the graph. */
  readonly nodes: readonly NodeSpec[];
  readonly leftOut: readonly NodeSpec[];
  /** Ids of nodes that may not be computed in this run. */
  readonly mustHit: ReadonlySet<string>;
}

/** Ids of the nodes that a node needs done: those of its inputs and of `after`, each once. */
export function needsOf(node: NodeSpec): readonly string[] {
  const needs = new Set(node.after);
  for (const { inputs } of node.properties)
    for (const { source } of inputs) if (source.kind === "node") needs.add(source.node);
  return [...needs];
}

/**
 * Applies `from`, `to` and `only` to a pipeline.
 *
 * @throws PipelineError (`WS_UNKNOWN_STEP`) for a name that no step and no node has, with the nearest one.
 */
export function select(spec: PipelineSpec, request: SelectionRequest): Selection {
  const from = idsOf(spec, [...(request.from ?? []), ...(request.only ?? [])]);
  const to = idsOf(spec, [...(request.to ?? []), ...(request.only ?? [])]);
  const wanted = to.size === 0 ? new Set(spec.nodes.map(({ id }) => id)) : upstreamOf(spec, to);
  const nodes = spec.nodes.filter(({ id }) => wanted.has(id));
  const downstream = downstreamOf(spec, from);
  const mustHit = from.size === 0 ? [] : nodes.filter(({ id }) => !downstream.has(id)).map(({ id }) => id);
  return { nodes, leftOut: spec.nodes.filter(({ id }) => !wanted.has(id)), mustHit: new Set(mustHit) };
}

/** Ids of the nodes that a name means: a node's id, or every node of a step. */
export function idsOf(spec: PipelineSpec, names: readonly string[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const name of names) {
    const meant = spec.nodes.filter((node) => node.id === name || node.step === name);
    if (meant.length === 0) throw unknownStep(spec, name);
    for (const { id } of meant) ids.add(id);
  }
  return ids;
}

function upstreamOf(spec: PipelineSpec, ids: ReadonlySet<string>): ReadonlySet<string> {
  const wanted = new Set(ids);
  for (const node of spec.nodes.toReversed())
    if (wanted.has(node.id)) for (const need of needsOf(node)) wanted.add(need);
  return wanted;
}

function downstreamOf(spec: PipelineSpec, ids: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(ids);
  for (const node of spec.nodes) if (needsOf(node).some((need) => found.has(need))) found.add(node.id);
  return found;
}

function unknownStep(spec: PipelineSpec, name: string): PipelineError {
  const known = [...new Set(spec.nodes.flatMap(({ id, step }) => [id, step]))];
  const nearest = nearestName(name, known);
  return new PipelineError("WS_UNKNOWN_STEP", {
    message: `Pipeline ${spec.name} has no step or node called ${name}.`,
    hint: nearest === undefined ? `It has ${known.slice(0, 20).join(", ")}.` : `Did you mean ${nearest}?`,
    details: { known },
  });
}
