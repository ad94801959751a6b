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
  /** Its kind, its number of parameters and of functions inside: what compilers leave alone. */
  readonly shape: string;
  /** Names of outer variables that may differ from one evaluation to the next: those of functions and loops around it. */
  readonly captures: readonly string[];
  /** `this`, `arguments`, `super` or `new.target` of a function around it. */
  readonly bound: readonly string[];
}

/**
 * A call outside of functions and loops, whose only function argument is written out, or whose last argument names a function
 * of the module for good: it is made once, with that function.
 */
export interface LiteralCall {
  readonly at: LinePosition;
  /** Place in `functions`. */
  readonly fn: number;
}

export interface FunctionTable {
  readonly functions: readonly FunctionEntry[];
  readonly literalCalls: readonly LiteralCall[];
}
