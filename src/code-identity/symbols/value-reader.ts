import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import {
  CHANGES_ARGUMENT,
  FRESH_CONSTRUCTORS,
  FRESH_FUNCTIONS,
  GIVES_CONTENTS,
  GIVES_FRESH,
  GIVES_RECEIVER,
} from "./known-methods.ts";
import { loadOf } from "./module-request.ts";
import { staticName, unwrap } from "./syntax-layout.ts";
import type { Local, UnitState } from "./unit-state.ts";
import { contentsOf, freshWith, NOTHING, union, valueOfOrigin } from "./value-flow.ts";
import type { Value } from "./value-flow.ts";

/** Deeper than anybody writes by hand; what is found there counts as handed in. */
const DEEPEST = 200;

const CONSTANTS = new Set(["undefined", "NaN", "Infinity"]);

/** Properties of every value that lead to what it has in common with others. */
const SHARED = new Set(["__proto__", "constructor"]);

/** What an expression may give, as far as its text tells. */
export function valueOf(expression: unknown, state: UnitState, depth = 0): Value {
  if (!isNode(expression)) return NOTHING;
  const node = unwrap(expression);
  if (depth > DEEPEST) return valueOfOrigin(state.handed);
  const of = (part: unknown): Value => valueOf(part, state, depth + 1);
  switch (node.type) {
    case "Identifier":
    case "JSXIdentifier":
      return nameValue(node["name"] as string, state);
    case "ThisExpression":
    case "Super":
      return valueOfOrigin(state.self);
    case "MemberExpression":
      return memberValue(node, state, of);
    case "ChainExpression":
    case "ParenthesizedExpression":
      return of(node["expression"]);
    case "AwaitExpression":
      return of(node["argument"]);
    case "AssignmentExpression":
      return node["operator"] === "=" ? of(node["right"]) : union([of(node["left"]), of(node["right"])]);
    case "ConditionalExpression":
      return union([of(node["consequent"]), of(node["alternate"])]);
    case "LogicalExpression":
      return union([of(node["left"]), of(node["right"])]);
    case "SequenceExpression":
      return of((node["expressions"] as unknown[]).at(-1));
    case "ArrayExpression":
      return freshWith((node["elements"] as unknown[]).map((element) => elementValue(element, of)));
    case "ObjectExpression":
      return freshWith((node["properties"] as SyntaxNode[]).map((property) => elementValue(property, of)));
    case "SpreadElement":
      return contentsOf(of(node["argument"]));
    case "CallExpression":
      return callValue(node, state, of);
    case "NewExpression":
      return newValue(node, state, of);
    case "ImportExpression":
      return loadValue(node, state);
    case "TaggedTemplateExpression":
    case "YieldExpression":
      return valueOfOrigin(state.handed);
    case "MetaProperty":
      return valueOfOrigin(state.global);
    default:
      // Primitives, functions, classes and templates: nothing that was there before.
      return NOTHING;
  }
}

export function nameValue(name: string, state: UnitState): Value {
  const meaning = state.resolve(name);
  switch (meaning.kind) {
    case "local":
      return localValue(meaning.local, state);
    case "outer":
      return state.captures.has(name)
        ? valueOfOrigin(state.handed)
        : state.referenceValue({ kind: "unit", unit: state.unit });
    case "unit":
    case "import":
      return valueOfOrigin(state.origins[state.nameReference(name)] ?? state.handed);
    case "global":
      if (CONSTANTS.has(name)) return NOTHING;
      if (name === "arguments") return valueOfOrigin(state.handed);
      return valueOfOrigin(
        (name === "module" || name === "exports") && !state.module.esm ? state.exported : state.global,
      );
  }
}

/** What a function does to a variable around it, it does to what its calls have in common. */
function localValue({ origin, depth }: Local, state: UnitState): Value {
  return depth < state.depth ? { self: [origin, state.enclosed], inner: [] } : valueOfOrigin(origin);
}

type Reader = (part: unknown) => Value;

function elementValue(element: unknown, of: Reader): Value {
  if (isNode(element) && element.type === "Property") return of(element["value"]);
  return of(element);
}

function memberValue(node: SyntaxNode, state: UnitState, of: Reader): Value {
  const object = unwrap(node["object"] as SyntaxNode);
  const namespace = namespaceMember(object, staticName(node), state);
  if (namespace !== undefined) return valueOfOrigin(state.origins[namespace] ?? state.handed);
  const contents = contentsOf(of(object));
  // `[].constructor.prototype`: what fresh values and primitives have in common is the language's own.
  return contents === NOTHING && SHARED.has(staticName(node) ?? "") ? valueOfOrigin(state.global) : contents;
}

/** The reference that `ns.name` is, when `ns` is a namespace import. */
export function namespaceMember(object: SyntaxNode, member: string | undefined, state: UnitState): number | undefined {
  if (object.type !== "Identifier" || member === undefined) return undefined;
  const meaning = state.resolve(object["name"] as string);
  if (meaning.kind !== "import" || meaning.imported.imported !== "*" || meaning.imported.request === "require") {
    return undefined;
  }
  return state.nameReference(meaning.name, member);
}

function callValue(node: SyntaxNode, state: UnitState, of: Reader): Value {
  const load = loadValue(node, state);
  if (load !== NOTHING) return load;
  const callee = unwrap(node["callee"] as SyntaxNode);
  const given = node["arguments"] as unknown[];
  const handed = valueOfOrigin(state.handed);
  if (callee.type !== "MemberExpression") {
    return state.globalName(callee) === "structuredClone" ? freshWith([of(given[0])]) : handed;
  }
  const method = staticName(callee) ?? "";
  const object = unwrap(callee["object"] as SyntaxNode);
  if (namespaceMember(object, method, state) !== undefined) return handed;
  const global = state.globalName(object);
  if (global !== undefined && FRESH_FUNCTIONS.has(`${global}.${method}`)) {
    return { self: [], inner: contentsOf(freshWith(given.map(of))).self };
  }
  if ((global === "Object" || global === "Reflect") && CHANGES_ARGUMENT.has(method)) return of(given[0]);
  if (GIVES_RECEIVER.has(method)) return union([of(object), handedUnlessKnown(object, state)]);
  if (GIVES_CONTENTS.has(method)) return contentsOf(of(object));
  if (GIVES_FRESH.has(method)) {
    const inner = contentsOf(of(object));
    return { self: [], inner: [...inner.self, state.handed] };
  }
  return { self: [state.handed, ...contentsOf(of(object)).self], inner: [] };
}

/** A receiver that has no place of its own gives what it likes. */
function handedUnlessKnown(object: SyntaxNode, state: UnitState): Value {
  return object.type === "Super" ? valueOfOrigin(state.handed) : NOTHING;
}

function newValue(node: SyntaxNode, state: UnitState, of: Reader): Value {
  const given = (node["arguments"] as unknown[]).map(of);
  const name = state.globalName(unwrap(node["callee"] as SyntaxNode));
  const fresh = freshWith(given);
  if (name !== undefined && FRESH_CONSTRUCTORS.has(name)) return fresh;
  // A constructor may keep a hand on what it makes in any way but by giving something else, which its own unit shows.
  return { self: [], inner: [...fresh.inner, state.handed] };
}

function loadValue(node: SyntaxNode, state: UnitState): Value {
  const load = loadOf(node, state);
  return load?.specifier === undefined
    ? NOTHING
    : state.referenceValue({ kind: "module", specifier: load.specifier, request: load.request });
}
