import { isNode, TYPE_KEYS } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";

/**
 * The parts of kinds of nodes in a fixed order, so that a newer parser changes no digest: `=x` an attribute, `*x` a list of
 * nodes, `x` one node or none. Kinds that need more than that are walked by hand; types are left out everywhere.
 */
const LAYOUTS: Readonly<Record<string, string>> = {
  ArrayExpression: "*elements",
  AwaitExpression: "argument",
  BinaryExpression: "=operator left right",
  ChainExpression: "expression",
  ConditionalExpression: "test consequent alternate",
  DebuggerStatement: "",
  Decorator: "expression",
  DoWhileStatement: "body test",
  EmptyStatement: "",
  IfStatement: "test consequent alternate",
  LogicalExpression: "=operator left right",
  ObjectExpression: "*properties",
  ReturnStatement: "argument",
  SequenceExpression: "*expressions",
  SpreadElement: "argument",
  Super: "",
  ThisExpression: "",
  ThrowStatement: "argument",
  TryStatement: "block handler finalizer",
  UnaryExpression: "=operator argument",
  UpdateExpression: "=operator =prefix argument",
  WhileStatement: "test body",
  WithStatement: "object body",
  YieldExpression: "=delegate argument",
};

export interface LayoutPart {
  readonly key: string;
  readonly kind: "attribute" | "list" | "node";
}

const compiled = new Map<string, readonly LayoutPart[]>(
  Object.entries(LAYOUTS).map(([type, layout]) => [type, layout.split(" ").filter(Boolean).map(partOf)]),
);

function partOf(text: string): LayoutPart {
  if (text.startsWith("=")) return { key: text.slice(1), kind: "attribute" };
  return text.startsWith("*") ? { key: text.slice(1), kind: "list" } : { key: text, kind: "node" };
}

const NO_CONTENT = new Set([
  "type",
  "start",
  "end",
  "range",
  "loc",
  "raw",
  "optional",
  "definite",
  "readonly",
  "override",
  "accessibility",
]);

/** For a kind of node that is not known here, every part that it has. */
export function layoutOf(node: SyntaxNode): readonly LayoutPart[] {
  const known = compiled.get(node.type);
  if (known !== undefined) return known;
  const keys = Object.keys(node).filter((key) => !NO_CONTENT.has(key) && !TYPE_KEYS.has(key));
  return keys.sort().map((key) => {
    const value = node[key];
    return { key, kind: Array.isArray(value) ? "list" : isNode(value) ? "node" : "attribute" };
  });
}

const WRAPPERS = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "ParenthesizedExpression",
]);

/** An expression without the types and parentheses around it. */
export function unwrap(node: SyntaxNode): SyntaxNode {
  let found = node;
  while (WRAPPERS.has(found.type)) found = found["expression"] as SyntaxNode;
  return found;
}

const ERASED = new Set([
  "TSTypeAliasDeclaration",
  "TSInterfaceDeclaration",
  "TSDeclareFunction",
  "TSIndexSignature",
  "TSAbstractMethodDefinition",
  "TSAbstractPropertyDefinition",
  "TSAbstractAccessorProperty",
  "TSNamespaceExportDeclaration",
  "TSGlobalDeclaration",
]);

/** Whether nothing of a statement or class member is left when types are gone. */
export function isErased(node: SyntaxNode): boolean {
  if (ERASED.has(node.type) || node["declare"] === true) return true;
  switch (node.type) {
    case "MethodDefinition":
      return !isNode((node["value"] as SyntaxNode)["body"]);
    case "FunctionDeclaration":
      return !isNode(node["body"]);
    case "TSModuleDeclaration":
      return !isNode(node["body"]) || node["global"] === true;
    case "ExportNamedDeclaration":
      return node["exportKind"] === "type" || (isNode(node["declaration"]) && isErased(node["declaration"]));
    case "TSImportEqualsDeclaration":
      return node["importKind"] === "type";
    default:
      return false;
  }
}

const FUNCTIONS = new Set(["FunctionExpression", "ArrowFunctionExpression", "FunctionDeclaration"]);

export function isFunction(node: SyntaxNode): boolean {
  return FUNCTIONS.has(node.type);
}

/** A function or class that takes its name from what it is assigned to. */
export function isAnonymous(node: unknown): boolean {
  if (!isNode(node)) return false;
  const { type } = unwrap(node);
  if (type === "ArrowFunctionExpression") return true;
  return (type === "FunctionExpression" || type === "ClassExpression") && !isNode(unwrap(node)["id"]);
}

/** `a.b` and `a["b"]`. */
export function staticName(node: SyntaxNode): string | undefined {
  const property = node["property"] as SyntaxNode;
  if (node["computed"] !== true) return property.type === "Identifier" ? (property["name"] as string) : undefined;
  return property.type === "Literal" && typeof property["value"] === "string" ? property["value"] : undefined;
}
