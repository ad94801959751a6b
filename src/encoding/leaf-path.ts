import { escapeUnprintable } from "./preview.ts";

/**
 * Writes a leaf's path for people: `config/rounds`. A `/` or `\` inside a segment is written `\/` or `\\`, and what a
 * terminal would obey by its `\u` escape, so that two different paths never look the same.
 *
 * @example formatLeafPath(["reads", "file:project:data/x.csv"]) // "reads/file:project:data\\/x.csv"
 */
export function formatLeafPath(path: readonly string[]): string {
  return path.map((segment) => escapeUnprintable(segment.replace(/[\\/]/g, "\\$&"))).join("/");
}

/** The order of leaves: segment by segment in UTF-16 code units, a path before those that it begins. */
export function compareLeafPaths(left: readonly string[], right: readonly string[]): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const a = left[index] as string;
    const b = right[index] as string;
    if (a !== b) return a < b ? -1 : 1;
  }
  return left.length - right.length;
}
