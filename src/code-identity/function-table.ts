import type { FunctionEntry, FunctionTable } from "./function-entry.ts";
import { ScopeWalk } from "./scope-walk.ts";
import { comparePositions, parseSource, positionsOf } from "./syntax.ts";
import type { LinePosition } from "./syntax.ts";

/**
 * Lists the functions and classes of a module, and what each captures.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) naming file and line.
 */
export function readFunctions(path: string, text: string): FunctionTable {
  const walk = new ScopeWalk(positionsOf(text));
  walk.run(parseSource(path, text).program);
  return walk.table();
}

/** The innermost function in whose head a position lies, as the engine and source maps give it. */
export function functionAt(table: FunctionTable, at: LinePosition): FunctionEntry | undefined {
  let best: FunctionEntry | undefined;
  for (const entry of table.functions) {
    if (comparePositions(entry.start, at) > 0 || comparePositions(at, entry.body) > 0) continue;
    if (best === undefined || comparePositions(best.start, entry.start) <= 0) best = entry;
  }
  return best;
}

/** The function that was given to the call at a position, where the source alone says so. */
export function literalFunctionAt(table: FunctionTable, at: LinePosition): FunctionEntry | undefined {
  const call = table.literalCalls.find((found) => comparePositions(found.at, at) === 0);
  return call && table.functions[call.fn];
}
