import type { SyntaxNode } from "../syntax.ts";
import { staticName } from "./syntax-layout.ts";
import type { TokenWalk } from "./token-walk.ts";

const PLACES = new Set(["url", "filename", "dirname"]);
const HARMLESS = new Set(["env", "main", "resolve", "glob"]);

/** `import.meta.x`. Returns whether it was walked here. */
export function walkMetaMember(node: SyntaxNode, meta: SyntaxNode, walk: TokenWalk): boolean {
  if ((meta["meta"] as SyntaxNode)["name"] !== "import") return false;
  const name = staticName(node);
  if (name === undefined || (!PLACES.has(name) && !HARMLESS.has(name))) return false;
  if (PLACES.has(name)) walk.reference(walk.state.reference({ kind: "place" }));
  walk.state.text.word("import.meta");
  walk.keyText(name);
  return true;
}

/** `new.target`, or `import.meta` as a whole. */
export function walkMetaProperty(node: SyntaxNode, walk: TokenWalk): void {
  const name = (node["meta"] as SyntaxNode)["name"] as string;
  walk.state.text.word(name === "import" ? "import.meta" : "new.target");
  if (name === "import") walk.reference(walk.state.reference({ kind: "place" }));
}
