import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { isErased } from "./syntax-layout.ts";

/** The names that a pattern gives values to, in order. */
export function patternNames(pattern: unknown, into: string[] = []): string[] {
  if (!isNode(pattern)) return into;
  switch (pattern.type) {
    case "Identifier":
      into.push(pattern["name"] as string);
      break;
    case "AssignmentPattern":
      patternNames(pattern["left"], into);
      break;
    case "RestElement":
      patternNames(pattern["argument"], into);
      break;
    case "TSParameterProperty":
      patternNames(pattern["parameter"], into);
      break;
    case "ArrayPattern":
      for (const element of pattern["elements"] as unknown[]) patternNames(element, into);
      break;
    case "ObjectPattern":
      for (const property of pattern["properties"] as SyntaxNode[]) patternNames(property["value"] ?? property, into);
      break;
    default:
  }
  return into;
}

/** Names that a list of statements declares for itself: `let`, `const`, classes, functions, enums. */
export function lexicalNames(statements: readonly SyntaxNode[]): readonly string[] {
  const names: string[] = [];
  for (const statement of statements) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement["declaration"] : statement;
    if (!isNode(declared) || isErased(declared)) continue;
    if (declared.type === "VariableDeclaration") {
      if (declared["kind"] === "var") continue;
      for (const { id } of declared["declarations"] as { id: SyntaxNode }[]) patternNames(id, names);
    } else if (DECLARING.has(declared.type)) patternNames(leftmost(declared["id"]), names);
  }
  return names;
}

/** `A` of `namespace A.B`. */
export function leftmost(id: unknown): unknown {
  let found = id;
  while (isNode(found) && found.type === "TSQualifiedName") found = found["left"];
  return found;
}

const DECLARING = new Set([
  "FunctionDeclaration",
  "ClassDeclaration",
  "TSEnumDeclaration",
  "TSModuleDeclaration",
  "TSImportEqualsDeclaration",
]);

/** Where statements stand inside of statements. */
const NESTED: Readonly<Record<string, readonly string[]>> = {
  BlockStatement: ["body"],
  IfStatement: ["consequent", "alternate"],
  ForStatement: ["init", "body"],
  ForInStatement: ["left", "body"],
  ForOfStatement: ["left", "body"],
  WhileStatement: ["body"],
  DoWhileStatement: ["body"],
  TryStatement: ["block", "handler", "finalizer"],
  CatchClause: ["body"],
  SwitchStatement: ["cases"],
  SwitchCase: ["consequent"],
  LabeledStatement: ["body"],
  WithStatement: ["body"],
  ExportNamedDeclaration: ["declaration"],
};

/**
 * `var`s that statements hoist out of themselves, and with `loose` the functions of their blocks, as scripts do.
 */
export function hoistedNames(statements: readonly SyntaxNode[], loose: boolean): readonly string[] {
  const names = new Set<string>();
  const waiting: unknown[] = [...statements].reverse();
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (Array.isArray(node)) {
      for (let index = node.length - 1; index >= 0; index--) waiting.push(node[index]);
      continue;
    }
    if (!isNode(node)) continue;
    if (node.type === "VariableDeclaration") addVars(node, names);
    else if (loose && node.type === "FunctionDeclaration") for (const name of patternNames(node["id"])) names.add(name);
    else for (const key of (NESTED[node.type] ?? []).toReversed()) waiting.push(node[key]);
  }
  return [...names];
}

function addVars(node: SyntaxNode, names: Set<string>): void {
  if (node["kind"] !== "var" || node["declare"] === true) return;
  for (const { id } of node["declarations"] as { id: SyntaxNode }[])
    for (const name of patternNames(id)) names.add(name);
}
