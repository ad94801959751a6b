import { childrenOf, isCode, isNode, parseSource, positionsOf, TYPE_KEYS } from "../../src/code-identity/syntax.ts";
import type { LinePosition, SyntaxNode } from "../../src/code-identity/syntax.ts";
import type { FileEdits, MutationProgram } from "./programs.ts";
import type { Random } from "./random.ts";

/** A node that is there when the program runs: types are left out. */
export interface Place {
  readonly node: SyntaxNode;
  readonly parent: Place | undefined;
  /** The property of the parent that holds it. */
  readonly key: string;
  readonly module: ParsedModule;
}

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ParsedModule {
  readonly path: string;
  readonly text: string;
  readonly body: readonly SyntaxNode[];
  readonly places: readonly Place[];
  readonly positionAt: (offset: number) => LinePosition;
}

const KEPT = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSEnumDeclaration",
  "TSEnumBody",
  "TSEnumMember",
  "TSParameterProperty",
  "TSModuleDeclaration",
  "TSModuleBlock",
]);

/** A program with the syntax of its modules, and where in it things of a sort are. */
export class ParsedProgram {
  readonly program: MutationProgram;
  readonly modules: readonly ParsedModule[];
  readonly #found = new Map<unknown, readonly unknown[]>();

  constructor(program: MutationProgram) {
    this.program = program;
    const sources = Object.entries(program.files).filter(([path]) => isCode(path) && !path.startsWith("node_modules/"));
    this.modules = sources.map(([path, text]) => parseModule(path, text));
  }

  get places(): readonly Place[] {
    return this.remember("places", () => this.modules.flatMap(({ places }) => places));
  }

  module(path: string): ParsedModule | undefined {
    return this.modules.find((module) => module.path === path);
  }

  /** What is looked for once per program. */
  remember<T>(key: unknown, find: () => readonly T[]): readonly T[] {
    const known = this.#found.get(key) ?? find();
    this.#found.set(key, known);
    return known as readonly T[];
  }

  /** A place among those that a test holds for; undefined when there is none. */
  pickPlace(random: Random, test: (place: Place) => boolean): Place | undefined {
    const found = this.remember(test, () => this.places.filter(test));
    return found.length === 0 ? undefined : random.pick(found);
  }
}

export function textOf({ node, module }: Place): string {
  return module.text.slice(node.start, node.end);
}

/** The new text of one file. */
export function spliced(module: ParsedModule, splices: readonly Splice[]): FileEdits {
  let text = module.text;
  for (const { start, end, text: inserted } of splices.toSorted((a, b) => b.start - a.start))
    text = text.slice(0, start) + inserted + text.slice(end);
  return { [module.path]: text };
}

/** The top-level statement around an offset. */
export function statementAt(module: ParsedModule, offset: number): SyntaxNode | undefined {
  return module.body.find(({ start, end }) => start <= offset && offset < end);
}

function parseModule(path: string, text: string): ParsedModule {
  const program: unknown = parseSource(path, text).program;
  if (!isNode(program)) throw new TypeError(`${path} has no program`);
  const body = program["body"] as readonly SyntaxNode[];
  const module = { path, text, body, places: [] as Place[], positionAt: positionsOf(text) };
  for (const node of body) visit({ node, parent: undefined, key: "body", module }, module.places);
  return module;
}

function visit(place: Place, into: Place[]): void {
  const { node, module } = place;
  if (isErased(node)) return;
  into.push(place);
  for (const [key, child] of childrenOf(node)) {
    if (!TYPE_KEYS.has(key)) visit({ node: child, parent: place, key, module }, into);
  }
}

function isErased(node: SyntaxNode): boolean {
  if (node["declare"] === true || node["importKind"] === "type" || node["exportKind"] === "type") return true;
  if (/Function|MethodDefinition/.test(node.type) && node["body"] === null) return true;
  return node.type.startsWith("TS") && !KEPT.has(node.type);
}
