import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { isFunction, staticName, unwrap } from "./syntax-layout.ts";

/** The name of the language or the platform that an expression is. */
type GlobalName = (node: SyntaxNode) => string | undefined;

/** Methods that the language calls by itself. */
const CALLED_BY_LANGUAGE = new Set("toString valueOf toJSON then next return throw".split(" "));

/** Functions that give an object accessors. */
const DEFINES_ACCESSORS = new Set(
  "defineProperty defineProperties __defineGetter__ __defineSetter__ getOwnPropertyDescriptors".split(" "),
);

/** Deeper than anybody writes; what is found there may be anything. */
const DEEPEST = 100;

/**
 * Whether nothing runs when an expression is looked into or made text of, as far as its own text tells. What is written in the
 * expression itself is found where it is written.
 */
export function isPlain(expression: SyntaxNode, globalName: GlobalName, depth = 0): boolean {
  const node = unwrap(expression);
  const plain = (part: unknown): boolean => depth < DEEPEST && isNode(part) && isPlain(part, globalName, depth + 1);
  switch (node.type) {
    case "Literal":
    case "TemplateLiteral":
    case "UnaryExpression":
    case "UpdateExpression":
    case "BinaryExpression":
    case "MetaProperty":
      return true;
    case "Identifier":
      return globalName(node) !== undefined;
    case "MemberExpression":
      return plain(node["object"]);
    case "ConditionalExpression":
      return plain(node["consequent"]) && plain(node["alternate"]);
    case "LogicalExpression":
      return plain(node["left"]) && plain(node["right"]);
    case "ChainExpression":
      return plain(node["expression"]);
    default:
      return isFunction(node);
  }
}

/** Operators that make text or numbers of their operands, or ask them. */
export function converts(operator: unknown): boolean {
  return !["===", "!==", "&&", "||", "??", "!", "typeof", "void"].includes(operator as string);
}

/** A member of an object or class whose code runs without a call in sight. */
export function isHidden(member: SyntaxNode): boolean {
  if (member["kind"] === "get" || member["kind"] === "set" || member.type === "AccessorProperty") return true;
  if (member["value"] === null || isPrimitive(member["value"])) return false;
  const key = member["key"] as SyntaxNode;
  if (member["computed"] === true && key.type !== "Literal") return true;
  return CALLED_BY_LANGUAGE.has(String(key["name"] ?? key["value"]));
}

/** `Object.defineProperty`, `Object.create`. */
export function namesHidden(member: SyntaxNode, globalName: GlobalName): boolean {
  const name = staticName(member);
  if (name === undefined) return false;
  const ofObject = name === "create" && globalName(unwrap(member["object"] as SyntaxNode)) === "Object";
  return ofObject || DEFINES_ACCESSORS.has(name);
}

/** A method that the language calls is put on an object. */
export function putsHidden(target: SyntaxNode, value: unknown): boolean {
  if (target.type !== "MemberExpression") return false;
  const name = staticName(target);
  if (name !== undefined) return CALLED_BY_LANGUAGE.has(name) || name === "__proto__";
  return target["computed"] === true && isNode(value) && isFunction(unwrap(value));
}

function isPrimitive(value: unknown): boolean {
  return isNode(value) && (value.type === "Literal" || value.type === "TemplateLiteral");
}
