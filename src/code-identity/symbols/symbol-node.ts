import type { Digest } from "../../encoding/digest.ts";
import type { CodeIdentityError } from "../../errors.ts";
import type { Unit } from "./module-units.ts";

/** What a reference leads to. */
export interface Target {
  /** Place in the table of nodes. */
  readonly to: number;
  /** What of it: the place among several names, the export of a package or a data file, `*`. */
  readonly tag: string;
}

/** For each reference of a node, in order, what it leads to: nothing, one, or several that cannot be told apart. */
export type Links = readonly (readonly Target[])[];

export type NodeKind =
  /** A top-level unit, or the function of a step. */
  | "unit"
  | "root"
  /** All that a module exports. */
  | "namespace"
  /** A module that is evaluated while a step runs, or as a thread of its own: its exports, and its effects. */
  | "evaluation"
  /** A file by the value that importing it gives, or by its bytes. */
  | "data"
  /** The name of a file, for code that asks where it stands. */
  | "place"
  | "package"
  | "builtin"
  /** Warmstart itself. */
  | "own"
  | "unresolved"
  /** A name that nothing declares. */
  | "nothing"
  /** A module that cannot be read or parsed. */
  | "broken";

/** One piece of code or data. */
export interface SymbolNode {
  readonly id: number;
  readonly kind: NodeKind;
  /** Of what it is without what it leads to. */
  readonly own: Digest;
  readonly name: string;
  /** Real path of the file in which it stands. */
  readonly path?: string;
  readonly line?: number;
  readonly unit?: Unit;
  /** Of a package. */
  readonly folder?: string;
  readonly error?: CodeIdentityError;
}

/** Whether code can be changed in place through what this holds. */
export function holdsObject(node: SymbolNode): boolean {
  return node.kind === "data" || node.unit?.holds === "object";
}

/** Steps and pipelines, which loading a module defines and does not run. Statements start what is defined elsewhere. */
export function isDefinition(node: SymbolNode): boolean {
  return node.kind === "unit" && node.unit?.facts.defines === true && node.unit.kind !== "statement";
}

/** Code of which nothing is known but its name. */
export function isForeign(node: SymbolNode): boolean {
  return node.kind === "package" || node.kind === "builtin" || node.kind === "unresolved" || node.kind === "nothing";
}
