import type { MutationKind } from "../mutation.ts";
import { textOf } from "../parsed-program.ts";
import type { Place } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import { field, fields, insertAt, isDefiner, isFreeText, nameOf, nodeKind, replaceNode } from "./node-kind.ts";

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  "+": ["-", "*"],
  "-": ["+", "/"],
  "*": ["/", "+"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "<": ["<=", ">"],
  "<=": ["<", ">="],
  ">": [">=", "<"],
  ">=": [">", "<="],
  "===": ["!=="],
  "!==": ["==="],
  "==": ["!="],
  "!=": ["=="],
  "&": ["|"],
  "|": ["&"],
  "<<": [">>"],
  ">>": ["<<"],
  ">>>": [">>"],
  "&&": ["||"],
  "||": ["&&", "??"],
  "??": ["&&"],
};

const ofType =
  (...types: readonly string[]) =>
  ({ node }: Place): boolean =>
    types.includes(node.type);

const literalOf =
  (type: string) =>
  (place: Place): boolean =>
    place.node.type === "Literal" && typeof place.node["value"] === type && isFreeText(place);

/** The operator between two operands, spaces included. */
function between({ node, module }: Place): { readonly start: number; readonly end: number } {
  const left = field(node, "left")?.end ?? node.start;
  const right = field(node, "right")?.start ?? node.end;
  const text = module.text.slice(left, right);
  const at = text.indexOf(node["operator"] as string);
  return { start: left + at, end: left + at + (node["operator"] as string).length };
}

function otherWord(text: string, random: Random): string {
  return JSON.stringify(random.below(2) === 0 ? `${text}~` : `#${text.slice(1)}`);
}

/** Edits of expressions, which may or may not be seen. */
export const expressionKinds: readonly MutationKind[] = [
  nodeKind({
    name: "operator",
    where: (place) =>
      ofType("BinaryExpression", "LogicalExpression")(place) &&
      Object.hasOwn(OPERATORS, place.node["operator"] as string),
    edit: (place, random) => {
      const other = random.pick(OPERATORS[place.node["operator"] as string] ?? []);
      return [{ ...between(place), text: other }];
    },
  }),
  nodeKind({
    name: "number",
    where: literalOf("number"),
    edit: ({ node }, random) =>
      replaceNode(node, random.pick([`${(node["value"] as number) + 1}`, "0", "7", "1e3", "0.5"])),
  }),
  nodeKind({
    name: "text",
    where: literalOf("string"),
    edit: ({ node }, random) => replaceNode(node, otherWord(node["value"] as string, random)),
  }),
  nodeKind({
    name: "boolean",
    where: literalOf("boolean"),
    edit: ({ node }) => replaceNode(node, node["value"] === true ? "false" : "true"),
  }),
  nodeKind({
    name: "template text",
    where: ofType("TemplateElement"),
    edit: ({ node }, random) => insertAt(random.below(2) === 0 ? node.start : node.end, "~"),
  }),
  nodeKind({
    name: "regular expression",
    where: ({ node }) => node.type === "Literal" && "regex" in node,
    edit: (place, random) => {
      const { pattern, flags } = place.node["regex"] as { pattern: string; flags: string };
      const flag = random.pick(["i", "g", "s", "m"]);
      const toggled = flags.includes(flag) ? flags.replace(flag, "") : flags + flag;
      return replaceNode(place.node, random.below(2) === 0 ? `/${pattern}/${toggled}` : `/(?:${pattern})|~/${flags}`);
    },
  }),
  nodeKind({
    name: "condition negated",
    where: ({ key, parent }) =>
      key === "test" && parent !== undefined && /^(?:If|Conditional|While)/.test(parent.node.type),
    edit: (place) => replaceNode(place.node, `!(${textOf(place)})`),
  }),
  nodeKind({
    name: "branches swapped",
    where: ofType("ConditionalExpression"),
    edit: ({ node, module }) => {
      const [yes, no] = [field(node, "consequent"), field(node, "alternate")];
      if (yes === undefined || no === undefined) return undefined;
      const text = ({ start, end }: typeof yes): string => module.text.slice(start, end);
      return [...replaceNode(yes, text(no)), ...replaceNode(no, text(yes))];
    },
  }),
  nodeKind({
    name: "argument removed",
    where: ({ node }) =>
      node.type === "CallExpression" &&
      fields(node, "arguments").length > 0 &&
      !isDefiner(nameOf(field(node, "callee"))),
    edit: ({ node }, random) => replaceNode(random.pick(fields(node, "arguments")), "undefined"),
  }),
  nodeKind({
    name: "unary operator",
    where: ({ node }) => node.type === "UnaryExpression" && ["-", "!", "+", "~"].includes(node["operator"] as string),
    edit: ({ node }) => [{ start: node.start, end: node.start + 1, text: node["operator"] === "!" ? "!!" : " " }],
  }),
  nodeKind({
    name: "counting the other way",
    where: ofType("UpdateExpression"),
    edit: (place) => {
      const text = textOf(place);
      return replaceNode(place.node, text.includes("++") ? text.replace("++", "--") : text.replace("--", "++"));
    },
  }),
  nodeKind({
    name: "property name",
    where: ({ node }) => node.type === "MemberExpression" && node["computed"] === false,
    edit: ({ node }, random) => {
      const property = field(node, "property");
      return property?.type === "Identifier"
        ? replaceNode(property, random.pick(["length", "name", "other"]))
        : undefined;
    },
  }),
  nodeKind({
    name: "optional chaining",
    where: ({ node, module }) =>
      node.type === "MemberExpression" &&
      node["optional"] === false &&
      node["computed"] === false &&
      field(node, "property")?.type === "Identifier" &&
      !["Super", "MetaProperty"].includes(field(node, "object")?.type ?? "") &&
      /^\.(?=\w)/.test(module.text.slice(field(node, "object")?.end)),
    edit: ({ node }) => insertAt(field(node, "object")?.end ?? node.end, "?"),
  }),
  nodeKind({
    name: "await removed",
    where: ofType("AwaitExpression"),
    edit: ({ node }) => [{ start: node.start, end: node.start + 5, text: "" }],
  }),
  nodeKind({
    name: "element removed",
    where: ({ node }) => ["ArrayExpression", "ObjectExpression"].includes(node.type) && elementsOf(node).length > 1,
    edit: ({ node }) => {
      const [first, second] = elementsOf(node);
      return first && second && [{ start: first.start, end: second.start, text: "" }];
    },
  }),
  nodeKind({
    name: "property key",
    where: ({ node, parent }) =>
      node.type === "Property" &&
      parent?.node.type === "ObjectExpression" &&
      node["computed"] === false &&
      node["shorthand"] === false &&
      node["method"] === false &&
      node["kind"] === "init",
    edit: ({ node }) => {
      const key = field(node, "key");
      return key && replaceNode(key, '"renamed"');
    },
  }),
  nodeKind({
    name: "name of an environment variable",
    where: ({ node, module }) =>
      node.type === "MemberExpression" && /^process\.env\b.+/s.test(module.text.slice(node.start, node.end)),
    edit: ({ node }) => replaceNode(node, 'process.env["ELSEWHERE"]'),
  }),
];

function elementsOf(node: Place["node"]): ReturnType<typeof fields> {
  return fields(node, node.type === "ArrayExpression" ? "elements" : "properties");
}
