import { createRequire } from "node:module";
import type { ParseResult, ParserOptions } from "oxc-parser";
import { CodeIdentityError } from "../errors.ts";
import { isNestedTooDeeply } from "./nesting-depth.ts";

/** A node of a syntax tree, as far as a walk needs to know it. */
export interface SyntaxNode {
  readonly type: string;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface LinePosition {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

/** Properties of nodes that hold types. */
export const TYPE_KEYS: ReadonlySet<string> = new Set([
  "typeAnnotation",
  "returnType",
  "typeParameters",
  "typeArguments",
  "superTypeArguments",
  "implements",
]);

/** Endings of files that hold code; any other file counts by its bytes alone. */
const CODE = /\.(?:[cm]?[jt]s|[jt]sx)$/;

export function isCode(path: string): boolean {
  return CODE.test(path);
}

/** The last source and its tree, for as long as memory is not wanted for something else. */
let last: WeakRef<{ readonly path: string; readonly text: string; readonly parsed: ParseResult }> | undefined;

/**
 * Parses a source. The tree is built when `program` is first asked for; imports and exports come without it. Readers that
 * follow each other on one source are given the same tree, which none of them may change.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) naming file and line.
 */
export function parseSource(path: string, text: string): ParseResult {
  const known = last?.deref();
  if (known?.path === path && known.text === text) return known.parsed;
  const parsed = parseAnew(path, text);
  last = new WeakRef({ path, text, parsed });
  return parsed;
}

function parseAnew(path: string, text: string): ParseResult {
  if (isNestedTooDeeply(text)) throw tooDeep(path);
  const parsed = loadParser().parseSync(path, text, optionsFor(path));
  const error = parsed.errors.find((found) => found.severity === "Error");
  if (error !== undefined) throw syntaxError(path, text, error.message, error.labels[0]?.start ?? 0);
  return parsed;
}

/**
 * Walks a tree.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) when it is nested so deeply that the stack is too small for it.
 */
export function walkTree<T>(path: string, walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(path, error) : error;
  }
}

/** Positions of offsets in a text, by a table of its lines that is made once. */
export function positionsOf(text: string): (offset: number) => LinePosition {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** Compares two positions: negative when the first comes first. */
export function comparePositions(a: LinePosition, b: LinePosition): number {
  return a.line - b.line || a.column - b.column;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

/** The nodes below a node, with the name of the property that holds each, in the order of the source. */
export function* childrenOf(node: SyntaxNode): Generator<readonly [key: string, child: SyntaxNode]> {
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) yield [key, item];
    } else if (isNode(value)) yield [key, value];
  }
}

/** A string that is written out: a literal, or a template without holes. */
export function literalText(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "ParenthesizedExpression") return literalText(node["expression"]);
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  if (node.type !== "TemplateLiteral" || (node["expressions"] as unknown[]).length > 0) return undefined;
  const [quasi] = node["quasis"] as { value: { cooked?: string | null } }[];
  return quasi?.value.cooked ?? undefined;
}

/** `a`, or the last name of `x.y.a`. */
export function calleeName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Identifier") return node["name"] as string;
  if (node.type === "MemberExpression" && node["computed"] === false) return calleeName(node["property"]);
  return undefined;
}

function loadParser(): typeof import("oxc-parser") {
  return createRequire(import.meta.url)("oxc-parser") as typeof import("oxc-parser");
}

function optionsFor(path: string): ParserOptions {
  if (/\.c[jt]s$/.test(path)) return { sourceType: "commonjs", preserveParens: false };
  // A `.js` may be either kind, and may hold JSX where our hooks load it.
  if (path.endsWith(".js")) return { sourceType: "unambiguous", lang: "jsx", preserveParens: false };
  return { sourceType: "unambiguous", preserveParens: false };
}

function tooDeep(path: string, cause?: RangeError): CodeIdentityError {
  return new CodeIdentityError("WS_SOURCE_SYNTAX", {
    message: `${path} cannot be read: its expressions are nested too deeply.`,
    hint: "A step reaches this module, so its code must be known. Import generated code of this kind as data.",
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}

function syntaxError(path: string, text: string, message: string, offset: number): CodeIdentityError {
  const { line, column } = positionsOf(text)(offset);
  return new CodeIdentityError("WS_SOURCE_SYNTAX", {
    message: `${path}:${line}:${column} cannot be parsed: ${message}.`,
    hint: "A step reaches this module, so its code must be known. Correct the line and run again.",
    details: { path, line, column },
  });
}
