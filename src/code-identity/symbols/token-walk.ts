import type { SyntaxNode } from "../syntax.ts";
import type { UnitDraft } from "./module-outline.ts";
import type { UnitNotices } from "./unit-notices.ts";
import type { UnitState } from "./unit-state.ts";

/** The walk of a unit, as the rules for single kinds of syntax see it. */
export interface TokenWalk {
  readonly state: UnitState;
  readonly notices: UnitNotices;
  /** Of the unit; undefined for roots. */
  readonly draft: UnitDraft | undefined;
  /** Calls whose value is thrown away. */
  readonly discarded: Set<SyntaxNode>;
  /** Functions whose expression body is thrown away with the call that gets them. */
  readonly heedless: Set<SyntaxNode>;
  /** Functions that are called at once by what gets them, and not kept. */
  readonly passing: Set<SyntaxNode>;
  visit(value: unknown): void;
  list(values: readonly unknown[]): void;
  statements(statements: readonly SyntaxNode[]): void;
  block(statements: readonly SyntaxNode[], more?: readonly string[]): void;
  functionBody(statements: readonly SyntaxNode[], parameters: readonly string[]): void;
  name(name: string, node: SyntaxNode): void;
  reference(number: number): void;
  key(key: SyntaxNode, computed: boolean): void;
  keyText(name: string): void;
  nameOfAnonymous(target: unknown, value: unknown): void;
  meet(node: SyntaxNode, member: SyntaxNode): void;
}
