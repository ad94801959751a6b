import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import type { ModuleOutline, UnitDraft } from "./module-outline.ts";
import type { Unit } from "./module-units.ts";
import { isFunction, unwrap } from "./syntax-layout.ts";

/** What the names of a unit hold, as far as others could change it. `assigned` are names that get another value somewhere. */
export function holdsOf(draft: UnitDraft, assigned: ReadonlySet<string>, outline: ModuleOutline): Unit["holds"] {
  const { kind, names } = draft;
  if (names.some((name) => assigned.has(name) || outline.bindings.get(name) !== draft.index)) return "object";
  if (draft.earlier !== undefined) return "object";
  if (kind === "function" || kind === "class") return kind;
  if (kind === "effect-import" || (kind === "statement" && names.length === 0)) return "primitive";
  return kind === "variable" ? heldByVariable(draft) : "object";
}

function heldByVariable({ node, variable, names }: UnitDraft): Unit["holds"] {
  if (variable === "default" || variable === "export=") return heldBy(node);
  const init = node["init"];
  const single = isNode(node["id"]) && node["id"].type === "Identifier" && names.length === 1;
  return variable === "const" && single && isNode(init) ? heldBy(init) : "object";
}

const CONSTANTS = new Set(["undefined", "NaN", "Infinity"]);

function heldBy(expression: SyntaxNode): Unit["holds"] {
  const node = unwrap(expression);
  if (isFunction(node)) return "function";
  if (node.type === "ClassExpression" || node.type === "ClassDeclaration") return "class";
  return isPrimitive(node) ? "primitive" : "object";
}

/** Deeper than anybody writes a constant. */
const DEEPEST = 100;

function isPrimitive(expression: SyntaxNode, depth = 0): boolean {
  const node = unwrap(expression);
  const both = (...parts: readonly unknown[]): boolean =>
    depth < DEEPEST && parts.every((part) => isPrimitive(part as SyntaxNode, depth + 1));
  switch (node.type) {
    case "Literal":
      return node["regex"] === undefined;
    case "TemplateLiteral":
    case "UnaryExpression":
    case "BinaryExpression":
      return true;
    case "Identifier":
      return CONSTANTS.has(node["name"] as string);
    case "ConditionalExpression":
      return both(node["consequent"], node["alternate"]);
    case "LogicalExpression":
      return both(node["left"], node["right"]);
    default:
      return false;
  }
}
