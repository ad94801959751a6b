import { calleeName, isNode, literalText } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { staticName, unwrap } from "./syntax-layout.ts";
import type { UnitState } from "./unit-state.ts";

/** A load in code: `import(…)` or `require(…)`. Without `specifier` it is computed. */
export interface ModuleLoad {
  readonly request: "import" | "require";
  readonly specifier: string | undefined;
}

export function loadOf(node: SyntaxNode, state: UnitState): ModuleLoad | undefined {
  if (node.type === "ImportExpression") {
    return { request: "import", specifier: literalText(unwrap(node["source"] as SyntaxNode)) };
  }
  if (node.type !== "CallExpression" || !isLoader(unwrap(node["callee"] as SyntaxNode), state)) return undefined;
  const [first] = node["arguments"] as unknown[];
  return { request: "require", specifier: isNode(first) ? literalText(unwrap(first)) : undefined };
}

/** `require`, what `createRequire` gave, `module.require`. */
export function isLoader(callee: SyntaxNode, state: UnitState): boolean {
  if (callee.type === "Identifier") {
    const name = callee["name"] as string;
    const meaning = state.resolve(name);
    // One that is declared further down is not known yet, and goes by its usual name.
    if (meaning.kind === "local" || meaning.kind === "outer") return meaning.local.loads || name === "require";
    if (meaning.kind === "unit") return state.module.loaders.has(name);
    return meaning.kind === "global" && name === "require";
  }
  if (callee.type === "CallExpression") return isCreateRequire(callee, state);
  return (
    callee.type === "MemberExpression" &&
    staticName(callee) === "require" &&
    state.globalName(unwrap(callee["object"] as SyntaxNode)) === "module"
  );
}

/** `createRequire(…)`, under whatever name it was imported. */
export function isCreateRequire(node: unknown, state: UnitState): boolean {
  if (!isNode(node)) return false;
  const call = unwrap(node);
  if (call.type !== "CallExpression") return false;
  const callee = unwrap(call["callee"] as SyntaxNode);
  if (calleeName(callee) === "createRequire") return true;
  const meaning = callee.type === "Identifier" ? state.resolve(callee["name"] as string) : undefined;
  return meaning?.kind === "import" && meaning.imported.imported === "createRequire";
}
