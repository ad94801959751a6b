import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { hoistedNames, lexicalNames, patternNames } from "./local-names.ts";
import { isErased } from "./syntax-layout.ts";
import type { TokenWalk } from "./token-walk.ts";

/** An enum: its members are names for the ones that follow. */
export function walkEnum(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  state.text.word(node.type);
  walkDeclared(node["id"] as SyntaxNode, walk);
  const members = (node["body"] as SyntaxNode)["members"] as SyntaxNode[];
  const outside = state.enter(members.map(memberName));
  state.text.count(members.length);
  for (const member of members) {
    walk.keyText(memberName(member));
    walk.visit(member["initializer"]);
  }
  state.scope = outside;
}

function memberName(member: SyntaxNode): string {
  const id = member["id"] as SyntaxNode;
  const quasis = id["quasis"] as readonly { readonly value: { readonly cooked?: string } }[] | undefined;
  return quasis?.[0]?.value.cooked ?? String(id["name"] ?? id["value"]);
}

function walkDeclared(id: SyntaxNode, walk: TokenWalk): void {
  const { state, draft } = walk;
  const name = id["name"] as string;
  const meaning = state.resolve(name);
  if (meaning.kind === "local") state.text.number("L", meaning.local.index);
  else state.text.number("D", draft?.names.indexOf(name) ?? 0);
}

/** A namespace with code in it: what it exports is a property by its name. */
export function walkNamespace(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  state.text.word(node.type);
  const [first, ...nested] = qualifiedNames(node["id"] as SyntaxNode);
  if (first !== undefined) walkDeclared(first, walk);
  state.text.count(nested.length);
  for (const id of nested) walk.keyText(id["name"] as string);
  const body = node["body"] as SyntaxNode;
  if (body.type === "TSModuleDeclaration") return walkNamespace(body, walk);
  walkNamespaceBody(body["body"] as SyntaxNode[], walk);
}

function qualifiedNames(id: SyntaxNode): readonly SyntaxNode[] {
  if (id.type !== "TSQualifiedName") return [id];
  return [...qualifiedNames(id["left"] as SyntaxNode), id["right"] as SyntaxNode];
}

function walkNamespaceBody(body: readonly SyntaxNode[], walk: TokenWalk): void {
  const { state } = walk;
  const statements = body.filter((statement) => !isErased(statement));
  const outside = state.enter([...hoistedNames(statements, false), ...lexicalNames(statements)]);
  // The body is the body of a function that is called at once.
  state.noteRun();
  const before = state.invoked;
  if (state.evaluated) state.invoked = true;
  state.text.count(statements.length);
  for (const statement of statements) {
    const exported = statement.type === "ExportNamedDeclaration" ? statement["declaration"] : undefined;
    state.text.flag(isNode(exported));
    if (isNode(exported)) for (const name of declaredNames(exported)) walk.keyText(name);
    walk.visit(exported ?? statement);
  }
  state.invoked = before;
  state.scope = outside;
}

function declaredNames(node: SyntaxNode): readonly string[] {
  if (node.type !== "VariableDeclaration") return patternNames(node["id"]);
  return (node["declarations"] as SyntaxNode[]).flatMap(({ id }) => patternNames(id));
}
