import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { isHidden } from "./hidden-code.ts";
import { hoistedNames } from "./local-names.ts";
import { isErased } from "./syntax-layout.ts";
import type { TokenWalk } from "./token-walk.ts";
import { CALLED, DISCARDED } from "./value-flow.ts";
import { valueOf } from "./value-reader.ts";

/** A class with its decorators and members; what types leave of it. */
export function walkClass(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const name = isNode(node["id"]) ? (node["id"]["name"] as string) : undefined;
  state.text.word("class");
  walkDecorators(node, walk);
  state.text.flag(name !== undefined);
  if (name !== undefined) walkClassName(node, name, walk);
  const outside = state.scope;
  if (node.type === "ClassExpression" && name !== undefined) state.enter([name]);
  walk.visit(node["superClass"]);
  const members = ((node["body"] as SyntaxNode)["body"] as SyntaxNode[]).filter((member) => !isErased(member));
  state.text.count(members.length);
  for (const member of members) walkMember(member, walk);
  state.scope = outside;
}

function walkClassName(node: SyntaxNode, name: string, walk: TokenWalk): void {
  const { state } = walk;
  state.text.text(name);
  if (node.type !== "ClassDeclaration") return;
  const meaning = state.resolve(name);
  if (meaning.kind === "local") state.text.number("L", meaning.local.index);
  else state.text.number("D", walk.draft?.names.indexOf(name) ?? 0);
}

/** They are called with what they decorate while the class is defined. */
function walkDecorators(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const decorators = (node["decorators"] ?? []) as SyntaxNode[];
  state.text.count(decorators.length);
  if (decorators.length === 0) return;
  state.noteRun();
  for (const decorator of decorators) {
    walk.visit(decorator["expression"]);
    if (state.evaluated) state.flow.mark(valueOf(decorator["expression"], state), CALLED | DISCARDED);
  }
}

function walkMember(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  if (node.type === "StaticBlock") return walkStaticBlock(node, walk);
  state.text.word(node.type);
  if (isHidden(node)) state.hides = true;
  walkDecorators(node, walk);
  state.text.flag(node["static"] === true);
  walk.key(node["key"] as SyntaxNode, node["computed"] === true);
  const value = node["value"];
  if (node.type === "MethodDefinition") {
    state.text.text(node["kind"] as string);
    const method = value as SyntaxNode;
    if (state.module.asked.has(method)) walk.meet(method, node);
    walk.visit(method);
  } else walkField(node, value, walk);
}

/** The value of a field is computed for each instance, the one of a static field with the class. */
function walkField(node: SyntaxNode, value: unknown, walk: TokenWalk): void {
  const { state } = walk;
  const later = node["static"] !== true && !state.invoked;
  if (later) state.deferred++;
  walk.visit(value);
  if (later) state.deferred--;
}

function walkStaticBlock(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const statements = node["body"] as SyntaxNode[];
  state.noteRun();
  state.text.word(node.type);
  const before = state.invoked;
  if (state.evaluated) state.invoked = true;
  walk.block(statements, hoistedNames(statements, false));
  state.invoked = before;
}
