import type { ParsedProgram } from "./parsed-program.ts";
import type { FileEdits } from "./programs.ts";
import type { Random } from "./random.ts";

/** What was edited, as an explanation has to name it. */
export interface EditedThing {
  readonly file: string;
  /** Names that the edited top-level declaration declares; none for a statement, an asset or a package. */
  readonly names: readonly string[];
  /** 1-based, of the declaration in the old and in the new text. */
  readonly lines: readonly number[];
  /** It says what a module takes from another one. */
  readonly link?: boolean;
  /** `csv-lib`, when it is a package. */
  readonly packageName?: string;
}

export interface Change {
  readonly edits: FileEdits;
  readonly about: EditedThing;
  /** Steps for which it may make a difference although it makes none by construction for the others. */
  readonly exceptFor?: readonly string[];
}

/** A kind of edit. */
export interface MutationKind {
  readonly name: string;
  /** Whether no step can tell, by construction. */
  readonly equivalent: boolean;
  /** One such edit; undefined where the program has no place for it, or the attempt came to nothing. */
  mutate(program: ParsedProgram, random: Random): Change | undefined;
}

export interface Mutation extends Change {
  readonly index: number;
  readonly kind: string;
  readonly equivalent: boolean;
  readonly program: ParsedProgram;
}
