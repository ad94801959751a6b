import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { discardedCalls } from "./call-facts.ts";
import { lexicalNames, patternNames } from "./local-names.ts";
import { bindPattern, walkPattern } from "./pattern-walk.ts";
import { unwrap } from "./syntax-layout.ts";
import type { TokenWalk } from "./token-walk.ts";
import { contentsOf, NOTHING, valueOfOrigin } from "./value-flow.ts";
import { valueOf } from "./value-reader.ts";

/** `for (;;)`. */
export function walkFor(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  discardedCalls(node["init"], walk.discarded);
  discardedCalls(node["update"], walk.discarded);
  state.text.word(node.type);
  const before = state.enter(loopNames(node["init"]));
  for (const key of ["init", "test", "update", "body"]) walk.visit(node[key]);
  state.scope = before;
}

/** `for … in` and `for … of`. */
export function walkForEach(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const left = node["left"] as SyntaxNode;
  if (node["await"] === true) state.noteRun();
  state.text.word(node.type);
  state.text.flag(node["await"] === true);
  const before = state.enter(loopNames(left));
  const declares = left.type === "VariableDeclaration";
  const pattern = declares ? ((left["declarations"] as SyntaxNode[])[0]?.["id"] as SyntaxNode) : unwrap(left);
  state.text.word(declares ? (left["kind"] as string) : "assign");
  walkPattern(pattern, walk, declares);
  // `for (var x = 1 in y)` of old scripts.
  if (declares) walk.visit((left["declarations"] as SyntaxNode[])[0]?.["init"]);
  walk.visit(node["right"]);
  state.noteRead(node["right"]);
  const given = node.type === "ForOfStatement" ? contentsOf(valueOf(node["right"], state)) : NOTHING;
  if (!declares) state.noteRun();
  bindPattern(pattern, given, walk, declares);
  walk.visit(node["body"]);
  state.scope = before;
}

/** Its cases share one scope. */
export function walkSwitch(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  state.text.word(node.type);
  walk.visit(node["discriminant"]);
  const cases = node["cases"] as SyntaxNode[];
  const before = state.enter(lexicalNames(cases.flatMap((found) => found["consequent"] as SyntaxNode[])));
  state.text.count(cases.length);
  for (const found of cases) {
    walk.visit(found["test"]);
    walk.statements(found["consequent"] as SyntaxNode[]);
  }
  state.scope = before;
}

/** What is caught may be anything. */
export function walkCatch(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  state.text.word(node.type);
  const before = state.enter(patternNames(node["param"]));
  if (isNode(node["param"])) {
    walkPattern(node["param"], walk, true);
    bindPattern(node["param"], valueOfOrigin(state.handed), walk, true);
  } else state.text.word("_");
  walk.visit(node["body"]);
  state.scope = before;
}

/** Labels and jumps to them. */
export function walkLabel(node: SyntaxNode, walk: TokenWalk): void {
  const { text } = walk.state;
  const label = node["label"];
  text.word(node.type);
  text.flag(isNode(label));
  if (isNode(label)) text.text(label["name"] as string);
  if (node.type === "LabeledStatement") walk.visit(node["body"]);
}

function loopNames(left: unknown): readonly string[] {
  if (!isNode(left) || left.type !== "VariableDeclaration" || left["kind"] === "var") return [];
  return (left["declarations"] as SyntaxNode[]).flatMap(({ id }) => patternNames(id));
}
