import { promisify } from "node:util";
import { unobserved } from "./own-work.ts";

export type Callable = (...args: unknown[]) => unknown;

/** Functions of `node:child_process` that hand the environment on. */
export const starters: readonly string[] = [
  "exec",
  "execFile",
  "execFileSync",
  "execSync",
  "fork",
  "spawn",
  "spawnSync",
];

export type Replacement = (self: unknown, args: unknown[], called: Callable) => unknown;

/** Puts a function in the place of another that looks the same from outside, also to `promisify`. */
export function replace(target: object, name: string, make: (original: Callable) => Replacement): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const replacement = make(original as Callable);
  const called = function (this: unknown, ...args: unknown[]): unknown {
    return replacement(this, args, called);
  };
  const { [promisify.custom]: custom, ...descriptors } = Object.getOwnPropertyDescriptors(original) as Descriptors;
  Object.defineProperties(called, descriptors);
  if (custom !== undefined) Object.defineProperty(called, promisify.custom, promised(name, custom, called));
  Reflect.set(target, name, called);
}

type Descriptors = Record<PropertyKey, PropertyDescriptor>;

/** Node's own form for `promisify` calls the function that was replaced. */
function promised(name: string, custom: PropertyDescriptor, called: Callable): PropertyDescriptor {
  const original: unknown = custom.value;
  if (name === "exists") return { ...custom, value: (file: unknown) => new Promise((done) => void called(file, done)) };
  if (!starters.includes(name) || typeof original !== "function") return custom;
  return {
    ...custom,
    value: (...args: unknown[]): unknown => unobserved(() => Reflect.apply(original, undefined, args)),
  };
}
