import type { SyntaxNode } from "../syntax.ts";
import { isNode } from "../syntax.ts";
import type { TokenWalk } from "./token-walk.ts";
import { CALLED, HANDED, PASSED, valueOfOrigin } from "./value-flow.ts";
import { valueOf } from "./value-reader.ts";

/** An element or fragment: a call of whatever JSX is compiled to. */
export function walkJsx(node: SyntaxNode, walk: TokenWalk): void {
  const { text } = walk.state;
  noteFactory(walk);
  text.word(node.type);
  if (node.type === "JSXElement") {
    const opening = node["openingElement"] as SyntaxNode;
    walkElementName(opening["name"] as SyntaxNode, walk);
    walkAttributes(opening["attributes"] as SyntaxNode[], walk);
  }
  walkChildren(node["children"] as SyntaxNode[], walk);
}

function noteFactory(walk: TokenWalk): void {
  const { state } = walk;
  const { pragmas } = state.module;
  state.noteRun();
  const number = state.reference({ kind: "jsx", pragmas });
  walk.reference(number);
  const origin = state.origins[number];
  if (origin !== undefined && state.evaluated) state.flow.mark(valueOfOrigin(origin), CALLED);
}

function walkElementName(name: SyntaxNode, walk: TokenWalk): void {
  const { text } = walk.state;
  if (name.type === "JSXNamespacedName") {
    text.word("element");
    return text.text(`${textOf(name["namespace"])}:${textOf(name["name"])}`);
  }
  if (name.type === "JSXMemberExpression") {
    text.word(".");
    walkElementName(name["object"] as SyntaxNode, walk);
    return walk.keyText(textOf(name["property"]));
  }
  const own = textOf(name);
  if (name.type === "JSXIdentifier" && isIntrinsic(own)) {
    text.word("element");
    return text.text(own);
  }
  if (own === "this") return text.word("ThisExpression");
  walk.name(own, name);
  noteGiven(name, walk);
}

function isIntrinsic(name: string): boolean {
  return (/^[a-z]/.test(name) && name !== "this") || name.includes("-");
}

function textOf(node: unknown): string {
  return String((node as SyntaxNode)["name"]);
}

function walkAttributes(attributes: readonly SyntaxNode[], walk: TokenWalk): void {
  const { text } = walk.state;
  text.count(attributes.length);
  for (const attribute of attributes) {
    if (attribute.type === "JSXSpreadAttribute") {
      text.word("...");
      walk.visit(attribute["argument"]);
      noteGiven(attribute["argument"], walk);
      continue;
    }
    const name = attribute["name"] as SyntaxNode;
    walk.keyText(
      name.type === "JSXNamespacedName" ? `${textOf(name["namespace"])}:${textOf(name["name"])}` : textOf(name),
    );
    walkValue(attribute["value"], walk);
  }
}

/** `a`, `a="x"`, `a={x}`, `a=<b/>`. */
function walkValue(value: unknown, walk: TokenWalk): void {
  if (!isNode(value) || value.type !== "JSXExpressionContainer") {
    // Entities are written out as they stand, so that no two readings of one text meet.
    walk.state.text.word("attribute");
    return walk.visit(value);
  }
  walk.visit(value["expression"]);
  noteGiven(value["expression"], walk);
}

function walkChildren(children: readonly SyntaxNode[], walk: TokenWalk): void {
  const { text } = walk.state;
  const left = children.filter((child) => !isEmpty(child));
  text.count(left.length);
  for (const child of left) {
    if (child.type === "JSXText") {
      text.word(child.type);
      text.text(trimmedText(child));
      continue;
    }
    const inside = child["expression"];
    if (child.type === "JSXSpreadChild") text.word("...");
    walk.visit(inside ?? child);
    noteGiven(inside, walk);
  }
}

function noteGiven(expression: unknown, walk: TokenWalk): void {
  const { state } = walk;
  const value = valueOf(expression, state);
  const marks = state.evaluated ? HANDED | PASSED : PASSED;
  state.flow.mark(value, marks);
  state.flow.markContents({ self: [], inner: value.inner }, marks);
}

function isEmpty(child: SyntaxNode): boolean {
  if (child.type === "JSXText") return trimmedText(child) === "";
  return child.type === "JSXExpressionContainer" && (child["expression"] as SyntaxNode).type === "JSXEmptyExpression";
}

/** Lines are joined by one space, without the blanks around line breaks. */
function trimmedText(node: SyntaxNode): string {
  const raw = String(node["raw"] ?? node["value"]);
  const lines = raw.split(/\r\n|\n|\r/);
  const kept = lines.map((line, index) => {
    const left = index > 0 ? line.replace(/^[ \t]+/, "") : line;
    return index < lines.length - 1 ? left.replace(/[ \t]+$/, "") : left;
  });
  return kept.filter((line) => line !== "").join(" ");
}
