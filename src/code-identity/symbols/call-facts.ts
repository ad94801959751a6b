import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { CHANGES_ARGUMENT, CHANGES_SLICE, KEEPS_NOTHING, MUTATORS, QUIET_GLOBALS, SETS_UP } from "./known-methods.ts";
import { staticName, unwrap } from "./syntax-layout.ts";
import type { UnitState } from "./unit-state.ts";
import {
  CALLED,
  contentsOf,
  DISCARDED,
  HANDED,
  NOTHING,
  PASSED,
  SETS,
  union,
  valueOfOrigin,
  WRITTEN,
} from "./value-flow.ts";
import type { Value } from "./value-flow.ts";
import { namespaceMember, valueOf } from "./value-reader.ts";

/** Whether a call is one of Warmstart's own, which run nothing of the user's. */
export function isOwnCall(callee: SyntaxNode, state: UnitState): boolean {
  let root = unwrap(callee);
  // `warmstart.step(…)`: a member of the namespace and nothing deeper.
  if (root.type === "MemberExpression") root = unwrap(root["object"] as SyntaxNode);
  if (root.type !== "Identifier") return false;
  const meaning = state.resolve(root["name"] as string);
  return meaning.kind === "import" && state.module.isOwnPackage(meaning.imported.specifier);
}

/** Notes what a call does to what it is called on and to what it is given. To be asked after its parts were walked. */
export function noteCall(node: SyntaxNode, discarded: boolean, state: UnitState): void {
  const callee = unwrap(node["callee"] as SyntaxNode);
  const given = (node["arguments"] as unknown[]).map((argument) => valueOf(argument, state));
  noteArguments(given, state);
  if (callee.type === "MemberExpression") return noteMethodCall(callee, given, discarded, state);
  // The functions of `Reflect` and `Object` are known by their full names only; a bare `assign(a, b)` just passes on.
  noteCalled(valueOf(callee, state), discarded, state, calledName(callee));
}

function calledName(callee: SyntaxNode): string | undefined {
  return callee.type === "Identifier" ? (callee["name"] as string) : undefined;
}

function noteArguments(given: readonly Value[], state: UnitState): void {
  const marks = state.evaluated ? HANDED | PASSED : PASSED;
  for (const value of given) {
    state.flow.mark(value, marks);
    state.flow.markContents({ self: [], inner: value.inner }, marks);
  }
  const some = given.filter((value) => value !== NOTHING);
  if (some.length === 0) return;
  // What is called may put anything into what it is given, and one argument into another.
  const unknown = union([...some, valueOfOrigin(state.handed)]);
  for (const value of some) state.flow.store({ self: value.self, inner: [] }, unknown);
}

function noteCalled(callee: Value, discarded: boolean, state: UnitState, name?: string): void {
  if (!state.evaluated) return;
  const sets = name !== undefined && SETS_UP.test(name) ? SETS : 0;
  state.flow.mark(callee, CALLED | sets | (discarded ? DISCARDED : 0));
}

function noteMethodCall(callee: SyntaxNode, given: readonly Value[], discarded: boolean, state: UnitState): void {
  const object = unwrap(callee["object"] as SyntaxNode);
  const method = staticName(callee);
  const member = namespaceMember(object, method, state);
  if (member !== undefined) return noteCalled(valueOf(callee, state), discarded, state, method);
  const global = state.globalName(object);
  if (global !== undefined && noteGlobalCall(global, method, given, discarded, state)) return;
  const receiver = valueOf(object, state);
  noteBorrowed(object, method, given, state);
  const applies = method === "call" || method === "apply" || method === "bind";
  // `add.call(list, 1)` is a method call of the list.
  if (applies && discarded) state.flow.mark(given[0] ?? NOTHING, WRITTEN);
  if (method === undefined || !KEEPS_NOTHING.has(method)) state.flow.store(receiver, union(given));
  if (!applies && changesReceiver(object, method, discarded)) state.flow.mark(receiver, WRITTEN);
  state.flow.mark(receiver, PASSED);
  state.flow.markContents({ self: [], inner: receiver.inner }, state.evaluated ? HANDED | PASSED : PASSED);
  noteCalled(union([receiver, contentsOf(receiver)]), discarded, state, method);
}

function changesReceiver(object: SyntaxNode, method: string | undefined, discarded: boolean): boolean {
  // It is there for what its function does; one of the project that changes `this` says so itself.
  if (method === "forEach") return false;
  if (!discarded && (method === undefined || !MUTATORS.has(method))) return false;
  return !(method !== undefined && CHANGES_SLICE.has(method) && isSlice(object));
}

function isSlice(object: SyntaxNode): boolean {
  if (object.type !== "CallExpression") return false;
  const callee = unwrap(object["callee"] as SyntaxNode);
  return callee.type === "MemberExpression" && staticName(callee) === "slice";
}

/** A method of a global. Returns whether nothing is left to say of the global itself. */
function noteGlobalCall(
  global: string,
  method: string | undefined,
  given: readonly Value[],
  discarded: boolean,
  state: UnitState,
): boolean {
  const [first = NOTHING, second = NOTHING] = given;
  if (global === "Object" || global === "Reflect") {
    if (method === undefined || CHANGES_ARGUMENT.has(method)) {
      state.flow.mark(first, WRITTEN);
      state.flow.store(first, union(given.slice(1)));
    }
    if (method === "apply") {
      state.flow.mark(second, WRITTEN);
      noteCalled(first, discarded, state);
    }
    if (method === "construct") noteCalled(first, discarded, state);
  }
  if (global === "Atomics" && method !== "load") state.flow.mark(first, WRITTEN);
  if (global === "Array" || QUIET_GLOBALS.has(global)) {
    // What they do to what they are given was said above; functions among it are walked where they stand.
    return true;
  }
  return false;
}

/** `Array.prototype.push.call(list, 1)` changes the list. */
function noteBorrowed(object: SyntaxNode, method: string | undefined, given: readonly Value[], state: UnitState): void {
  if (method !== "call" && method !== "apply" && method !== "bind") return;
  const [first = NOTHING, second = NOTHING] = given;
  const borrowed = object.type === "MemberExpression" ? staticName(object) : undefined;
  if (borrowed !== undefined && (MUTATORS.has(borrowed) || CHANGES_ARGUMENT.has(borrowed))) {
    state.flow.mark(first, WRITTEN);
    if (CHANGES_ARGUMENT.has(borrowed)) state.flow.mark(union([second, contentsOf(second)]), WRITTEN);
  }
}

/** The calls whose values an expression throws away when its own value is. */
export function discardedCalls(expression: unknown, into: Set<SyntaxNode>): void {
  if (!isNode(expression)) return;
  const node = unwrap(expression);
  switch (node.type) {
    case "CallExpression":
    case "NewExpression":
    case "TaggedTemplateExpression":
      into.add(node);
      return;
    case "AwaitExpression":
    case "UnaryExpression":
      return discardedCalls(node["argument"], into);
    case "ChainExpression":
      return discardedCalls(node["expression"], into);
    case "LogicalExpression":
      return discardedCalls(node["right"], into);
    case "ConditionalExpression":
      discardedCalls(node["consequent"], into);
      return discardedCalls(node["alternate"], into);
    case "SequenceExpression":
      for (const part of node["expressions"] as unknown[]) discardedCalls(part, into);
      return;
    default:
  }
}
