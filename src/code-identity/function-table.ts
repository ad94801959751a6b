import { ScopeWalk } from "./scope-walk.ts";
import { comparePositions, parseSource, positionsOf } from "./syntax.ts";
import type { LinePosition } from "./syntax.ts";

/** One function or class as it is written in a module. */
export interface FunctionEntry {
  /** Names of what surrounds it and its own, unique in the module: `makeStep/return`, `step(train)`, `ops#2`. */
  readonly path: string;
  readonly start: LinePosition;
  /** Where its body begins; a position between the two is inside its head. */
  readonly body: LinePosition;
  /** Length of its text, where `toString()` gives exactly that text as long as types are blanked out in place; else 0. */
  readonly length: number;
  /** Names of outer variables that may differ from one evaluation to the next: those of functions and loops around it. */
  readonly captures: readonly string[];
  /** `this`, `arguments`, `super` or `new.target` of a function around it. */
  readonly bound: readonly string[];
}

/** A call outside of functions and loops whose only function argument is written out: it is made once, with that function. */
export interface LiteralCall {
  readonly at: LinePosition;
  /** Place in `functions`. */
  readonly fn: number;
}

export interface FunctionTable {
  readonly functions: readonly FunctionEntry[];
  readonly literalCalls: readonly LiteralCall[];
}

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
