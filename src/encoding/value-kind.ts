import { types } from "node:util";

/**
 * The name of an object's class, read without running any code of the user's: no getter, no proxy trap, no toString.
 */
export function classNameOf(value: object): string | undefined {
  if (types.isProxy(value)) return "Proxy";
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null ? undefined : constructorNameOf(prototype);
}

/** The name of a function or class, where it is plain data. */
export function functionNameOf(value: object): string | undefined {
  if (types.isProxy(value)) return undefined;
  const name: unknown = Object.getOwnPropertyDescriptor(value, "name")?.value;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The built-in whose internals a value has, whatever its prototype says; undefined for an ordinary object. */
export function builtinKindOf(value: object): string | undefined {
  return BUILTIN_KINDS.find(([, is]) => is(value))?.[0];
}

/** The text of a URL; undefined for any other object, one that only wears URL's prototype included: asking that one throws. */
export function hrefOf(value: object): string | undefined {
  if (Object.getPrototypeOf(value) !== URL.prototype) return undefined;
  try {
    return Reflect.get(URL.prototype, "href", value);
  } catch {
    return undefined;
  }
}

const BUILTIN_KINDS: readonly (readonly [name: string, is: (value: unknown) => boolean])[] = [
  ["Proxy", types.isProxy],
  ["Promise", types.isPromise],
  ["Map", types.isMap],
  ["Set", types.isSet],
  ["Date", types.isDate],
  ["RegExp", types.isRegExp],
  ["Error", types.isNativeError],
  ["WeakMap", types.isWeakMap],
  ["WeakSet", types.isWeakSet],
  ["SharedArrayBuffer", types.isSharedArrayBuffer],
  ["ArrayBuffer", types.isArrayBuffer],
  ["DataView", types.isDataView],
  ["TypedArray", types.isTypedArray],
  ["boxed primitive", types.isBoxedPrimitive],
  ["generator", types.isGeneratorObject],
  ["Array", Array.isArray],
];

function constructorNameOf(prototype: object): string | undefined {
  if (types.isProxy(prototype)) return undefined;
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor === "function") return functionNameOf(constructor);
  const parent = Object.getPrototypeOf(prototype) as object | null;
  return parent === null ? undefined : constructorNameOf(parent);
}
