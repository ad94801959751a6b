import path from "node:path";
import { fileURLToPath } from "node:url";

export type Arguments = readonly unknown[];

/** The absolute path that a function of `node:fs` was given; undefined for a descriptor and for what is none. */
export function pathOf(value: unknown): string | undefined {
  if (typeof value === "string") return path.resolve(value);
  if (value instanceof URL) return value.protocol === "file:" ? fileURLToPath(value) : undefined;
  if (value instanceof Uint8Array) return path.resolve(Buffer.from(value).toString());
  return undefined;
}

export function optionOf(options: unknown, name: string): unknown {
  return typeof options === "object" && options !== null ? Reflect.get(options, name) : undefined;
}
