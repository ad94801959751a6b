import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";
import type { Change, EditedThing, MutationKind } from "../mutation.ts";
import { spliced, statementAt } from "../parsed-program.ts";
import type { ParsedModule, ParsedProgram, Place, Splice } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import { declaredNames } from "./declared-names.ts";

export interface NodeKind {
  readonly name: string;
  readonly equivalent?: boolean;
  readonly where: (place: Place) => boolean;
  /** New texts in the module of the place. */
  readonly edit: (place: Place, random: Random, program: ParsedProgram) => readonly Splice[] | undefined;
  /** Steps that may notice an edit that is equivalent for the others. */
  readonly exceptFor?: (place: Place) => readonly string[];
}

/** A kind of edit that is made at one node. */
export function nodeKind({ name, equivalent = false, where, edit, exceptFor }: NodeKind): MutationKind {
  return {
    name,
    equivalent,
    mutate: (program, random): Change | undefined => {
      const place = program.pickPlace(random, where);
      const splices = place && edit(place, random, program);
      if (place === undefined || splices === undefined || splices.length === 0) return undefined;
      const edits = spliced(place.module, splices);
      const about = aboutNode(place.module, place.node);
      return { edits, about, ...(exceptFor === undefined ? {} : { exceptFor: exceptFor(place) }) };
    },
  };
}

export function replaceNode(node: SyntaxNode, text: string): readonly Splice[] {
  return [{ start: node.start, end: node.end, text }];
}

export function insertAt(offset: number, text: string): readonly Splice[] {
  return [{ start: offset, end: offset, text }];
}

/** The declaration around a node, as an explanation would name it. */
export function aboutNode(module: ParsedModule, node: SyntaxNode): EditedThing {
  const statement = statementAt(module, node.start) ?? node;
  const link = statement.type.startsWith("Import") || Boolean(statement["source"]);
  return {
    file: module.path,
    names: declaredNames(statement),
    lines: [statement, node].map(({ start }) => module.positionAt(start).line),
    ...(link ? { link } : {}),
  };
}

export function aboutFile(file: string): EditedThing {
  return { file, names: [], lines: [] };
}

export function field(node: SyntaxNode | undefined, key: string): SyntaxNode | undefined {
  const value = node?.[key];
  return typeof value === "object" && value !== null && "type" in value ? (value as SyntaxNode) : undefined;
}

export function fields(node: SyntaxNode, key: string): readonly SyntaxNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter((item): item is SyntaxNode => item !== null) : [];
}

export function nameOf(node: SyntaxNode | undefined): string | undefined {
  return typeof node?.["name"] === "string" ? node["name"] : undefined;
}

/** Whether a text in quotes is one that code computes with: no specifier, no directive, no key. */
export function isFreeText({ parent, key }: Place): boolean {
  if (parent === undefined || key === "source" || key === "key" || key === "directive") return false;
  if (parent.node.type === "ExpressionStatement" || /^(?:Import|Export|TSEnumMember)/.test(parent.node.type))
    return false;
  const callee = field(parent.node, "callee");
  const asset = parent.node.type === "NewExpression" && nameOf(callee) === "URL";
  return !asset && parent.node.type !== "ImportExpression" && !(key === "arguments" && isDefiner(nameOf(callee)));
}

/** `step("name", …)`: the name is no code. */
export function isDefiner(name: string | undefined): boolean {
  return name === "step" || name === "pipeline" || name === "materializer" || name === "artifact";
}

export function stepNameOf(node: SyntaxNode): string | undefined {
  if (node.type !== "CallExpression" || nameOf(field(node, "callee")) !== "step") return undefined;
  const value = fields(node, "arguments")[0]?.["value"];
  return typeof value === "string" ? value : undefined;
}
