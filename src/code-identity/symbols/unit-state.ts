import type { ModuleOutline } from "./module-outline.ts";
import type { ImportedName, UnitReference } from "./module-units.ts";
import { TokenText } from "./token-text.ts";
import { Origin, ValueFlow, valueOfOrigin } from "./value-flow.ts";
import type { Value } from "./value-flow.ts";
import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { isPlain } from "./hidden-code.ts";
import type { JsxPragmas } from "../jsx-factory.ts";

/** A variable inside of a unit. */
export interface Local {
  /** The unit, or root, whose tokens declare it. */
  readonly owner: UnitState;
  /** In order of declaration. */
  readonly index: number;
  readonly origin: Origin;
  /** How many functions are around it. */
  readonly depth: number;
  /** It holds what `createRequire` gave. */
  loads: boolean;
}

export interface Scope {
  readonly parent: Scope | undefined;
  readonly names: ReadonlyMap<string, Local>;
}

/** What a name means at some place. */
export type Meaning =
  | { readonly kind: "local"; readonly local: Local }
  /** Of a unit around the root. */
  | { readonly kind: "outer"; readonly name: string; readonly local: Local }
  | { readonly kind: "import"; readonly name: string; readonly imported: ImportedName }
  | { readonly kind: "unit"; readonly name: string; readonly unit: number }
  | { readonly kind: "global"; readonly name: string };

/** What all units of a module share while they are read. */
export interface ModuleContext extends ModuleOutline {
  readonly lineAt: (offset: number) => number;
  readonly isOwnPackage: (specifier: string) => boolean;
  /** Top-level names that hold what `createRequire` gave. */
  readonly loaders: Set<string>;
  /** Words of the source that say what JSX is compiled to. */
  readonly pragmas: JsxPragmas;
  /** Functions that are asked for. */
  readonly asked: ReadonlySet<SyntaxNode>;
  /** Where they were met. */
  readonly met: Map<SyntaxNode, MetRoot>;
  /** `module` or `exports` was named. */
  usesExports: boolean;
  /** Literal `require`s that are made while the module is evaluated. */
  readonly evaluatedRequires: { readonly specifier: string; readonly start: number }[];
}

export interface MetRoot {
  readonly scope: Scope | undefined;
  readonly unit: number;
  /** The node around a method, with its key. */
  readonly member: SyntaxNode | undefined;
}

/** Tokens, references and flows of one unit while it is walked. */
export class UnitState {
  readonly module: ModuleContext;
  /** Place of the unit, or of the unit around a root. */
  readonly unit: number;
  /** Names of the enclosing function that a root takes by value. */
  readonly captures: ReadonlySet<string>;
  readonly text: TokenText = new TokenText();
  readonly flow: ValueFlow = new ValueFlow();
  readonly references: UnitReference[] = [];
  /** Names of the language and the platform. */
  readonly globals: Set<string> = new Set();
  readonly origins: Origin[] = [];
  /** What was handed in, or came out of a call. */
  readonly handed: Origin = new Origin();
  readonly self: Origin = new Origin();
  readonly global: Origin = new Origin();
  /** What functions close over: variables of functions around them. */
  readonly enclosed: Origin = new Origin();
  /** `module` and `exports` of a script. */
  readonly exported: Origin = new Origin();
  /** Top-level names that are given a value after their declaration. */
  readonly assigned: Set<string> = new Set();
  scope: Scope | undefined;
  /** How many functions are around that are only defined here. */
  deferred = 0;
  /** How many functions are around; those that are called at once with what an array holds do not count. */
  depth = 0;
  /** Whether functions that are met now may be called by what is evaluated. */
  invoked = false;
  runs = false;
  /** Code may run without a call in sight while the unit is evaluated. */
  reads = false;
  /** Code is written here that runs without a call in sight. */
  hides = false;
  defines = false;
  generates = false;
  sticky = false;
  steps = false;
  matches = false;
  replaces = false;
  readonly #numbers = new Map<string, number>();
  #locals = 0;

  constructor(module: ModuleContext, unit: number, scope?: Scope, captures?: Iterable<string>) {
    this.module = module;
    this.unit = unit;
    this.scope = scope;
    this.captures = new Set(captures);
  }

  get evaluated(): boolean {
    return this.deferred === 0;
  }

  /** Code runs at this place; it counts when that is while the unit is evaluated. */
  noteRun(): void {
    if (this.deferred === 0) this.runs = true;
  }

  /** A value is looked into, or made text or a number of: code may be hidden behind that. */
  noteRead(value: unknown): void {
    if (this.deferred === 0 && !this.reads && isNode(value))
      this.reads = !isPlain(value, (node) => this.globalName(node));
  }

  enter(names: readonly string[]): Scope | undefined {
    const before = this.scope;
    if (names.length === 0) return before;
    const declared = new Map<string, Local>();
    for (const name of names) {
      if (declared.has(name)) continue;
      const { depth } = this;
      declared.set(name, { owner: this, index: this.#locals++, origin: this.flow.variable(), depth, loads: false });
    }
    this.scope = { parent: before, names: declared };
    return before;
  }

  resolve(name: string): Meaning {
    for (let scope = this.scope; scope !== undefined; scope = scope.parent) {
      const local = scope.names.get(name);
      if (local !== undefined) return local.owner === this ? { kind: "local", local } : { kind: "outer", name, local };
    }
    const bound = this.module.bindings.get(name);
    if (bound === undefined) {
      this.globals.add(name);
      return { kind: "global", name };
    }
    return typeof bound === "number" ? { kind: "unit", name, unit: bound } : { kind: "import", name, imported: bound };
  }

  /** A regular expression with these flags is made; undefined where they are not known. */
  noteExpression(flags: string | undefined): void {
    if (flags === undefined || /[gy]/.test(flags)) this.sticky = true;
    if (flags === undefined || /^[^g]*y[^g]*$/.test(flags)) this.steps = true;
  }

  /** The number of a reference, given out in the order of first use. */
  reference(reference: UnitReference, key: string = JSON.stringify(reference)): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.references.length;
    this.#numbers.set(key, number);
    this.references.push(reference);
    this.origins.push(new Origin());
    return number;
  }

  /** What a name of the module, or a member of a namespace import, stands for. */
  nameReference(name: string, member?: string): number {
    if (member === undefined) return this.reference({ kind: "name", name }, name);
    return this.reference({ kind: "name", name, member }, `${name}.${member}`);
  }

  referenceValue(reference: UnitReference): Value {
    return valueOfOrigin(this.origins[this.reference(reference)] as Origin);
  }

  /** Undefined where the name is not one of the language's or the platform's. */
  globalName(node: SyntaxNode): string | undefined {
    if (node.type !== "Identifier") return undefined;
    const name = node["name"] as string;
    return this.resolve(name).kind === "global" ? name : undefined;
  }
}
