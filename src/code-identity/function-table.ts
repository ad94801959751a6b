import { CodeIdentityError } from "../errors.ts";
import type { FunctionEntry, FunctionTable } from "./function-entry.ts";
import { ScopeWalk } from "./scope-walk.ts";
import { comparePositions, parseSource, positionsOf, walkTree } from "./syntax.ts";
import type { LinePosition } from "./syntax.ts";

/**
 * Lists the functions and classes of a module, and what each captures.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) naming file and line.
 */
export function readFunctions(path: string, text: string): FunctionTable {
  // Large generated data mostly: it was parsed when its imports were read.
  if (!/=>|\(|\bclass\b/.test(text)) return { functions: [], literalCalls: [] };
  const walk = new ScopeWalk(positionsOf(text));
  const { program } = parseSource(path, text);
  walkTree(path, () => walk.run(program));
  return walk.table();
}

/** The innermost function in whose head a position lies, as the engine and source maps give it. */
export function functionAt(table: FunctionTable, at: LinePosition): FunctionEntry | undefined {
  let best: FunctionEntry | undefined;
  for (const entry of table.functions) {
    if (comparePositions(entry.start, at) > 0 || comparePositions(at, entry.body) >= 0) continue;
    if (best === undefined || comparePositions(best.start, entry.start) <= 0) best = entry;
  }
  return best;
}

/**
 * The function of a shape that a source map means. Maps lead to the last thing before a function that has a mapping of its own: a
 * place in its head, or before it, or in the head of a function around it, whose shape is always another one.
 */
export function mappedFunction(table: FunctionTable, at: LinePosition, shape: string): FunctionEntry | undefined {
  const head = functionAt(table, at);
  if (head?.shape === shape) return head;
  // Whatever begins in between would have a mapping of its own, and so would what is in it.
  const after = table.functions.filter((entry) => comparePositions(at, entry.start) <= 0);
  const next = after.sort((a, b) => comparePositions(a.start, b.start))[0];
  return next?.shape === shape ? next : undefined;
}

/** The shape of a running function by its text; undefined for a text that does not stand alone. */
export function shapeOfText(text: string): string | undefined {
  // A method's text is one only inside of an object.
  for (const [around, source] of [`(${text})`, `({${text}})`, `(class{${text}})`].entries()) {
    try {
      return readFunctions("function.js", source).functions[around === 2 ? 1 : 0]?.shape;
    } catch (error) {
      if (!(error instanceof CodeIdentityError)) throw error;
    }
  }
  return undefined;
}

/** The function that was given to the call at a position, where the source alone says so. */
export function literalFunctionAt(table: FunctionTable, at: LinePosition): FunctionEntry | undefined {
  const call = table.literalCalls.find((found) => comparePositions(found.at, at) === 0);
  return call && table.functions[call.fn];
}
