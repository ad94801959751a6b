import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { discardedCalls } from "./call-facts.ts";
import { patternNames } from "./local-names.ts";
import { bindPattern, walkPattern } from "./pattern-walk.ts";
import type { TokenWalk } from "./token-walk.ts";
import { valueOfOrigin } from "./value-flow.ts";

/** Any function that has a body. */
export function walkFunction(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const name = isNode(node["id"]) ? (node["id"]["name"] as string) : undefined;
  const outside = state.scope;
  const arrow = node.type === "ArrowFunctionExpression";
  state.text.word(arrow ? "=>" : "function");
  state.text.flag(node["async"] === true);
  state.text.flag(node["generator"] === true);
  walkOwnName(node, name, walk);
  const later = !(state.evaluated && state.invoked);
  if (later) state.deferred++;
  if (node["generator"] === true) state.generates = true;
  const around = walk.passing.has(node) ? 0 : 1;
  state.depth += around;
  if (node.type === "FunctionExpression" && name !== undefined) state.enter([name]);
  walkHead(node, walk);
  walkBody(node, walk);
  if (later) state.deferred--;
  state.depth -= around;
  state.scope = outside;
}

/** The name of a function is there to be read while it runs. */
function walkOwnName(node: SyntaxNode, name: string | undefined, walk: TokenWalk): void {
  const { state, draft } = walk;
  state.text.flag(name !== undefined);
  if (name === undefined) return;
  state.text.text(name);
  if (node.type !== "FunctionDeclaration") return;
  const meaning = state.resolve(name);
  if (meaning.kind === "local") state.text.number("L", meaning.local.index);
  else state.text.number("D", draft?.names.indexOf(name) ?? 0);
}

function walkHead(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const parameters = parametersOf(node);
  state.enter(parameters.flatMap((parameter) => patternNames(parameter)));
  state.text.count(parameters.length);
  for (const parameter of parameters) walkPattern(parameter, walk, true);
  for (const parameter of parameters) bindPattern(parameter, valueOfOrigin(state.handed), walk, true);
}

/** Without TypeScript's `this`. */
function parametersOf(node: SyntaxNode): readonly SyntaxNode[] {
  return (node["params"] as SyntaxNode[]).filter((parameter) => parameter["name"] !== "this");
}

function walkBody(node: SyntaxNode, walk: TokenWalk): void {
  const body = node["body"] as SyntaxNode;
  if (body.type === "BlockStatement") {
    walk.state.text.word("body");
    const names = parametersOf(node).flatMap((parameter) => patternNames(parameter));
    return walk.functionBody(body["body"] as SyntaxNode[], names);
  }
  walk.state.text.word("gives");
  if (walk.heedless.has(node)) discardedCalls(body, walk.discarded);
  walk.visit(body);
}
