import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import { callSite, formatPlace } from "./call-site.ts";
import { checkName } from "./name-check.ts";
import { isUserMaterializer } from "./user-materializer.ts";

/** What an output needs to know of a materializer; `materializer(…)` makes one. */
export interface MaterializerReference<T> {
  readonly id: string;
  readonly version: number;
  is(value: unknown): value is T;
}

declare const valueOf: unique symbol;
const mark = Symbol.for("warmstart.value-type");

/** The declared type of an output, with the artifact's name and the materializer where it has them. */
export interface ValueType<T> {
  readonly name?: string;
  readonly materializer?: MaterializerReference<unknown>;
  readonly [valueOf]?: T;
}

export interface ValueOptions {
  /** Gives the artifact versions under this name: `artifact("late-model@latest")` brings one in. */
  readonly name?: string;
}

export interface MaterializedValueOptions<T> extends ValueOptions {
  /** How a value of a class, or of a form that wants its own bytes, is kept. */
  readonly materializer: MaterializerReference<T>;
}

/**
 * Declares what an output is. The type is for the compiler; a name gives versions, a materializer keeps a value of a class.
 *
 * @throws PipelineError (`WS_BAD_NAME`, `WS_BAD_OPTION`).
 * @example step("split", { outputs: { train: value<Row[]>(), test: value<Row[]>() } }, partition);
 */
export function value<T>(options: MaterializedValueOptions<T>): ValueType<T>;
export function value<T>(options?: ValueOptions): ValueType<T>;
export function value(options: Partial<MaterializedValueOptions<unknown>> = {}): ValueType<unknown> {
  const at = callSite(value);
  if (options.name !== undefined) checkName(options.name, "an artifact", at);
  const { name, materializer } = options;
  if (materializer !== undefined && !isUserMaterializer(materializer))
    throw badMaterializer(materializer, formatPlace(at));
  return Object.freeze({
    [mark]: true,
    ...(name === undefined ? {} : { name }),
    ...(materializer === undefined ? {} : { materializer }),
  });
}

/** Whether `value(…)` made it. */
export function isValueType(candidate: unknown): candidate is ValueType<unknown> {
  return typeof candidate === "object" && candidate !== null && mark in candidate;
}

function badMaterializer(found: unknown, place: string): PipelineError {
  return new PipelineError("WS_BAD_OPTION", {
    message: `Option \`materializer\` of value(…) (${place}) is ${previewValue(found)}.`,
    hint: "Give what `materializer(id, { version, is, save, load })` returns.",
  });
}
