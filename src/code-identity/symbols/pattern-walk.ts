import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { unwrap } from "./syntax-layout.ts";
import type { TokenWalk } from "./token-walk.ts";
import { contentsOf, GIVEN, NOTHING, union, valueOfOrigin, WRITTEN } from "./value-flow.ts";
import type { Value } from "./value-flow.ts";
import { nameValue, valueOf } from "./value-reader.ts";

/** Tokens of what values are given to: names that are declared here, or targets of an assignment. */
export function walkPattern(pattern: SyntaxNode, walk: TokenWalk, declares: boolean): void {
  const node = unwrap(pattern);
  const { text } = walk.state;
  switch (node.type) {
    case "Identifier":
      walkDecorators(node, walk);
      if (declares) walkDeclaredName(node, walk);
      else walk.name(node["name"] as string, node);
      return;
    case "AssignmentPattern":
      text.word(node.type);
      walkDecorators(node, walk);
      walkPattern(node["left"] as SyntaxNode, walk, declares);
      walk.nameOfAnonymous(node["left"], node["right"]);
      walk.visit(node["right"]);
      return;
    case "RestElement":
      text.word(node.type);
      return walkPattern(node["argument"] as SyntaxNode, walk, declares);
    case "TSParameterProperty":
      text.word(node.type);
      walkDecorators(node, walk);
      // The parameter's name is a property's, too.
      walk.keyText(parameterName(node));
      return walkPattern(node["parameter"] as SyntaxNode, walk, declares);
    case "ArrayPattern":
      text.word(node.type);
      walkDecorators(node, walk);
      return walkElements(node["elements"] as unknown[], walk, declares);
    case "ObjectPattern":
      text.word(node.type);
      walkDecorators(node, walk);
      return walkProperties(node["properties"] as SyntaxNode[], walk, declares);
    default:
      walk.visit(node);
  }
}

function walkElements(elements: readonly unknown[], walk: TokenWalk, declares: boolean): void {
  walk.state.text.count(elements.length);
  for (const element of elements) {
    if (isNode(element)) walkPattern(element, walk, declares);
    else walk.state.text.word("_");
  }
}

function walkProperties(properties: readonly SyntaxNode[], walk: TokenWalk, declares: boolean): void {
  walk.state.text.count(properties.length);
  for (const property of properties) {
    if (property.type === "RestElement") {
      walkPattern(property, walk, declares);
      continue;
    }
    walk.key(property["key"] as SyntaxNode, property["computed"] === true);
    walkPattern(property["value"] as SyntaxNode, walk, declares);
  }
}

function walkDecorators(node: SyntaxNode, walk: TokenWalk): void {
  const decorators = (node["decorators"] ?? []) as SyntaxNode[];
  if (decorators.length > 0) walk.list(decorators);
}

function parameterName(node: SyntaxNode): string {
  const parameter = node["parameter"] as SyntaxNode;
  const target = parameter.type === "AssignmentPattern" ? (parameter["left"] as SyntaxNode) : parameter;
  return target["name"] as string;
}

function walkDeclaredName(node: SyntaxNode, walk: TokenWalk): void {
  const { state, draft } = walk;
  const name = node["name"] as string;
  const meaning = state.resolve(name);
  if (meaning.kind === "local") return state.text.number("L", meaning.local.index);
  const place =
    draft === undefined || meaning.kind !== "unit" || meaning.unit !== draft.index ? -1 : draft.names.indexOf(name);
  if (place >= 0) return state.text.number("D", place);
  // A `var` that another statement declared before.
  walk.name(name, node);
}

/** Follows a value into what it is given to. */
export function bindPattern(pattern: SyntaxNode, value: Value, walk: TokenWalk, declares: boolean): void {
  const node = unwrap(pattern);
  switch (node.type) {
    case "AssignmentPattern": {
      const either = union([value, valueOf(node["right"], walk.state)]);
      return bindPattern(node["left"] as SyntaxNode, either, walk, declares);
    }
    case "RestElement":
      // What is left of a value in a new object.
      return bindPattern(node["argument"] as SyntaxNode, { self: [], inner: contentsOf(value).self }, walk, declares);
    case "TSParameterProperty":
      return bindPattern(node["parameter"] as SyntaxNode, value, walk, declares);
    case "ArrayPattern":
      for (const element of node["elements"] as unknown[]) {
        if (isNode(element)) bindPattern(element, partOf(element, value), walk, declares);
      }
      return;
    case "ObjectPattern":
      for (const property of node["properties"] as SyntaxNode[]) {
        const target = property.type === "RestElement" ? property : (property["value"] as SyntaxNode);
        bindPattern(target, partOf(property, value), walk, declares);
      }
      return;
    default:
      writeTarget(node, value, walk, declares);
  }
}

/** A rest element takes its parts itself. */
function partOf(element: SyntaxNode, value: Value): Value {
  return element.type === "RestElement" ? value : contentsOf(value);
}

/** One name or member is given a value, or is deleted. */
export function writeTarget(target: SyntaxNode, value: Value, walk: TokenWalk, declares = false): void {
  const { state } = walk;
  const node = unwrap(target);
  if (node.type === "ChainExpression") return writeTarget(node["expression"] as SyntaxNode, value, walk, declares);
  if (node.type === "MemberExpression") {
    const object = valueOf(node["object"], state);
    state.flow.mark(object, WRITTEN);
    return state.flow.store(object, value);
  }
  if (node.type !== "Identifier") return;
  const name = node["name"] as string;
  const meaning = state.resolve(name);
  if (meaning.kind === "local") {
    if (meaning.local.depth < state.depth) state.flow.mark(valueOfOrigin(state.enclosed), WRITTEN);
    return state.flow.assign(meaning.local.origin, value);
  }
  const own = meaning.kind === "unit" && meaning.unit === walk.draft?.index;
  if (own) state.flow.mark(value, GIVEN);
  if (declares && own) return;
  if (meaning.kind === "unit") state.assigned.add(name);
  state.flow.mark(meaning.kind === "global" ? globalTarget(name, walk) : nameValue(name, state), WRITTEN);
}

function globalTarget(name: string, walk: TokenWalk): Value {
  const value = nameValue(name, walk.state);
  return value === NOTHING ? valueOfOrigin(walk.state.global) : value;
}
