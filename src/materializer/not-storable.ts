import { types } from "node:util";
import { builtinKindOf, classNameOf, functionNameOf } from "../encoding/value-kind.ts";
import { formatValuePath } from "../encoding/value-path.ts";
import type { PathStep } from "../encoding/value-path.ts";
import { MaterializerError } from "../errors.ts";
import { specialKindOf } from "../pipeline/value-kinds.ts";

interface Finding {
  readonly found: string;
  readonly hint: string;
}

const WITH_MATERIALIZER =
  "Declare how it is kept: `output: value<T>({ materializer })` with `materializer(id, { version, is, save, load })`; or return its fields as plain data.";
const COLLECT = "Collect what it gives before the step returns: a stored value must be complete.";

const HINTS: Readonly<Record<string, string>> = {
  Proxy: "Return a plain copy: what a Proxy holds is whatever its handler answers.",
  RegExp: "Return its source and flags as text.",
  Error: "Return its message, or the fields that matter, as plain data; or throw it.",
  SharedArrayBuffer: "Return a copy: another thread could change shared bytes while they are stored.",
  WeakMap: "Return the entries as a Map.",
  WeakSet: "Return the members as a Set.",
  WeakRef: "Return the value that it refers to.",
  "boxed primitive": "Return the primitive itself: `valueOf()` gives it.",
};

/** The error for a value, at a path inside what a step returned, that cannot be stored as it is. */
export function notStorable(steps: readonly PathStep[], { found, hint }: Finding): MaterializerError {
  return refusal("WS_NOT_STORABLE", steps, found, hint);
}

/** The error for a function, symbol or object of a kind that has no stored form. Runs none of the value's own code. */
export function refusedValue(value: unknown, steps: readonly PathStep[]): MaterializerError {
  const lazy = lazyKindOf(value);
  if (lazy !== undefined) return refusal("WS_LAZY_VALUE", steps, lazy, COLLECT);
  return notStorable(steps, describe(value));
}

/** What kind of value that is not there yet this is; undefined for any other value. */
export function lazyKindOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return undefined;
  if (types.isPromise(value)) return "a Promise";
  if (types.isGeneratorObject(value)) return "a generator";
  if (value instanceof ReadableStream) return "a ReadableStream";
  if (isNodeStream(value)) return "a stream";
  if (Symbol.asyncIterator in value) return "an async iterable";
  return isIterator(value) ? "an iterator" : undefined;
}

/** Whether this is a stream of `node:stream`, told by what every readable stream has. */
export function isNodeStream(value: object): boolean {
  return Symbol.asyncIterator in value && "pipe" in value && "readableObjectMode" in value;
}

function isIterator(value: object): boolean {
  return Iterator.prototype.isPrototypeOf(value);
}

function refusal(
  code: "WS_NOT_STORABLE" | "WS_LAZY_VALUE",
  steps: readonly PathStep[],
  found: string,
  hint: string,
): MaterializerError {
  const path = formatValuePath(undefined, steps);
  const where = path === "" ? "The value" : `\`${path}\``;
  const message = `${where} is ${found}, which cannot be stored.`;
  return new MaterializerError(code, { message, hint, details: { path, found } });
}

function describe(value: unknown): Finding {
  if (typeof value === "symbol") return { found: "a symbol", hint: "Return a string instead." };
  if (typeof value === "function") return describeFunction(value);
  if (typeof value !== "object" || value === null) return { found: `a ${typeof value}`, hint: "Return plain data." };
  const special = specialKindOf(value);
  if (special !== undefined) return describeSpecial(special);
  return describeObject(value);
}

function describeFunction(value: object): Finding {
  const name = functionNameOf(value);
  const hint = "Return plain data that says which function is meant.";
  return { found: name === undefined ? "a function" : `a function (${name})`, hint };
}

function describeSpecial(kind: string): Finding {
  const hint = `Make it an output of its own: \`outputs: { ${kind}: value<…>(), … }\`.`;
  return { found: `a \`${kind}()\` value inside other data`, hint };
}

function describeObject(value: object): Finding {
  const kind = builtinKindOf(value);
  const className = classNameOf(value);
  const hint = HINTS[kind ?? className ?? ""] ?? WITH_MATERIALIZER;
  if (className === undefined || className === "Object") {
    return { found: kind === undefined ? "an object that inherits from another object" : article(kind), hint };
  }
  if (kind === undefined || kind === className) return { found: `an instance of ${className}`, hint };
  return { found: `an instance of ${className} (${article(kind)} underneath)`, hint };
}

function article(noun: string): string {
  return `${/^[AEIOUaeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
