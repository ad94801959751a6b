import { isNode, literalText } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { isOwnCall, noteCall } from "./call-facts.ts";
import { attributesOf } from "./module-outline.ts";
import { ASKS_FOR_MATCH, ASKS_TEXT_FOR_MATCH, CALLS_AT_ONCE } from "./known-methods.ts";
import { isCreateRequire, isLoader, loadOf } from "./module-request.ts";
import { staticName, unwrap } from "./syntax-layout.ts";
import type { TokenWalk } from "./token-walk.ts";
import { CALLED } from "./value-flow.ts";
import { valueOf } from "./value-reader.ts";

/** `import(…)`. */
export function walkImport(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  state.noteRun();
  state.text.word(node.type);
  state.text.text(attributesOf(node));
  walkLoad(node, node["source"], walk);
  walk.visit(node["options"]);
}

/** The specifier of a load is no token: what it leads to counts. */
function walkLoad(node: SyntaxNode, source: unknown, walk: TokenWalk): void {
  const { state } = walk;
  const load = loadOf(node, state);
  if (load?.specifier === undefined) {
    walk.notices.flag(load?.request === "require" ? "computed require" : "computed import", node);
    return walk.visit(source);
  }
  const { specifier, request } = load;
  if (request === "require" && state.evaluated && walk.draft !== undefined) {
    state.module.evaluatedRequires.push({ specifier, start: node.start });
  }
  walk.reference(state.reference({ kind: "module", specifier, request }));
}

/** A call or `new`. */
export function walkCall(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  const callee = unwrap(node["callee"] as SyntaxNode);
  const given = node["arguments"] as unknown[];
  state.text.word(node.type);
  state.text.flag(node["optional"] === true);
  noteUndecidable(node, callee, walk);
  noteExpression(callee, given, walk);
  walk.notices.construct(callee, node);
  if (isOwnCall(callee, state)) return walkOwnCall(node, walk);
  state.noteRun();
  const before = state.invoked;
  if (state.evaluated) state.invoked = true;
  const discarded = walk.discarded.has(node);
  const heedless = discarded || (callee.type === "MemberExpression" && staticName(callee) === "forEach");
  if (heedless) for (const argument of given) if (isNode(argument)) walk.heedless.add(unwrap(argument));
  notePassing(callee, given, walk);
  if (loadOf(node, state) !== undefined) walkRequire(node, given, walk);
  else if (!walkAsset(node, callee, given, walk)) {
    walk.visit(callee);
    walkArguments(node, given, walk);
  }
  state.invoked = before;
  noteCall(node, discarded, state);
}

/** `new RegExp(text, flags)`; without flags it may be made after another expression. */
function noteExpression(callee: SyntaxNode, [source, flags]: readonly unknown[], walk: TokenWalk): void {
  if (walk.state.globalName(callee) !== "RegExp") return;
  const isText =
    isNode(source) && (unwrap(source).type === "TemplateLiteral" || literalText(unwrap(source)) !== undefined);
  walk.state.noteExpression(isNode(flags) ? literalText(unwrap(flags)) : isText ? "" : undefined);
}

function notePassing(callee: SyntaxNode, given: readonly unknown[], walk: TokenWalk): void {
  const method = callee.type === "MemberExpression" ? staticName(callee) : undefined;
  if (method === undefined) return;
  if (ASKS_FOR_MATCH.has(method)) walk.state.matches = true;
  if (ASKS_TEXT_FOR_MATCH.has(method)) walk.state.replaces = true;
  if (!CALLS_AT_ONCE.has(method)) return;
  for (const argument of given) if (isNode(argument)) walk.passing.add(unwrap(argument));
}

function walkRequire(node: SyntaxNode, given: readonly unknown[], walk: TokenWalk): void {
  walk.state.text.word("load");
  walk.visit(node["callee"]);
  walkLoad(node, given[0], walk);
  walk.list(given.slice(1));
}

function walkArguments(node: SyntaxNode, given: readonly unknown[], walk: TokenWalk): void {
  if (!isCreateRequire(node, walk.state)) return walk.list(given);
  // Loads are resolved from this module, wherever it is; from elsewhere they cannot be known.
  if (given.length === 1 && isOwnPlace(given[0], walk)) return walk.state.text.word("here");
  walk.notices.flag("computed require", node);
  walk.list(given);
}

/** Warmstart's own calls run nothing of what they are given. */
function walkOwnCall(node: SyntaxNode, walk: TokenWalk): void {
  const { state } = walk;
  if (state.evaluated) state.defines = true;
  const before = state.invoked;
  state.invoked = false;
  walk.visit(node["callee"]);
  walk.list(node["arguments"] as unknown[]);
  state.invoked = before;
  if (state.evaluated) state.flow.mark(valueOf(node["callee"], state), CALLED);
}

/** `new URL("./x", import.meta.url)`, `import.meta.resolve("./x")`, `require.resolve("./x")`: a file by its place. */
function walkAsset(node: SyntaxNode, callee: SyntaxNode, given: readonly unknown[], walk: TokenWalk): boolean {
  const { state } = walk;
  const [first, second] = given;
  const specifier = isNode(first) ? literalText(unwrap(first)) : undefined;
  const isUrl = node.type === "NewExpression" && state.globalName(callee) === "URL" && isOwnPlace(second, walk);
  const resolves = callee.type === "MemberExpression" && staticName(callee) === "resolve" && isResolver(callee, walk);
  if (!isUrl && !resolves) return false;
  if (specifier === undefined) {
    // What a computed URL leads to is seen when it is read; what a computed `resolve` leads to may be code.
    if (resolves) walk.notices.flag("computed import", node);
    return false;
  }
  if (isUrl && /^[a-z][a-z+.-]+:/i.test(specifier)) return false;
  const relative = /^\.{0,2}\//.test(specifier) ? specifier : `./${specifier}`;
  state.text.word(isUrl ? "url" : "resolve");
  walk.reference(state.reference({ kind: "asset", specifier: isUrl ? relative : specifier }));
  walk.list(given.slice(isUrl ? 2 : 1));
  return true;
}

function isResolver(callee: SyntaxNode, walk: TokenWalk): boolean {
  const object = unwrap(callee["object"] as SyntaxNode);
  return isMeta(object) || isLoader(object, walk.state);
}

function isMeta(node: SyntaxNode): boolean {
  return node.type === "MetaProperty" && (node["meta"] as SyntaxNode)["name"] === "import";
}

/** `import.meta.url`, `import.meta.filename`, `__filename`. */
function isOwnPlace(value: unknown, walk: TokenWalk): boolean {
  if (!isNode(value)) return false;
  const node = unwrap(value);
  if (node.type !== "MemberExpression") return walk.state.globalName(node) === "__filename";
  const name = staticName(node);
  return (name === "url" || name === "filename") && isMeta(unwrap(node["object"] as SyntaxNode));
}

function noteUndecidable(node: SyntaxNode, callee: SyntaxNode, walk: TokenWalk): void {
  const member = callee.type === "MemberExpression";
  const name = member ? staticName(callee) : walk.state.globalName(callee);
  if (name === "Function") {
    walk.notices.flag("new Function", node);
    walk.notices.spare(callee);
  }
  if (!member) return;
  if (name === "eval") walk.notices.flag("eval", node);
  if (name === "dlopen") walk.notices.flag("process.dlopen", node);
  if (name === "glob" && isMeta(unwrap(callee["object"] as SyntaxNode))) walk.notices.flag("import.meta.glob", node);
}
