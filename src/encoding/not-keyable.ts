import { EncodingError } from "../errors.ts";
import { builtinKindOf, classNameOf, functionNameOf } from "./value-kind.ts";

/** What was found where it cannot be, in words, and what to do instead. */
export interface Finding {
  readonly found: string;
  readonly hint: string;
}

const WITH_MATERIALIZER = "Pass its fields as a plain object, or make it the output of a step that has a materializer.";

const BUILTIN_HINTS: Readonly<Record<string, string>> = {
  Proxy: "Pass a plain copy: what a Proxy holds is whatever its handler answers.",
  Promise: "Await it first and pass the value.",
  RegExp: "Pass its source and flags as text and build it inside the step.",
  Error: "Pass its message, or the fields that matter, as plain data.",
  SharedArrayBuffer: "Pass a copy: another thread could change shared bytes while they are read.",
  WeakMap: "Pass the entries that the step needs as a Map or plain object.",
  WeakSet: "Pass the members that the step needs as a Set or array.",
  WeakRef: "Pass the value it refers to.",
  "boxed primitive": "Pass the primitive itself: `valueOf()` gives it.",
  generator: "Collect what it yields into an array and pass that.",
  Map: "Pass a plain Map: `new Map(value)`.",
  Set: "Pass a plain Set: `new Set(value)`.",
  Date: "Pass a plain Date: `new Date(value)`.",
  Array: "Pass a plain array: `Array.from(value)`.",
  ArrayBuffer: "Pass a plain ArrayBuffer: `value.slice()`.",
  DataView: "Pass a plain DataView over a copy of its bytes.",
  TypedArray: "Pass a plain typed array with the same elements.",
};

const FUNCTION_HINT =
  "Pass plain data that says which function to use, and import the function in the step's module: then it counts as code.";

/** Describes a value of a kind that has no canonical form. */
export function describeRefused(value: unknown): Finding {
  if (typeof value === "symbol") return { found: "a symbol", hint: "Pass a string instead." };
  if (typeof value === "function") return describeFunction(value);
  if (typeof value !== "object" || value === null) return { found: `a ${typeof value}`, hint: "Pass plain data." };
  return describeObject(value);
}

/** The error for a value at a path. The root of what was given has the empty path. */
export function notKeyable(path: string, { found, hint }: Finding): EncodingError {
  const where = path === "" ? "The value" : `\`${path}\``;
  return new EncodingError({
    message: `${where} is ${found}, which cannot be part of a cache key.`,
    hint,
    details: { path, found },
  });
}

function describeFunction(value: object): Finding {
  const name = functionNameOf(value);
  return { found: name === undefined ? "a function" : `a function (${name})`, hint: FUNCTION_HINT };
}

function describeObject(value: object): Finding {
  const kind = builtinKindOf(value);
  const className = classNameOf(value);
  if (kind === undefined) {
    const hint = BUILTIN_HINTS[className ?? ""] ?? WITH_MATERIALIZER;
    const unnamed = className === undefined || className === "Object";
    return { found: unnamed ? "an object that inherits from another object" : instanceOf(className), hint };
  }
  const hint = BUILTIN_HINTS[kind] ?? WITH_MATERIALIZER;
  if (className === undefined || className === kind) return { found: withArticle(kind), hint };
  return { found: `${instanceOf(className)} (${withArticle(kind)} underneath)`, hint };
}

function instanceOf(className: string): string {
  return `an instance of ${className}`;
}

function withArticle(noun: string): string {
  return `${/^[AEIOUaeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
