import { childrenOf } from "../../../src/code-identity/syntax.ts";
import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";

/** Names that a top-level statement declares. */
export function declaredNames(statement: SyntaxNode): readonly string[] {
  const declaration = statement["declaration"] as SyntaxNode | null | undefined;
  if (statement.type.startsWith("Export") && declaration) return declaredNames(declaration);
  if (statement.type === "VariableDeclaration")
    return (statement["declarations"] as SyntaxNode[]).flatMap((declarator) =>
      boundNames(declarator["id"] as SyntaxNode),
    );
  const id = statement["id"] as SyntaxNode | null | undefined;
  return id && typeof id["name"] === "string" ? [id["name"]] : [];
}

/** Names that a pattern binds. */
function boundNames(pattern: SyntaxNode): readonly string[] {
  if (pattern.type === "Identifier") return [pattern["name"] as string];
  if (pattern.type === "AssignmentPattern") return boundNames(pattern["left"] as SyntaxNode);
  if (pattern.type === "Property") return boundNames(pattern["value"] as SyntaxNode);
  return [...childrenOf(pattern)].flatMap(([key, child]) => (key === "typeAnnotation" ? [] : boundNames(child)));
}
