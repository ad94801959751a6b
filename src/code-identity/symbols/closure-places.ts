import { shownPath } from "../../model/shown-path.ts";
import type { SymbolNode } from "./symbol-node.ts";

/** Says where something stands, for people: `src/a.ts:12`, or the rooted name of a file outside of the project. */
export type PlaceOf = (node: SymbolNode, line?: number) => string;

export function createPlaceOf(nameOf: (path: string) => string): PlaceOf {
  return ({ path, line = 1 }, at = line) => (path === undefined ? "" : `${shownPath(nameOf(path))}:${at}`);
}
