import v8 from "node:v8";
import { syncBuiltinESMExports } from "node:module";

/**
 * What stands in for `process.env` is a proxy, which cannot be cloned, while `process.env` itself can. So whoever clones
 * it, by itself or within plain objects and lists, is given a copy of it, which is a read of all of it.
 */
export function makeClonable(proxy: object): void {
  replaceCloning(globalThis, "structuredClone", proxy);
  replaceCloning(v8, "serialize", proxy);
  replaceCloning(MessagePort.prototype, "postMessage", proxy);
  syncBuiltinESMExports();
}

function replaceCloning(target: object, name: string, proxy: object): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const clone = function (this: unknown, ...args: unknown[]): unknown {
    try {
      return Reflect.apply(original, this, args);
    } catch (error) {
      const [value, ...rest] = args;
      const copied = withCopies(value, proxy, new Map());
      if (copied === value) throw error;
      return Reflect.apply(original, this, [copied, ...rest]);
    }
  };
  Object.defineProperties(clone, Object.getOwnPropertyDescriptors(original));
  Reflect.set(target, name, clone);
}

/** The value itself where the proxy is not in it; what is in it more than once stays one. */
function withCopies(value: unknown, proxy: object, made: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = made.get(value);
  if (known !== undefined) return known;
  if (value === proxy) return remember(value, { ...value }, made);
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  made.set(value, value);
  const entries = Object.entries(value);
  const copies = entries.map(([name, item]) => [name, withCopies(item, proxy, made)] as const);
  if (copies.every(([, copy], index) => copy === entries[index]?.[1])) return value;
  return remember(value, Object.assign(Array.isArray(value) ? [] : {}, Object.fromEntries(copies)), made);
}

function remember(value: object, copy: object, made: Map<object, unknown>): object {
  made.set(value, copy);
  return copy;
}
