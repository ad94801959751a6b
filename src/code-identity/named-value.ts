import { types } from "node:util";
import { lazy } from "../util/lazy.ts";

/**
 * The name of a value that a program can hold and no canonical bytes stand for, where its name alone says which it is:
 * functions of the language (`Math.max`), symbols that are registered or the language's own, regular expressions by their text and where they stand.
 */
export function nameOfValue(value: unknown): string | undefined {
  if (typeof value === "symbol") return symbolName(value);
  if (typeof value === "function") return languageFunctions().get(value);
  if (!types.isRegExp(value) || types.isProxy(value) || Object.getPrototypeOf(value) !== RegExp.prototype)
    return undefined;
  if (Reflect.ownKeys(value).length > 1 || !Object.isExtensible(value)) return undefined;
  // What the expression says of itself, whatever became of its prototype.
  return `regular expression ${regExpPart("flags", value)} ${value.lastIndex} ${regExpPart("source", value)}`;
}

function regExpPart(name: "flags" | "source", value: RegExp): string {
  return String(Reflect.get(RegExp.prototype, name, value));
}

function symbolName(value: symbol): string | undefined {
  const key = Symbol.keyFor(value);
  if (key !== undefined) return `symbol for ${key}`;
  const known = Object.getOwnPropertyNames(Symbol).find((name) => Reflect.get(Symbol, name) === value);
  return known === undefined ? undefined : `symbol ${known}`;
}

const OBJECTS = [
  "Math",
  "JSON",
  "Number",
  "String",
  "Boolean",
  "BigInt",
  "Object",
  "Array",
  "Date",
  "Reflect",
  "Promise",
];
const FUNCTIONS = ["parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent"];

/** Native code only: what a program put there instead has a text of its own. */
const languageFunctions = lazy((): ReadonlyMap<unknown, string> => {
  const found = new Map<unknown, string>();
  const note = (name: string, value: unknown): void => {
    if (
      typeof value === "function" &&
      Function.prototype.toString.call(value).endsWith("{ [native code] }") &&
      !value.name.startsWith("bound ")
    )
      found.set(value, name);
  };
  for (const name of FUNCTIONS) note(name, Reflect.get(globalThis, name));
  for (const name of OBJECTS) {
    const holder: unknown = Reflect.get(globalThis, name);
    note(name, holder);
    if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) continue;
    for (const key of Object.getOwnPropertyNames(holder)) {
      const property = Object.getOwnPropertyDescriptor(holder, key);
      if (key !== "prototype") note(`${name}.${key}`, property?.value);
    }
  }
  return found;
});
