import type { SyntaxNode } from "../../../src/code-identity/syntax.ts";
import type { ParsedModule, Place, Splice } from "../parsed-program.ts";
import { field, nameOf } from "./node-kind.ts";

const FUNCTIONS = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;
const NAMED_VALUES = /^(?:FunctionExpression|ArrowFunctionExpression|ClassExpression)$/;

/** TypeScript's own parameter, and the name by which the suite finds steps in sources. */
const KEPT = new Set(["this", "step"]);

/** Where an identifier is a mere name: of a property, a label, something imported or exported. */
function isMereName({ node, parent, key }: Place): boolean {
  const outer = parent?.node;
  if (outer === undefined) return false;
  if (outer.type === "MemberExpression") return key === "property" && outer["computed"] !== true;
  if (key === "key") return outer["computed"] !== true && outer["shorthand"] !== true;
  if (key === "label" || key === "meta" || outer.type === "MetaProperty") return true;
  return (/^(?:Import|Export)/.test(outer.type) && outer["local"] !== node) || outer.type === "TSEnumMember";
}

/** A pattern's own end of the way down from what declares it; undefined when the identifier is no binding. */
function binderOf(place: Place): Place | undefined {
  let below = place;
  for (let at = place.parent; at !== undefined; below = at, at = at.parent) {
    const { type } = at.node;
    if (type === "VariableDeclarator") return below.key === "id" ? at : undefined;
    if (FUNCTIONS.test(type)) return below.key === "params" || below.key === "id" ? at : undefined;
    if (/^(?:CatchClause)$/.test(type)) return below.key === "param" ? at : undefined;
    if (/^Class(?:Declaration|Expression)$/.test(type)) return below.key === "id" ? at : undefined;
    if (/^Import.*Specifier$/.test(type)) return at;
    if (type === "AssignmentPattern" && below.key === "right") return undefined;
    if (type === "Property" && below.key === "key" && at.node["shorthand"] !== true) return undefined;
    if (!/^(?:ObjectPattern|ArrayPattern|Property|AssignmentPattern|RestElement|TSParameterProperty)$/.test(type))
      return undefined;
  }
  return undefined;
}

/** Whether the engine would show the name: of a function or class that is written out as its value. */
function givesName(place: Place): boolean {
  const { parent, key } = place;
  if (parent === undefined) return false;
  const value = { VariableDeclarator: "init", AssignmentPattern: "right", AssignmentExpression: "right" }[
    parent.node.type
  ];
  if (value !== undefined && key !== value && NAMED_VALUES.test(field(parent.node, value)?.type ?? "")) return true;
  return key === "id" && /^(?:Function|Class)/.test(parent.node.type);
}

function namesIn(module: ParsedModule): ReadonlyMap<string, readonly Place[]> {
  const found = new Map<string, Place[]>();
  for (const place of module.places) {
    const name = /^(?:JSX)?Identifier$/.test(place.node.type) && !isMereName(place) ? nameOf(place.node) : undefined;
    if (name !== undefined && !KEPT.has(name)) found.set(name, [...(found.get(name) ?? []), place]);
  }
  return found;
}

/** All places of a name whose every mention in the module means one binding; undefined when that is not sure. */
export interface Renamable {
  readonly name: string;
  readonly places: readonly Place[];
  readonly kind: "local" | "constant" | "import";
  readonly node: SyntaxNode;
}

const known = new WeakMap<ParsedModule, readonly Renamable[]>();

export function renamableNames(module: ParsedModule): readonly Renamable[] {
  const found = known.get(module) ?? (/\beval\b|\bwith \(/.test(module.text) ? [] : findRenamable(module));
  known.set(module, found);
  return found;
}

function findRenamable(module: ParsedModule): readonly Renamable[] {
  return [...namesIn(module)].flatMap(([name, places]): readonly Renamable[] => {
    const bindings = places.flatMap((place) => {
      const binder = binderOf(place);
      return binder === undefined ? [] : [{ place, binder }];
    });
    const starts = new Set(bindings.map(({ place }) => place.node.start));
    const [only] = bindings;
    if (starts.size !== 1 || only === undefined || places.some(givesName)) return [];
    if (places.some(({ node, parent }) => node.type === "JSXIdentifier" || parent?.node.type === "TSParameterProperty"))
      return [];
    if (places.some(({ parent }) => parent?.node.type === "ExportSpecifier")) return [];
    const scope = scopeOf(only.place);
    // What JSX is compiled to calls is named nowhere in it.
    if (only.binder.node.type.startsWith("Import") && module.path.endsWith("x")) return [];
    if (only.binder.node.type.startsWith("Import")) return [{ name, places, kind: "import", node: only.place.node }];
    if (scope === undefined)
      return isPrivateConstant(only.binder) ? [{ name, places, kind: "constant", node: only.place.node }] : [];
    const inside = places.every(({ node }) => scope.node.start <= node.start && node.end <= scope.node.end);
    return inside ? [{ name, places, kind: "local", node: only.place.node }] : [];
  });
}

/** The function around a binding. */
function scopeOf(place: Place): Place | undefined {
  for (let at = place.parent; at !== undefined; at = at.parent) if (FUNCTIONS.test(at.node.type)) return at;
  return undefined;
}

function isPrivateConstant({ node, parent }: Place): boolean {
  return node.type === "VariableDeclarator" && parent?.parent === undefined && parent?.node["kind"] === "const";
}

/** Gives every mention another name. */
export function renamed({ name, places }: Renamable, to: string): readonly Splice[] {
  const splices = new Map<number, Splice>();
  for (const { node, parent, key } of places) {
    const outer = parent?.node;
    // `id: Type` is one node, and only the name of it is meant.
    const end = node.start + name.length;
    const shorthand =
      shorthandOf(parent, key) || (outer?.type === "ImportSpecifier" && field(outer, "imported")?.start === node.start);
    const text = !shorthand ? to : outer?.type === "ImportSpecifier" ? `${name} as ${to}` : `${name}: ${to}`;
    splices.set(node.start, { start: node.start, end, text });
  }
  return [...splices.values()];
}

/** `{ name }` or `{ name = 1 }`. */
function shorthandOf(parent: Place | undefined, key: string): boolean {
  if (parent?.node.type === "AssignmentPattern" && key === "left") return parent.parent?.node["shorthand"] === true;
  return parent?.node.type === "Property" && parent.node["shorthand"] === true;
}
