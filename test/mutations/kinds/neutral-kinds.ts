import { posix } from "node:path";
import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";
import type { Change, MutationKind } from "../mutation.ts";
import { spliced } from "../parsed-program.ts";
import type { ParsedModule, ParsedProgram, Place, Splice } from "../parsed-program.ts";
import type { Random } from "../random.ts";
import { declaredNames } from "./declared-names.ts";
import { renamableNames, renamed } from "./local-bindings.ts";
import type { Renamable } from "./local-bindings.ts";
import { isInert, moduleOf, ownExports } from "./module-links.ts";
import { aboutNode, field, fields, insertAt, nameOf, nodeKind, replaceNode, stepNameOf } from "./node-kind.ts";

function renameKind(name: string, kind: Renamable["kind"]): MutationKind {
  return {
    name,
    equivalent: true,
    mutate: (program, random): Change | undefined => {
      const found = program.remember(kind, () =>
        program.modules.flatMap((module) =>
          renamableNames(module).flatMap((renamable) => (renamable.kind === kind ? [{ module, renamable }] : [])),
        ),
      );
      if (found.length === 0) return undefined;
      const { module, renamable } = random.pick(found);
      const edits = spliced(
        module,
        renamed(renamable, random.pick([`${renamable.name}Too`, `_${renamable.name}`, "zz"])),
      );
      return { edits, about: aboutNode(module, renamable.node) };
    },
  };
}

/** A statement after this one that can stand before it as well. */
function swappable({ node, parent, module }: Place): SyntaxNode | undefined {
  if (parent !== undefined) return undefined;
  const next = module.body[module.body.indexOf(node) + 1];
  if (next === undefined || !isInert(node) || !isInert(next)) return undefined;
  return /^Export.*Default/.test(node.type + next.type) ? undefined : next;
}

/** A function that no word of the program names, beside its declaration. */
function isUnused(place: Place, program: ParsedProgram): boolean {
  const [name] = declaredNames(place.node);
  if (name === undefined || !isInert(place.node)) return false;
  const all = program.remember("all text", () => [Object.values(program.program.files).join("\n")]);
  return all[0]?.match(new RegExp(`\\b${name.replaceAll("$", "\\$")}\\b`, "g"))?.length === 1;
}

const unusedEdited: MutationKind = {
  name: "unused export edited",
  equivalent: true,
  mutate: (program, random) => {
    const found = program.remember(unusedEdited, () =>
      program.places.filter(
        (place) => place.parent === undefined && place.node.type.startsWith("ExportNamed") && isUnused(place, program),
      ),
    );
    if (found.length === 0) return undefined;
    const { node, module } = random.pick(found);
    const body = /[{>]\s*[^{>]*$/.exec(module.text.slice(node.start, node.end));
    const at = module.text.slice(node.start, node.end).indexOf("{");
    if (body === null || at === -1 || declaredFunction(node) === undefined) return undefined;
    const start = (field(declaredFunction(node), "body")?.start ?? node.start + at) + 1;
    const edits = spliced(module, insertAt(start, " void 'edited';"));
    return { edits, about: aboutNode(module, node) };
  },
};

function declaredFunction(node: SyntaxNode): SyntaxNode | undefined {
  const declaration = field(node, "declaration");
  return declaration?.type === "FunctionDeclaration" && field(declaration, "body") ? declaration : undefined;
}

/** A function that names nothing of its module, moved into one of its own. */
const functionMoved: MutationKind = {
  name: "function moved and exported again",
  equivalent: true,
  mutate: (program, random) => {
    const found = program.remember(functionMoved, () => program.modules.flatMap((module) => movable(module)));
    if (found.length === 0) return undefined;
    const { module, node, name } = random.pick(found);
    const path = posix.join(posix.dirname(module.path), `moved${posix.extname(module.path)}`);
    const specifier = JSON.stringify(`./${posix.basename(path)}`);
    const again = `export { ${name} } from ${specifier};`;
    const used = module.places.filter((place) => nameOf(place.node) === name).length > 1;
    const text = used ? `import { ${name} } from ${specifier};\nexport { ${name} };` : again;
    const edits = {
      ...spliced(module, replaceNode(node, text)),
      [path]: `${module.text.slice(node.start, node.end)}\n`,
    };
    return { edits, about: aboutNode(module, node) };
  },
};

function movable(
  module: ParsedModule,
): readonly { readonly module: ParsedModule; readonly node: SyntaxNode; readonly name: string }[] {
  const own = new Set(
    module.body.flatMap((node) => [
      ...declaredNames(node),
      ...fields(node, "specifiers").map((one) => nameOf(field(one, "local")) ?? ""),
    ]),
  );
  return module.body.flatMap((node) => {
    const declaration = field(node, "declaration");
    const [name] = declaredNames(node);
    if (node.type !== "ExportNamedDeclaration" || declaration?.type !== "FunctionDeclaration" || name === undefined)
      return [];
    const overloaded = module.body.filter((other) => declaredNames(other).includes(name)).length > 1;
    const inside = module.places.filter((place) => node.start <= place.node.start && place.node.end <= node.end);
    const names = inside.flatMap((place) => nameOf(place.node) ?? []);
    const free =
      names.every((used) => used === name || !own.has(used)) && names.filter((used) => used === name).length === 1;
    const known =
      ownExports(module).has(name) && !/import\.meta|\bthis\b/.test(module.text.slice(node.start, node.end));
    return free && known && !overloaded ? [{ module, node, name }] : [];
  });
}

function isLoadedWhole(program: ParsedProgram, module: ParsedModule): boolean {
  const loaded = program.remember(isLoadedWhole, () =>
    program.places.flatMap(({ node, module: { path } }) =>
      node.type === "ImportExpression" ? [moduleOf(program, path, field(node, "source")?.["value"])] : [],
    ),
  );
  return loaded.includes(module);
}

/** The function that is written out in a `step(…)` or `pipeline(…)` call. */
function givenFunction(node: SyntaxNode): SyntaxNode | undefined {
  const last = fields(node, "arguments").at(-1);
  return last !== undefined && /Function/.test(last.type) && field(last, "body")?.type === "BlockStatement"
    ? last
    : undefined;
}

function isStep({ node }: Place): boolean {
  return stepNameOf(node) !== undefined;
}

function withOptions({ node, module }: Place, random: Random): readonly Splice[] | undefined {
  const [name, second] = fields(node, "arguments");
  const option = random.pick(['timeout: "9h"', "retry: 7", 'salt: "s"', 'trust: ["network"]', "parallel: 3"]);
  if (name === undefined || second === undefined) return undefined;
  if (second.type !== "ObjectExpression") return insertAt(name.end, `, { ${option} }`);
  return module.text[second.start] === "{" ? insertAt(second.start + 1, ` ${option},`) : undefined;
}

/** Put behind a step's name; the rig finds such a step by its old name. */
const RENAMED = "-renamed";

const unseenFunction = (name: string): string => `function ${name}(x = 1) { return [x, ${name}.length]; }`;

/** Edits beside what a step does: names, order, neighbours, options. */
export const neutralKinds: readonly MutationKind[] = [
  renameKind("local renamed", "local"),
  renameKind("private constant renamed", "constant"),
  renameKind("import renamed", "import"),
  nodeKind({
    name: "independent declarations swapped",
    equivalent: true,
    where: (place) => swappable(place) !== undefined,
    edit: (place) => {
      const next = swappable(place);
      if (next === undefined) return undefined;
      const text = ({ start, end }: SyntaxNode): string => place.module.text.slice(start, end);
      return [...replaceNode(place.node, text(next)), ...replaceNode(next, text(place.node))];
    },
  }),
  nodeKind({
    name: "unused function added",
    equivalent: true,
    where: ({ parent, node }) => parent === undefined && node.type !== "ExpressionStatement",
    edit: ({ node, module }, random, program) => {
      // Whoever imports a module while running can see the names of all that it exports.
      const exported = isLoadedWhole(program, module) ? "" : random.pick(["", "export "]);
      return insertAt(node.end, `\n${exported}${unseenFunction("addedAside")}\n`);
    },
  }),
  unusedEdited,
  functionMoved,
  nodeKind({
    name: "another step edited",
    equivalent: true,
    where: (place) => isStep(place) && givenFunction(place.node) !== undefined,
    edit: ({ node }, random) =>
      insertAt((field(givenFunction(node), "body")?.start ?? node.end) + 1, random.pick([" return 3;", " void 0;"])),
    exceptFor: ({ node }) => [stepNameOf(node) ?? ""],
  }),
  nodeKind({
    name: "step added",
    equivalent: true,
    where: ({ node, parent }) =>
      node.type === "ExportNamedDeclaration" && parent === undefined && isStep({ node: stepCallIn(node) } as Place),
    edit: ({ node }) => insertAt(node.end, '\nexport const addedStep = step("added", () => 5);\n'),
  }),
  nodeKind({
    name: "step renamed",
    equivalent: true,
    where: isStep,
    edit: ({ node }) => insertAt((fields(node, "arguments")[0]?.end ?? node.end) - 1, RENAMED),
  }),
  nodeKind({ name: "options of a step edited", equivalent: true, where: isStep, edit: withOptions }),
  nodeKind({
    name: "pipeline edited",
    equivalent: true,
    where: ({ node }) =>
      node.type === "CallExpression" &&
      nameOf(field(node, "callee")) === "pipeline" &&
      givenFunction(node) !== undefined,
    edit: ({ node }) =>
      insertAt(
        (field(givenFunction(node), "body")?.start ?? node.end) + 1,
        " const added = [1].map((x) => x); void added;",
      ),
  }),
];

function stepCallIn(statement: SyntaxNode): SyntaxNode {
  const [one] = fields(field(statement, "declaration") ?? statement, "declarations");
  return field(one, "init") ?? statement;
}
