import path from "node:path";
import { fileURLToPath } from "node:url";
import { realPlaceOf } from "./path-state.ts";

export type Arguments = readonly unknown[];

/**
 * The absolute path that a function of `node:fs` was given, as the operating system takes it; undefined for a descriptor
 * and for what is none. A name that is no valid text holds the replacement character.
 */
export function pathOf(value: unknown): string | undefined {
  if (typeof value === "string") return absolutePath(value);
  if (value instanceof URL) return value.protocol === "file:" ? absolutePath(fileURLToPath(value)) : undefined;
  if (value instanceof Uint8Array) return absolutePath(Buffer.from(value).toString());
  return undefined;
}

export function optionOf(options: unknown, name: string): unknown {
  return typeof options === "object" && options !== null ? Reflect.get(options, name) : undefined;
}

function absolutePath(text: string): string | undefined {
  if (isAbsoluteAndPlain(text)) return text;
  if (text.includes("\0")) return undefined;
  if (text.includes("..") && /[^./][^/]*\/(?:.*\/)?\.\.(?:\/|$)/.test(text)) return throughLinks(text);
  return path.resolve(text.isWellFormed() ? text : text.toWellFormed());
}

/** Whether a path is its own resolved form: told by a few searches, since a step may read thousands of files. */
function isAbsoluteAndPlain(text: string): boolean {
  if (path.sep !== "/" || !text.startsWith("/") || text.endsWith("/")) return false;
  return !text.includes("/.") && !text.includes("//") && !text.includes("\0") && text.isWellFormed();
}

/** `a/..` is where `a` leads to, one up, and not where it stands. */
function throughLinks(text: string): string {
  let place = path.resolve(path.isAbsolute(text) ? path.parse(text).root : "");
  for (const part of text.toWellFormed().split(path.sep)) {
    if (part === "..") place = path.dirname(realPlaceOf(place));
    else if (part !== "." && part !== "") place = path.join(place, part);
  }
  return place;
}
