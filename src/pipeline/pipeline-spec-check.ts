import { decodeCanonical } from "../encoding/canonical.ts";
import { EncodingError, PipelineError } from "../errors.ts";
import { formatPlace } from "./call-site.ts";
import type { InputSource, NodeSpec, PipelineSpec, PropertySpec, ResultSpec } from "./pipeline-spec.ts";
import { secretLabel } from "./secret.ts";

/**
 * Checks what types cannot say of a spec that came from outside: ids are unique, whatever a node reads comes before it,
 * nothing refers to a node or output that there is not, and the holes in the bytes are those that are listed.
 *
 * @throws PipelineError (`WS_DUPLICATE_ID`, `WS_CYCLE`), EncodingError (`WS_BAD_ENCODING`).
 */
export function checkPipelineSpec(spec: PipelineSpec): void {
  const nodes = nodesById(spec.nodes);
  for (const node of spec.nodes) checkSources(node, nodes);
  for (const source of resultSources(spec.results)) checkSource(source, nodes, "the results");
  checkOrder(spec.nodes);
  for (const node of spec.nodes) for (const property of node.properties) checkHoles(node, property);
}

function nodesById(list: readonly NodeSpec[]): ReadonlyMap<string, NodeSpec> {
  const nodes = new Map<string, NodeSpec>();
  for (const node of list) {
    const other = nodes.get(node.id);
    if (other !== undefined) throw duplicate(node, other);
    nodes.set(node.id, node);
  }
  return nodes;
}

function checkSources(node: NodeSpec, nodes: ReadonlyMap<string, NodeSpec>): void {
  const user = `node \`${node.id}\``;
  for (const { inputs } of node.properties) for (const { source } of inputs) checkSource(source, nodes, user);
  for (const before of node.after)
    if (!nodes.has(before)) throw broken(`${user} waits for \`${before}\`, which there is not`);
}

function checkSource(source: InputSource, nodes: ReadonlyMap<string, NodeSpec>, user: string): void {
  if (source.kind === "artifact") return;
  const outputs = nodes.get(source.node)?.outputs;
  if (outputs === undefined) throw broken(`${user} reads from node \`${source.node}\`, which there is not`);
  if (outputs.some(({ name }) => name === source.output)) return;
  throw broken(`${user} reads \`${source.output}\` of node \`${source.node}\`, which has no such output`);
}

function* resultSources(result: ResultSpec): Generator<InputSource> {
  if (result.kind === "output") yield result.source;
  else if (result.kind === "array") for (const item of result.items) yield* resultSources(item);
  else for (const [, item] of result.entries) yield* resultSources(item);
}

/** Every node before those that read from it or wait for it. Where one is not, there is a cycle or only a wrong order. */
function checkOrder(nodes: readonly NodeSpec[]): void {
  const done = new Set<string>();
  for (const node of nodes) {
    const late = [...needs(node)].find((id) => !done.has(id));
    if (late !== undefined)
      throw cycleThrough(nodes) ?? broken(`node \`${node.id}\` comes before \`${late}\`, which it needs`);
    done.add(node.id);
  }
}

function* needs(node: NodeSpec): Generator<string> {
  yield* node.after;
  for (const { inputs } of node.properties) {
    for (const { source } of inputs) if (source.kind === "node") yield source.node;
  }
}

/** Takes away what can be done until nothing can: what is left then holds a cycle. */
function cycleThrough(nodes: readonly NodeSpec[]): PipelineError | undefined {
  const left = new Map(nodes.map((node) => [node.id, new Set(needs(node))]));
  const users = new Map<string, string[]>();
  for (const [id, needed] of left) for (const other of needed) users.set(other, [...(users.get(other) ?? []), id]);
  const ready = [...left].filter(([, needed]) => needed.size === 0).map(([id]) => id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    left.delete(id);
    for (const user of users.get(id) ?? []) {
      const needed = left.get(user);
      if (needed?.delete(id) === true && needed.size === 0) ready.push(user);
    }
  }
  return left.size === 0 ? undefined : cycle(pathBack(left));
}

/** Follows needs among nodes that all have one left, until a node comes up again. */
function pathBack(left: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const path: string[] = [];
  let [id] = left.keys();
  while (id !== undefined && !path.includes(id)) {
    path.push(id);
    [id] = left.get(id) ?? [];
  }
  return id === undefined ? path : [...path.slice(path.indexOf(id)), id];
}

function checkHoles(node: NodeSpec, property: PropertySpec): void {
  const found = new Set<string>();
  decodeCanonical(property.bytes, { fill: (label) => void found.add(label) });
  const labels = [...property.secrets.map(secretLabel), ...property.inputs.map(({ label }) => label)];
  const listed = new Set(labels);
  const odd =
    [...found].find((label) => !listed.has(label)) ?? labels.find((label) => !found.has(label)) ?? repeated(labels);
  if (odd === undefined) return;
  throw broken(`input \`${property.name}\` of node \`${node.id}\` lists other holes than its bytes have (\`${odd}\`)`);
}

/** A label that stands for two sources would be filled with one of them in both places. */
function repeated(labels: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return labels.find((label) => seen.size === seen.add(label).size);
}

function duplicate(node: NodeSpec, other: NodeSpec): PipelineError {
  return new PipelineError("WS_DUPLICATE_ID", {
    message: `Two nodes are called \`${node.id}\`: at ${formatPlace(other.at)} and at ${formatPlace(node.at)}.`,
    hint: "Compile the pipeline again: compiling never gives two nodes one id.",
    details: { id: node.id },
  });
}

function cycle(path: readonly string[]): PipelineError {
  return new PipelineError("WS_CYCLE", {
    message: `The pipeline goes round in a circle: ${path.map((id) => `\`${id}\``).join(" needs ")}.`,
    hint: "Compile the pipeline again: a handle exists only once its step was called, so compiling never makes a circle.",
    details: { path },
  });
}

function broken(what: string): EncodingError {
  return new EncodingError({
    code: "WS_BAD_ENCODING",
    message: `This pipeline spec is broken: ${what}.`,
    hint: "It was not written by Warmstart, or was changed since: compile the pipeline again.",
  });
}
