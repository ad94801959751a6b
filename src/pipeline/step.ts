import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { deepFreeze } from "../util/deep-freeze.ts";
import { callSite, formatPlace } from "./call-site.ts";
import { checkName } from "./name-check.ts";
import type { OutputSpec } from "./pipeline-spec.ts";
import { recordingContext } from "./recording-context.ts";
import { enterStep, openBuilders, runningStep } from "./running-step.ts";
import { addStepCall } from "./step-call.ts";
import type { StepContext } from "./step-context.ts";
import { checkStepOptions, checkWithOptions } from "./step-options-check.ts";
import { registerStep } from "./step-registry.ts";
import type { StepOptions } from "./step-options.ts";
import type { StepDefinition, StepFunction } from "./step-table.ts";
import type { ExpectedValue, Handle, Handles, KnownOptions, Step, StepDefinitionOptions } from "./step-types.ts";
import { threadSlot } from "./thread-state.ts";
import type { ValueType } from "./value.ts";

type AnyStep = Step<Record<string, unknown>, unknown, unknown>;

const definitions: WeakMap<object, StepDefinition> = threadSlot("steps", () => new WeakMap<object, StepDefinition>());

/**
 * Makes a step of a function that takes one object. Called inside a pipeline, the step adds a node and gives an
 * `Output`; its inputs may be values or upstream `Output`s.
 *
 * @throws PipelineError (`WS_BAD_NAME`, `WS_BAD_OPTION`).
 * @example
 * const load = step("load", async ({ path }: { path: string }, ctx) => parse(await readFile(ctx.file(path))));
 * const train = step("train", { timeout: "2h", retry: 2 }, trainModel);
 */
// Two overloads, told apart by the place of the function. One whose function takes fewer parameters, put first, would
// make a contextually typed `ctx` an `any`. `V extends ExpectedValue<O>` puts the error of a missing or wrong output on
// the function's own return, not on the whole call.
export function step<V, I = {}>(
  name: string,
  run: (inputs: I, ctx: StepContext) => V | Promise<V>,
): Step<I, V, Handle<V>>;
export function step<const O extends StepDefinitionOptions, V extends ExpectedValue<O>, I = {}>(
  name: string,
  options: O & KnownOptions<O>,
  run: (inputs: I, ctx: StepContext) => V | Promise<V>,
): Step<I, V, Handles<O, V>>;
export function step(name: string, ...rest: readonly [unknown, unknown?]): unknown {
  const at = callSite(step);
  checkName(name, "a step", at);
  const [options, fn] = rest.length === 1 ? [{}, rest[0]] : rest;
  if (typeof fn !== "function") throw noFunction(name, fn, at);
  const checked = checkStepOptions(options, { what: `step \`${name}\``, at });
  return makeStep(define(name, fn as StepFunction, checked, at));
}

/** The definition behind a step, or undefined for any other value. */
export function stepDefinition(value: unknown): StepDefinition | undefined {
  return typeof value === "function" ? definitions.get(value) : undefined;
}

function define(name: string, fn: StepFunction, checked: StepDefinitionOptions, at: SourceLocation): StepDefinition {
  const { outputs, output, ...options } = checked;
  const withOccurrence = (occurrence: number): StepDefinition =>
    Object.freeze({
      name,
      fn,
      options: frozenCopy(options),
      outputs: deepFreeze(outputSpecs(outputs, output)),
      manyOutputs: outputs !== undefined,
      definedAt: at,
      occurrence,
      address: Object.freeze({ name, definedAt: at, occurrence }),
    });
  // Made again with every building or running, and out of reach for other threads: remembering it would only leak.
  const passing = openBuilders().length > 0 || runningStep() !== undefined;
  return passing ? withOccurrence(-1) : registerStep(at, withOccurrence);
}

function makeStep(definition: StepDefinition): AnyStep {
  const call = (inputs?: unknown, options?: unknown): unknown =>
    addStepCall(definition, inputs, options, callSite(call));
  const members = {
    name: definition.name,
    id: definition.name,
    with: (options: StepOptions & { readonly id?: string }): AnyStep => makeStep(withOptions(definition, options)),
    run: async (inputs: unknown, ctx: StepContext = recordingContext()): Promise<unknown> =>
      enterStep(definition.name, () => definition.fn((inputs ?? {}) as never, ctx)),
  };
  for (const [key, value] of Object.entries(members)) Object.defineProperty(call, key, { value });
  definitions.set(call, definition);
  return Object.freeze(call) as unknown as AnyStep;
}

function withOptions(definition: StepDefinition, given: StepOptions & { readonly id?: string }): StepDefinition {
  const owner = { what: `step \`${definition.name}\``, at: definition.definedAt };
  const { id, ...options } = checkWithOptions(given, owner);
  const name = (id as string | undefined) ?? definition.name;
  return Object.freeze({ ...definition, name, options: frozenCopy({ ...definition.options, ...options }) });
}

function outputSpecs(
  outputs: StepDefinitionOptions["outputs"],
  output: StepDefinitionOptions["output"],
): readonly OutputSpec[] {
  if (outputs === undefined) return [outputSpec("output", output)];
  return Object.entries(outputs).map(([name, type]) => outputSpec(name, type));
}

function outputSpec(name: string, type: ValueType<unknown> | undefined): OutputSpec {
  return {
    name,
    ...(type?.materializer === undefined ? {} : { materializer: type.materializer.id }),
    ...(type?.name === undefined ? {} : { artifactName: type.name }),
  };
}

/** The caller's own objects may change later; functions are kept as they are. */
function frozenCopy(options: StepOptions): StepOptions {
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
  };
  return deepFreeze(copy(options)) as StepOptions;
}

function noFunction(name: string, found: unknown, at: SourceLocation): PipelineError {
  return new PipelineError("WS_BAD_OPTION", {
    message: `Step \`${name}\` (${formatPlace(at)}) has no function: found ${previewValue(found)}.`,
    hint: "Write step(name, fn) or step(name, options, fn).",
    details: { step: name, at },
  });
}
