import { parseSync, Visitor } from "oxc-parser";

/** One place in a file that names another module: value and type imports, re-exports, `import()` and `import("x").T`. */
export interface ModuleReference {
  readonly specifier: string;
  readonly line: number;
}

/** What the architecture rules need to know of one source file. */
export interface ModuleFacts {
  readonly references: readonly ModuleReference[];
  /** Lines with an `export *` of any kind. */
  readonly starExports: readonly number[];
  readonly lineCount: number;
}

/** Reads one TypeScript source; throws when it does not parse, since facts of half a file would be a silent pass. */
export function readModuleFacts(path: string, source: string): ModuleFacts {
  const parsed = parseSync(path, source);
  const [problem] = parsed.errors;
  if (problem !== undefined) throw new Error(`${path} does not parse: ${problem.message}`);
  const references: ModuleReference[] = [];
  const starExports: number[] = [];
  const lineAt = (offset: number): number => source.slice(0, offset).split("\n").length;
  const refer = (specifier: string, offset: number): void => {
    references.push({ specifier, line: lineAt(offset) });
  };
  new Visitor({
    ImportDeclaration: (node) => refer(node.source.value, node.start),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) refer(node.source.value, node.start);
    },
    ExportAllDeclaration: (node) => {
      starExports.push(lineAt(node.start));
      refer(node.source.value, node.start);
    },
    ImportExpression: (node) => {
      const specifier = literalText(node.source);
      if (specifier !== undefined) refer(specifier, node.start);
    },
    TSImportType: (node) => refer(node.source.value, node.start),
    TSExternalModuleReference: (node) => refer(node.expression.value, node.start),
  }).visit(parsed.program);
  return { references, starExports, lineCount: source.replace(/\n$/, "").split("\n").length };
}

interface ExpressionNode {
  readonly type: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly cooked: string | null } }[];
}

/** The text of `"x"` or of a template without holes; anything else is not known before it runs. */
function literalText(node: ExpressionNode): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.quasis?.length === 1) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}
