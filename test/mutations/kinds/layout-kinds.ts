import { stripTypeScriptTypes } from "node:module";
import type { Change, MutationKind } from "../mutation.ts";
import type { ParsedProgram, Place } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import {
  aboutFile,
  field,
  fields,
  insertAt,
  isDefiner,
  isFreeText,
  nameOf,
  nodeKind,
  replaceNode,
} from "./node-kind.ts";

// None holds the end of a line: behind `return` that would end the statement.
const COMMENTS = ["/* a note */ ", "/** @deprecated by nobody */ ", "/* // */ ", "/* \u00fc\u00a0 \" ' ` */ "];
const LINES = ["// a note\n", "/** several\n * lines\n */\n", "\n\n\t", "  // `odd ${quotes} \" '\n", "//\n//\n"];

function isStatement({ node, parent, key }: Place): boolean {
  if (key !== "body" || !/Statement$|Declaration$/.test(node.type)) return false;
  return parent === undefined || /^(?:BlockStatement|StaticBlock)$/.test(parent.node.type);
}

/** An expression that can be given brackets or a comment without another meaning. */
function isWholeExpression({ node, parent, key }: Place): boolean {
  if (parent === undefined || node.type === "SpreadElement" || node.type.startsWith("JSX")) return false;
  const { type } = parent.node;
  if (key === "arguments") return /^(?:Call|New)Expression$/.test(type);
  if (key === "init") return type === "VariableDeclarator";
  if (key === "right") return type === "AssignmentExpression" || type === "BinaryExpression";
  return (key === "test" && type === "IfStatement") || (key === "argument" && type === "ReturnStatement");
}

const isTypeScript = (path: string): boolean => path.endsWith(".ts");

/** Whole modules in another shape. */
function rewritten(
  name: string,
  rewrite: (text: string, random: Random) => string | undefined,
  ending: RegExp,
): MutationKind {
  return {
    name,
    equivalent: true,
    mutate: (program: ParsedProgram, random): Change | undefined => {
      const modules = program.modules.filter(({ path }) => ending.test(path));
      if (modules.length === 0) return undefined;
      const module = random.pick(modules);
      const text = rewrite(module.text, random);
      return text === undefined ? undefined : { edits: { [module.path]: text }, about: aboutFile(module.path) };
    },
  };
}

function withoutTypes(text: string): string | undefined {
  try {
    return stripTypeScriptTypes(text);
  } catch {
    // It has syntax that is more than types.
    return undefined;
  }
}

/** Edits of layout, comments and types: no step can tell. */
export const layoutKinds: readonly MutationKind[] = [
  nodeKind({
    name: "comment before a statement",
    equivalent: true,
    where: isStatement,
    edit: ({ node }, random) => insertAt(node.start, random.pick(LINES)),
  }),
  nodeKind({
    name: "comment in an expression",
    equivalent: true,
    where: isWholeExpression,
    edit: ({ node }, random) => insertAt(node.start, random.pick(COMMENTS)),
  }),
  nodeKind({
    name: "line breaks",
    equivalent: true,
    where: (place) => isWholeExpression(place) && place.key !== "argument",
    edit: ({ node }, random) => insertAt(node.start, random.pick(["\n", "  ", "\n\n    ", "\r\n", "\t"])),
  }),
  nodeKind({
    name: "brackets",
    equivalent: true,
    where: isWholeExpression,
    edit: ({ node }) => [...insertAt(node.start, "("), ...insertAt(node.end, ")")],
  }),
  nodeKind({
    name: "quotes",
    equivalent: true,
    where: (place) => place.node.type === "Literal" && typeof place.node["value"] === "string" && isFreeText(place),
    edit: ({ node, module }) => {
      const raw = module.text.slice(node.start, node.end);
      if (/["'\\]/.test(raw.slice(1, -1))) return undefined;
      const quote = raw.startsWith('"') ? "'" : '"';
      return replaceNode(node, quote + raw.slice(1, -1) + quote);
    },
  }),
  nodeKind({
    name: "escapes",
    equivalent: true,
    where: (place) => place.node.type === "Literal" && typeof place.node["value"] === "string" && isFreeText(place),
    edit: ({ node, parent }, random) => {
      const value = node["value"] as string;
      if (parent?.node.type.startsWith("JSX")) return undefined;
      const units = value
        .split("")
        .map((unit) =>
          random.below(2) === 0 && unit.length === 1 ? escaped(unit) : JSON.stringify(unit).slice(1, -1),
        );
      return replaceNode(node, `"${units.join("")}"`);
    },
  }),
  nodeKind({
    name: "spelling of a number",
    equivalent: true,
    where: (place) => place.node.type === "Literal" && typeof place.node["value"] === "number" && isFreeText(place),
    edit: ({ node, parent }, random) => {
      const value = node["value"] as number;
      if (!Number.isSafeInteger(value) || parent?.node.type === "MemberExpression") return undefined;
      const forms = [
        `0x${value.toString(16)}`,
        `${value}.0`,
        `0b${value.toString(2)}`,
        value > 999 ? `${value}`.replace(/(\d)(?=(\d{3})+$)/g, "$1_") : `${value}e0`,
      ];
      return replaceNode(node, random.pick(forms));
    },
  }),
  nodeKind({
    name: "type assertion",
    equivalent: true,
    where: (place) =>
      isTypeScript(place.module.path) &&
      place.key === "arguments" &&
      isWholeExpression(place) &&
      !isDefiner(nameOf(field(place.parent?.node, "callee"))),
    edit: ({ node }, random) => [
      ...insertAt(node.start, "(("),
      ...insertAt(node.end, random.pick([") as unknown as never)", ") satisfies unknown)", ")!)"])),
    ],
  }),
  nodeKind({
    name: "type of a variable",
    equivalent: true,
    where: ({ node, module, parent }) =>
      isTypeScript(module.path) &&
      node.type === "VariableDeclarator" &&
      field(node, "id")?.type === "Identifier" &&
      field(field(node, "id"), "typeAnnotation") === undefined &&
      field(node, "init") !== undefined &&
      parent?.node["kind"] === "const",
    edit: ({ node }, random) =>
      insertAt(field(node, "id")?.end ?? node.end, random.pick([": unknown", ": never", ": readonly (string | 3)[]"])),
  }),
  nodeKind({
    name: "generic parameter",
    equivalent: true,
    where: ({ node, module }) =>
      isTypeScript(module.path) &&
      node.type === "FunctionDeclaration" &&
      field(node, "typeParameters") === undefined &&
      field(node, "id") !== undefined,
    edit: ({ node }) => insertAt(field(node, "id")?.end ?? node.end, "<Added extends { readonly added?: 1 } = {}>"),
  }),
  nodeKind({
    name: "type declared",
    equivalent: true,
    where: (place) => isStatement(place) && place.parent === undefined && isTypeScript(place.module.path),
    edit: ({ node }, random) =>
      insertAt(
        node.end,
        random.pick([
          "\nexport interface Added { readonly x: 1 }\n",
          "\ntype Added<T> = T extends string ? 1 : 2;\n",
          '\nimport type { Stats } from "node:fs";\n',
          "\ndeclare const added: string;\n",
          "\ndeclare function added(): void;\n",
        ]),
      ),
  }),
  nodeKind({
    name: "empty statement",
    equivalent: true,
    where: isStatement,
    edit: ({ node }) => insertAt(node.end, "\n;"),
  }),
  nodeKind({
    name: "trailing comma",
    equivalent: true,
    where: ({ node, module }) =>
      node.type === "CallExpression" && fields(node, "arguments").length > 0 && module.text[node.end - 1] === ")",
    edit: ({ node, module }) => {
      const last = fields(node, "arguments").at(-1);
      return last === undefined || module.text.slice(last.end, node.end).includes(",")
        ? undefined
        : insertAt(node.end - 1, ",");
    },
  }),
  rewritten("types removed", withoutTypes, /^(?!.*\.d\.ts$).*\.ts$/),
  rewritten(
    "other line ends",
    (text) => (text.includes("`") ? undefined : text.replaceAll("\n", "\r\n")),
    /\.[cm]?[jt]s$/,
  ),
  rewritten(
    "indentation",
    (text) => (text.includes("`") ? undefined : text.replaceAll(/^ +/gm, (spaces) => "\t".repeat(spaces.length))),
    /\.[cm]?[jt]s$/,
  ),
  rewritten("byte order mark", (text) => `\uFEFF${text}`, /\.[cm]?[jt]s$/),
];

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
