import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";
import type { MutationKind } from "../mutation.ts";
import type { ParsedProgram, Place, Splice } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import { isInertModule, moduleOf, ownExports } from "./module-links.ts";
import { field, fields, nameOf, nodeKind, replaceNode } from "./node-kind.ts";

function isImport({ node, parent }: Place): boolean {
  return node.type === "ImportDeclaration" && parent === undefined;
}

function isEffectImport(place: Place): boolean {
  return isImport(place) && fields(place.node, "specifiers").length === 0;
}

/** The statement after an import, when it is one, too. */
function nextImport(place: Place): SyntaxNode | undefined {
  const next = place.module.body[place.module.body.indexOf(place.node) + 1];
  return next?.type === "ImportDeclaration" ? next : undefined;
}

function swapped({ node, module }: Place, next: SyntaxNode | undefined): readonly Splice[] | undefined {
  if (next === undefined) return undefined;
  const text = ({ start, end }: SyntaxNode): string => module.text.slice(start, end);
  return [...replaceNode(node, text(next)), ...replaceNode(next, text(node))];
}

/** Another name that the module gives by itself, in place of one. */
function otherExport(
  place: Place,
  taken: string | undefined,
  random: Random,
  program: ParsedProgram,
): string | undefined {
  const target = moduleOf(program, place.module.path, field(place.parent?.node, "source")?.["value"]);
  const names = target === undefined ? [] : [...ownExports(target).keys()].filter((name) => name !== taken);
  return names.length === 0 ? undefined : random.pick(names);
}

function isInertImport(program: ParsedProgram, path: string, node: SyntaxNode): boolean {
  if (node["importKind"] === "type") return true;
  const target = moduleOf(program, path, field(node, "source")?.["value"]);
  return target !== undefined && isInertModule(program, target);
}

/** Edits of what modules take from each other. */
export const moduleKinds: readonly MutationKind[] = [
  nodeKind({
    name: "import rewired",
    where: ({ node, parent }) => node.type === "ImportSpecifier" && parent?.node["importKind"] !== "type",
    edit: (place, random, program) => {
      const { node } = place;
      const local = nameOf(field(node, "local"));
      const other = otherExport(place, nameOf(field(node, "imported")), random, program);
      return other === undefined ? undefined : replaceNode(node, `${other} as ${local}`);
    },
  }),
  nodeKind({
    name: "re-export rewired",
    where: ({ node, parent }) => node.type === "ExportSpecifier" && field(parent?.node, "source") !== undefined,
    edit: (place, random, program) => {
      const { node } = place;
      const exported = nameOf(field(node, "exported"));
      const other = otherExport(place, nameOf(field(node, "local")), random, program);
      return other === undefined ? undefined : replaceNode(node, `${other} as ${exported}`);
    },
  }),
  nodeKind({
    name: "star export narrowed",
    where: ({ node }) => node.type === "ExportAllDeclaration" && field(node, "exported") === undefined,
    edit: ({ node, module }, random, program) => {
      const source = field(node, "source");
      const target = moduleOf(program, module.path, source?.["value"]);
      const names = target === undefined ? [] : [...ownExports(target).keys()];
      if (source === undefined || names.length < 2) return undefined;
      const [first, second] = [random.pick(names), random.pick(names)];
      const rest = names.filter((name) => name !== first);
      return replaceNode(
        node,
        `export { ${[`${second} as ${first}`, ...rest].join(", ")} } from ${JSON.stringify(source["value"])};`,
      );
    },
  }),
  nodeKind({ name: "effect import removed", where: isEffectImport, edit: ({ node }) => replaceNode(node, ";") }),
  nodeKind({
    name: "effect imports swapped",
    where: (place) => isEffectImport(place) && nextImport(place) !== undefined,
    edit: (place) => swapped(place, nextImport(place)),
  }),
  nodeKind({
    name: "imports swapped",
    where: (place) => isImport(place) && nextImport(place) !== undefined,
    edit: (place) => swapped(place, nextImport(place)),
  }),
  nodeKind({
    name: "imports of inert modules swapped",
    equivalent: true,
    where: (place) => isImport(place) && nextImport(place) !== undefined,
    edit: (place, _random, program) => {
      const next = nextImport(place);
      const inert = [place.node, next].every((node) => node && isInertImport(program, place.module.path, node));
      return inert ? swapped(place, next) : undefined;
    },
  }),
];
