import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { formatPlace } from "./call-site.ts";
import { requireGraph } from "./graph.ts";
import type { Graph } from "./graph.ts";
import { handleInfo } from "./handle.ts";
import type { HandleInfo } from "./handle.ts";
import { isName } from "./name-check.ts";
import type { PropertySpec } from "./pipeline-spec.ts";
import { isPlainRecord, liftProperty } from "./property-lifter.ts";
import type { LiftTarget } from "./property-lifter.ts";
import { checkOptions } from "./step-options-check.ts";
import type { OptionRule } from "./step-options-check.ts";
import type { StepDefinition } from "./step-table.ts";

const CALL_RULES: Readonly<Record<string, OptionRule>> = {
  id: { expected: "a name: letters, digits, `_`, `-`, `.` and `+`", is: isName },
  after: { expected: "an array of outputs: { after: [checked] }", is: Array.isArray },
};

/**
 * Adds a node for a call of a step to the pipeline that is being built.
 *
 * @throws PipelineError (`WS_OUTSIDE_PIPELINE`, `WS_STEP_IN_STEP`, `WS_BAD_INPUT`, `WS_BAD_OPTION`, `WS_FOREIGN_HANDLE`,
 * `WS_DUPLICATE_ID`).
 */
export function addStepCall(
  definition: StepDefinition,
  inputs: unknown,
  options: unknown,
  at: SourceLocation,
): unknown {
  const step = definition.name;
  const graph = requireGraph({
    what: `Step \`${step}\``,
    at,
    outside: `Inside \`pipeline(name, build)\` a call adds a node. To call the plain function, as in a unit test: \`${step}.run(inputs, ctx?)\`.`,
    inStep: `Call its plain function, or \`${step}.run(inputs, ctx)\`. To make it a node of its own, call it in the pipeline and hand its output over.`,
  });
  const target: LiftTarget = { step, at, claim: (handle) => claimHandle(handle, graph, `Step \`${step}\``, at) };
  const { id, after } = callOptions(options, target);
  const properties = liftInputs(inputs, target);
  return graph.addNode({ definition, properties, after: nodesBefore(after, target), id, at });
}

/** @throws PipelineError (`WS_FOREIGN_HANDLE`) unless the handle was made for this graph. */
export function claimHandle(handle: HandleInfo, graph: Graph, what: string, at: SourceLocation): void {
  if (handle.graph === graph) return;
  throw new PipelineError("WS_FOREIGN_HANDLE", {
    message: `${what} (${formatPlace(at)}) was given \`${handle.label}\` (${formatPlace(handle.at)}), which belongs to another pipeline or to an earlier building of this one.`,
    hint: 'Call the step that makes it in this pipeline too: what is already computed is reused. For a stored result, use `artifact("name@latest")`.',
    details: { output: handle.label, madeAt: handle.at, at },
  });
}

function callOptions(
  options: unknown,
  { step, at }: LiftTarget,
): { readonly id: string | undefined; readonly after: readonly unknown[] } {
  if (options === undefined) return { id: undefined, after: [] };
  const { id, after } = checkOptions(options, CALL_RULES, { what: `this call of step \`${step}\``, at });
  return { id: id as string | undefined, after: (after ?? []) as readonly unknown[] };
}

/** Sorted by name, so that the order in which properties were written cannot be seen by the step. */
function liftInputs(inputs: unknown, target: LiftTarget): readonly PropertySpec[] {
  if (inputs === undefined) return [];
  if (!isPlainRecord(inputs) || Object.getOwnPropertySymbols(inputs).length > 0) throw noInputs(inputs, target);
  const properties: PropertySpec[] = [];
  for (const name of Object.keys(inputs).sort()) {
    const property = Object.getOwnPropertyDescriptor(inputs, name);
    if (property === undefined || !("value" in property)) throw accessorInput(name, target);
    if (name === "__proto__") throw protoInput(target);
    if (property.value !== undefined) properties.push(liftProperty(name, property.value, target));
  }
  return properties;
}

function nodesBefore(after: readonly unknown[], target: LiftTarget): readonly string[] {
  const nodes = new Set<string>();
  for (const [index, item] of after.entries()) {
    const handles = isPlainRecord(item) && handleInfo(item) === undefined ? Object.values(item) : [item];
    for (const handle of handles) nodes.add(nodeOf(handle, index, target));
  }
  return [...nodes];
}

function nodeOf(item: unknown, index: number, target: LiftTarget): string {
  const handle = handleInfo(item);
  if (handle !== undefined) target.claim(handle);
  if (handle?.source.kind === "node") return handle.source.node;
  const found = handle === undefined ? previewValue(item) : `the artifact \`${handle.label}\``;
  throw new PipelineError("WS_BAD_OPTION", {
    message: `\`after[${index}]\` of this call of step \`${target.step}\` (${formatPlace(target.at)}) is ${found}.`,
    hint: "Name what must be done before by its output: { after: [checked] }.",
    details: { at: target.at },
  });
}

function noInputs(inputs: unknown, target: LiftTarget): PipelineError {
  const handle = handleInfo(inputs);
  const found = handle === undefined ? previewValue(inputs) : `the output \`${handle.label}\``;
  const hint = handle === undefined ? "" : " An output is an input under a name: { rows: output }.";
  return inputError(
    target,
    `takes one plain object and was given ${found}`,
    `Write \`${target.step}({ name: value })\`.${hint}`,
  );
}

function accessorInput(name: string, target: LiftTarget): PipelineError {
  return inputError(target, `was given \`${name}\` as a getter`, "Pass its present value as a plain property.");
}

function protoInput(target: LiftTarget): PipelineError {
  return inputError(target, "was given an input called `__proto__`", "Give the input another name.");
}

function inputError({ step, at }: LiftTarget, what: string, hint: string): PipelineError {
  return new PipelineError("WS_BAD_INPUT", {
    message: `Step \`${step}\` (${formatPlace(at)}) ${what}.`,
    hint,
    details: { step, at },
  });
}
