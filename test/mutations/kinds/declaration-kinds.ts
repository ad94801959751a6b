import type { MutationKind } from "../mutation.ts";
import { textOf } from "../parsed-program.ts";
import type { Place } from "../parsed-program.ts";
import { field, fields, insertAt, isDefiner, nameOf, nodeKind, replaceNode } from "./node-kind.ts";

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

function isTopLevel({ parent }: Place): boolean {
  return parent === undefined || (parent.parent === undefined && parent.node.type.startsWith("Export"));
}

/** Runs code at the top level without defining a step. */
function isEffect({ node, parent }: Place): boolean {
  if (parent !== undefined) return false;
  if (node.type === "ExpressionStatement") return !isDefiner(nameOf(field(field(node, "expression"), "callee")));
  return /^(?:If|For|ForOf|ForIn|Try|Block|While)Statement$/.test(node.type);
}

/** Edits of functions, classes, enums, constants and statements. */
export const declarationKinds: readonly MutationKind[] = [
  nodeKind({
    name: "helper body",
    where: ({ node }) => FUNCTIONS.has(node.type) && field(node, "body")?.type === "BlockStatement",
    edit: ({ node }, random) =>
      insertAt(
        (field(node, "body")?.start ?? node.start) + 1,
        random.pick([" return undefined;", " return 41;", " throw new Error('mutated');"]),
      ),
  }),
  nodeKind({
    name: "helper expression",
    where: ({ node }) => node.type === "ArrowFunctionExpression" && field(node, "body")?.type !== "BlockStatement",
    edit: ({ node, module }, random) => {
      const body = field(node, "body");
      if (body === undefined || module.text[body.start] === "{") return undefined;
      const wrapped = module.text.slice(node.start, body.start).endsWith("(");
      return wrapped ? undefined : replaceNode(body, random.pick(["undefined", "17", '"mutated"']));
    },
  }),
  nodeKind({
    name: "returned value",
    where: ({ node }) => node.type === "ReturnStatement" && field(node, "argument") !== undefined,
    edit: ({ node, module }, random) => {
      const argument = field(node, "argument");
      if (argument === undefined) return undefined;
      const text = module.text.slice(argument.start, argument.end);
      return replaceNode(argument, random.pick([`[${text}]`, "undefined", `(${text}) ?? 3`]));
    },
  }),
  nodeKind({
    name: "statement removed",
    where: ({ node, parent }) => node.type === "ExpressionStatement" && parent?.node.type === "BlockStatement",
    edit: ({ node }) => replaceNode(node, ";"),
  }),
  nodeKind({
    name: "default value",
    where: ({ node }) => node.type === "AssignmentPattern",
    edit: ({ node }, random) => {
      const right = field(node, "right");
      return right && replaceNode(right, random.pick(["undefined", "9", '"other"', "[]"]));
    },
  }),
  nodeKind({
    name: "class member removed",
    where: ({ node, parent }) =>
      ["MethodDefinition", "PropertyDefinition"].includes(node.type) &&
      parent?.node.type === "ClassBody" &&
      node["kind"] !== "constructor" &&
      fields(node, "decorators").length === 0,
    edit: ({ node }) => replaceNode(node, ""),
  }),
  nodeKind({
    name: "class field",
    where: ({ node, key, parent }) =>
      key === "value" && parent?.node.type === "PropertyDefinition" && node.type !== "ClassExpression",
    edit: ({ node }, random) => replaceNode(node, random.pick(["undefined", "5", '"field"'])),
  }),
  nodeKind({
    name: "class made to extend another",
    where: ({ node }) => node.type === "ClassDeclaration" && field(node, "superClass") !== undefined,
    edit: ({ node }) => {
      const base = field(node, "superClass");
      return base && replaceNode(base, "(class extends (" + "Object) { label = 1; })");
    },
  }),
  nodeKind({
    name: "enum value",
    where: ({ node }) => node.type === "TSEnumMember",
    edit: ({ node, module }, random) => {
      const id = field(node, "id");
      return id && replaceNode(node, `${module.text.slice(id.start, id.end)} = ${random.pick(["64", "'e'"])}`);
    },
  }),
  nodeKind({
    name: "captured constant",
    where: (place) =>
      place.key === "init" &&
      place.parent?.node.type === "VariableDeclarator" &&
      place.parent.parent !== undefined &&
      isTopLevel(place.parent.parent) &&
      !FUNCTIONS.has(place.node.type) &&
      !isDefiner(nameOf(field(place.node, "callee"))),
    edit: (place, random) =>
      replaceNode(
        place.node,
        random.pick(["undefined", "3", `[${textOf(place)}][0]`, `structuredClone(${textOf(place)})`]),
      ),
  }),
  nodeKind({
    name: "effect removed",
    where: isEffect,
    edit: ({ node }) => replaceNode(node, ";"),
  }),
  nodeKind({
    name: "effect done twice",
    where: isEffect,
    edit: (place) => insertAt(place.node.end, `\n${textOf(place)}`),
  }),
  nodeKind({
    name: "effect made conditional",
    where: isEffect,
    edit: (place) => replaceNode(place.node, `if (Math.PI < 3) { ${textOf(place)} }`),
  }),
  nodeKind({
    name: "effects swapped",
    where: (place) => isEffect(place) && nextEffect(place) !== undefined,
    edit: (place) => {
      const next = nextEffect(place);
      if (next === undefined) return undefined;
      const text = place.module.text.slice(next.start, next.end);
      return [...replaceNode(place.node, text), ...replaceNode(next, textOf(place))];
    },
  }),
  nodeKind({
    name: "`let` for `const`",
    where: (place) => place.node.type === "VariableDeclaration" && isTopLevel(place) && place.node["kind"] === "const",
    edit: ({ node }) => [{ start: node.start, end: node.start + 5, text: "let" }],
  }),
];

function nextEffect({ node, module }: Place): Place["node"] | undefined {
  const next = module.body[module.body.indexOf(node) + 1];
  return next !== undefined && isEffect({ node: next, module, key: "body", parent: undefined }) ? next : undefined;
}
