import { posix } from "node:path";
import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";
import type { ParsedModule, ParsedProgram } from "../parsed-program.ts";
import { declaredNames } from "./declared-names.ts";
import { field, fields, nameOf } from "./node-kind.ts";

/** The module of the program that a relative specifier leads to. */
export function moduleOf(program: ParsedProgram, from: string, specifier: unknown): ParsedModule | undefined {
  if (typeof specifier !== "string" || !specifier.startsWith(".")) return undefined;
  const path = posix.join(posix.dirname(from), specifier);
  const candidates = [path, path.replace(/\.js$/, ".ts"), `${path}.ts`, `${path}.tsx`, `${path}/index.ts`];
  return candidates.flatMap((candidate) => program.module(candidate) ?? [])[0];
}

/** How another module imports this one. */
export function specifierTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Names that a module exports by declarations of its own, with what declares them. */
export function ownExports(module: ParsedModule): ReadonlyMap<string, SyntaxNode> {
  const found = new Map<string, SyntaxNode>();
  const declared = new Map(module.body.flatMap((node) => declaredNames(node).map((name) => [name, node] as const)));
  for (const node of module.body) {
    if (node.type !== "ExportNamedDeclaration" || node["exportKind"] === "type" || field(node, "source")) continue;
    const declaration = field(node, "declaration");
    if (declaration !== undefined && !/^TS(?:Type|Interface)/.test(declaration.type))
      for (const name of declaredNames(node)) found.set(name, declaration);
    for (const specifier of fields(node, "specifiers")) {
      const local = declared.get(nameOf(field(specifier, "local")) ?? "");
      const name = nameOf(field(specifier, "exported"));
      if (local !== undefined && name !== undefined) found.set(name, local);
    }
  }
  return found;
}

/** Modules that are evaluated with the entry, in no order. */
export function evaluatedModules(program: ParsedProgram): readonly ParsedModule[] {
  return program.remember(evaluatedModules, () => {
    const found = new Set<ParsedModule>();
    const queue = [program.module(program.program.entry)];
    for (let next = queue.pop(); queue.length > 0 || next !== undefined; next = queue.pop()) {
      if (next === undefined || found.has(next)) continue;
      found.add(next);
      for (const node of next.body)
        if (isLink(node)) queue.push(moduleOf(program, next.path, field(node, "source")?.["value"]));
    }
    return [...found];
  });
}

function isLink(node: SyntaxNode): boolean {
  return (
    /^(?:Import|Export(?:Named|All))Declaration$/.test(node.type) &&
    node["importKind"] !== "type" &&
    node["exportKind"] !== "type"
  );
}

const LITERALS = new Set(["Literal", "TemplateLiteral", "ArrowFunctionExpression", "FunctionExpression"]);

/** Whether evaluating a statement can be noticed by nothing but its own names. */
export function isInert(node: SyntaxNode): boolean {
  const declaration = field(node, "declaration");
  if (/^Export(?:Named|Default)/.test(node.type) && declaration !== undefined) return isInert(declaration);
  if (/^TS(?:Type|Interface)/.test(node.type) || node.type === "FunctionDeclaration") return true;
  if (node.type !== "VariableDeclaration" || node["kind"] !== "const") return false;
  return fields(node, "declarations").every(
    (one) => field(one, "id")?.type === "Identifier" && isInertValue(field(one, "init")),
  );
}

function isInertValue(node: SyntaxNode | undefined): boolean {
  if (node === undefined) return true;
  return LITERALS.has(node.type) && fields(node, "expressions").length === 0;
}

/** Whether nothing can tell when a module is evaluated. */
export function isInertModule(
  program: ParsedProgram,
  module: ParsedModule,
  above: readonly ParsedModule[] = [],
): boolean {
  if (above.includes(module)) return false;
  return module.body.every((node) => {
    if (!isLink(node)) return isInert(node);
    const target = moduleOf(program, module.path, field(node, "source")?.["value"]);
    if (node.type === "ExportNamedDeclaration" && field(node, "source") === undefined) return isInert(node);
    return target !== undefined && isInertModule(program, target, [...above, module]);
  });
}
