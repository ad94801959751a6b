import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { nearestName } from "../util/nearest-name.ts";
import { formatPlace } from "./call-site.ts";
import { isDuration, parseDuration } from "./duration.ts";
import { handleInfo } from "./handle.ts";
import { isName } from "./name-check.ts";
import { isPlainRecord } from "./property-lifter.ts";
import { isValueType } from "./value.ts";
import { isTrust, trustExpected } from "./trust-word.ts";

/** Who was given the options, for errors. */
export interface OptionsOwner {
  /** "step `train`", "pipeline `flights`". */
  readonly what: string;
  readonly at: SourceLocation;
}

/** Says what an option must be, and whether a value is that. */
export interface OptionRule {
  readonly expected: string;
  is(value: unknown): boolean;
}

const isText = (value: unknown): boolean => typeof value === "string";
const positiveDuration = (value: unknown): boolean => isDuration(value) && parseDuration(value) > 0;

const CACHE: OptionRule = {
  expected: '"use", "refresh", "off" or { ttl: "30d" }',
  is: (value) =>
    value === "use" || value === "refresh" || value === "off" || (hasOnly(value, ["ttl"]) && isDuration(value["ttl"])),
};
const TRUST: OptionRule = {
  expected: trustExpected,
  is: (value) => Array.isArray(value) && value.every(isTrust),
};

const STEP_RULES: Readonly<Record<string, OptionRule>> = {
  cache: CACHE,
  trust: TRUST,
  code: {
    expected: '"symbols", "files" or { version: "…" }',
    is: (value) =>
      value === "symbols" || value === "files" || (hasOnly(value, ["version"]) && isText(value["version"])),
  },
  version: { expected: "a text", is: isText },
  ignore: { expected: "an array of names of inputs", is: (value) => Array.isArray(value) && value.every(isText) },
  salt: { expected: "a text", is: isText },
  strict: { expected: "true or false", is: (value) => typeof value === "boolean" },
  dataVersion: { expected: "a function", is: (value) => typeof value === "function" },
  executor: {
    expected: '"worker-thread" or "in-process"',
    is: (value) => value === "worker-thread" || value === "in-process",
  },
  timeout: { expected: 'a length of time such as "30s" or "2h"', is: positiveDuration },
  retry: { expected: 'a whole number, or { times: 3, delay: "1s", maxDelay: "60s" }', is: isRetry },
};

const DEFINITION_RULES: Readonly<Record<string, OptionRule>> = {
  ...STEP_RULES,
  outputs: { expected: "a record of outputs, as { train: value<Row[]>() }", is: isOutputs },
  output: { expected: "what `value<T>(…)` returns", is: isValueType },
};

const WITH_RULES: Readonly<Record<string, OptionRule>> = {
  ...STEP_RULES,
  id: { expected: "a name", is: isName },
};

const PIPELINE_RULES: Readonly<Record<string, OptionRule>> = {
  cache: CACHE,
  trust: TRUST,
  params: { expected: "a schema of a Standard Schema library (zod, valibot, arktype, …)", is: isStandardSchema },
};

/** Checks the options of `step(name, options, fn)`. @throws PipelineError (`WS_BAD_OPTION`). */
export function checkStepOptions(options: unknown, owner: OptionsOwner): Readonly<Record<string, unknown>> {
  const checked = checkOptions(options, DEFINITION_RULES, owner);
  if (checked["outputs"] === undefined || checked["output"] === undefined) return checked;
  throw new PipelineError("WS_BAD_OPTION", {
    message: `${capital(owner.what)} (${formatPlace(owner.at)}) declares both \`outputs\` and \`output\`.`,
    hint: "Keep `outputs` for several results, or `output` for a single one.",
  });
}

/** Checks the options of `step.with(options)`. @throws PipelineError (`WS_BAD_OPTION`). */
export function checkWithOptions(options: unknown, owner: OptionsOwner): Readonly<Record<string, unknown>> {
  return checkOptions(options, WITH_RULES, owner);
}

/** Checks the options of `pipeline(name, options, build)`. @throws PipelineError (`WS_BAD_OPTION`). */
export function checkPipelineOptions(options: unknown, owner: OptionsOwner): Readonly<Record<string, unknown>> {
  return checkOptions(options, PIPELINE_RULES, owner);
}

/**
 * Checks options against their rules; an option that is undefined counts as not given.
 *
 * @throws PipelineError (`WS_BAD_OPTION`) with the name that was probably meant, or what was expected.
 */
export function checkOptions(
  options: unknown,
  rules: Readonly<Record<string, OptionRule>>,
  owner: OptionsOwner,
): Readonly<Record<string, unknown>> {
  if (!isPlainRecord(options)) throw noOptions(options, owner);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw unknownOption(name, Object.keys(rules), owner);
    if (!rule.is(value)) throw badValue(name, value, rule, owner);
  }
  return Object.fromEntries(given);
}

function hasOnly(value: unknown, names: readonly string[]): value is Readonly<Record<string, unknown>> {
  return isPlainRecord(value) && Object.keys(value).every((name) => names.includes(name));
}

function isRetry(value: unknown): boolean {
  if (isCount(value)) return true;
  if (!hasOnly(value, ["times", "delay", "maxDelay"])) return false;
  const { times, delay, maxDelay } = value;
  return (
    isCount(times) && (delay === undefined || isDuration(delay)) && (maxDelay === undefined || isDuration(maxDelay))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOutputs(value: unknown): boolean {
  if (!isPlainRecord(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([name, type]) => isName(name) && name !== "then" && isValueType(type));
}

function isStandardSchema(value: unknown): boolean {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as { readonly "~standard"?: { readonly version?: unknown; readonly validate?: unknown } })[
    "~standard"
  ];
  return standard?.version === 1 && typeof standard.validate === "function";
}

function noOptions(found: unknown, { what, at }: OptionsOwner): PipelineError {
  return new PipelineError("WS_BAD_OPTION", {
    message: `The options of ${what} (${formatPlace(at)}) are ${previewValue(found)}.`,
    hint: 'Give a plain object, such as { timeout: "2h" }, or leave it out.',
    details: { at },
  });
}

function unknownOption(name: string, known: readonly string[], { what, at }: OptionsOwner): PipelineError {
  const meant = nearestName(name, known);
  const list = `Its options are ${known.map((option) => `\`${option}\``).join(", ")}.`;
  return new PipelineError("WS_BAD_OPTION", {
    message: `${capital(what)} (${formatPlace(at)}) has no option \`${name}\`.`,
    hint: meant === undefined ? list : `Did you mean \`${meant}\`?`,
    details: { option: name, at },
  });
}

function badValue(name: string, value: unknown, rule: OptionRule, { what, at }: OptionsOwner): PipelineError {
  return new PipelineError("WS_BAD_OPTION", {
    message: `Option \`${name}\` of ${what} (${formatPlace(at)}) is ${shown(value)}.`,
    hint: `Expected ${rule.expected}.`,
    details: { option: name, at },
  });
}

function shown(value: unknown): string {
  const handle = handleInfo(value);
  return handle === undefined ? previewValue(value) : `the output \`${handle.label}\``;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
