import type { FunctionEntry, FunctionTable, LiteralCall } from "./function-entry.ts";
import { calleeName, childrenOf, isNode, literalText, TYPE_KEYS } from "./syntax.ts";
import type { LinePosition, SyntaxNode } from "./syntax.ts";

interface Draft {
  readonly path: string;
  readonly start: LinePosition;
  readonly body: LinePosition;
  readonly length: number;
  shape: string;
  readonly captures: Set<string>;
  readonly bound: Set<string>;
}

interface Scope {
  readonly parent: Scope | undefined;
  readonly kind: "module" | "block" | "function" | "arrow" | "class";
  readonly names: Set<string>;
  /** Evaluated more than once, or possibly so: inside a function or a loop. */
  readonly repeatable: boolean;
  /** For functions, arrows and classes. */
  readonly entry: Draft | undefined;
}

/** Where a node stands: what its names mean, and what it is called after. */
interface Place {
  readonly scope: Scope;
  readonly path: readonly string[];
  /** Where a method or accessor begins, before its parameters. */
  readonly start?: number;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const CLASSES = new Set(["ClassDeclaration", "ClassExpression"]);
const LOOPS = new Set(["ForStatement", "ForInStatement", "ForOfStatement", "WhileStatement", "DoWhileStatement"]);
const BLOCKS = new Set(["BlockStatement", "StaticBlock", "SwitchStatement", "CatchClause", "TSModuleBlock"]);
const ERASED = new Set(["TSTypeAliasDeclaration", "TSInterfaceDeclaration", "TSDeclareFunction"]);
/** What leans to the left, by the part that it leans on: the first in order. */
const CHAINS = new Map([
  ["BinaryExpression", "left"],
  ["LogicalExpression", "left"],
  ["CallExpression", "callee"],
  ["MemberExpression", "object"],
]);
/** `else if`, `a ? b : c ? d : e`. */
const TAILS = new Set(["IfStatement", "ConditionalExpression"]);
const METHODS = new Set(["MethodDefinition", "TSAbstractMethodDefinition"]);

/** Walks a module once: declares names, then asks of each reference which functions it makes capture its variable. */
export class ScopeWalk {
  readonly #positionAt: (offset: number) => LinePosition;
  readonly #functions: Draft[] = [];
  readonly #calls: LiteralCall[] = [];
  readonly #nodes = new Map<string, SyntaxNode>();
  readonly #references: (readonly [name: string, from: Scope])[] = [];
  /** Functions that the module's own names stand for: declared, or written out as the value of a `const`. */
  readonly #named = new Map<string, number>();
  /** Names that are given a value anywhere after their declaration, or declared twice. */
  readonly #assigned = new Set<string>();
  /** Function literals that a `const` of the module is about to be called by. */
  readonly #nameNext = new Map<SyntaxNode, string>();
  readonly #callsByName: { readonly at: LinePosition; readonly name: string; readonly scope: Scope }[] = [];

  constructor(positionAt: (offset: number) => LinePosition) {
    this.#positionAt = positionAt;
  }

  run(program: unknown): void {
    if (!isNode(program)) return;
    const scope = newScope(undefined, "module", false, undefined);
    for (const [, child] of childrenOf(program)) this.#visit(child, { scope, path: [] }, program, "body");
    for (const [name, from] of this.#references) resolveReference(name, from);
  }

  /** The function or class of a path (`FunctionEntry.path`). */
  nodeAt(path: string): SyntaxNode | undefined {
    return this.#nodes.get(path);
  }

  table(): FunctionTable {
    const functions = this.#functions.map(
      ({ captures, bound, ...rest }): FunctionEntry => ({
        ...rest,
        captures: [...captures].sort(),
        bound: [...bound].sort(),
      }),
    );
    const byName = this.#callsByName.flatMap(({ at, name, scope }): readonly LiteralCall[] => {
      const fn = this.#named.get(name);
      const sure = fn !== undefined && !this.#assigned.has(name) && declaringScope(name, scope)?.kind === "module";
      return sure ? [{ at, fn }] : [];
    });
    return { functions, literalCalls: [...this.#calls, ...byName] };
  }

  #visit(first: SyntaxNode, at: Place, above: SyntaxNode, name: string): void {
    // Chains of operators and calls may be thousands long, and lean to the left.
    const chain: { readonly node: SyntaxNode; readonly inside: Place; readonly head: string }[] = [];
    let [node, place, parent, key] = [first, at, above, name];
    for (;;) {
      const inside = this.#node(node, place, parent, key);
      if (inside === undefined) break;
      const tail = TAILS.has(node.type) ? node["alternate"] : undefined;
      if (isNode(tail)) {
        this.#children(node, inside, "alternate");
        [node, place, parent, key] = [tail, inside, node, "alternate"];
        continue;
      }
      const head = CHAINS.get(node.type);
      const next = head === undefined ? undefined : node[head];
      if (head === undefined || !isNode(next)) {
        this.#children(node, inside);
        break;
      }
      chain.push({ node, inside, head });
      [node, place, parent, key] = [next, inside, node, head];
    }
    for (let link = chain.pop(); link !== undefined; link = chain.pop()) {
      this.#children(link.node, link.inside, link.head);
    }
  }

  /** Returns the place of its children, where these are to be visited. */
  #node(node: SyntaxNode, place: Place, parent: SyntaxNode, key: string): Place | undefined {
    if (ERASED.has(node.type) || node["declare"] === true) return undefined;
    if (FUNCTIONS.has(node.type)) this.#function(node, place);
    else if (CLASSES.has(node.type)) this.#class(node, place);
    else {
      this.#declare(node, place.scope);
      this.#noteValues(node, place.scope);
      this.#refer(node, place.scope, parent, key);
      if (node.type === "CallExpression") this.#literalCall(node, place);
      return this.#placeInside(node, place);
    }
    return undefined;
  }

  #children(node: SyntaxNode, place: Place, done?: string): void {
    for (const [key, child] of childrenOf(node)) {
      if (key !== done && !TYPE_KEYS.has(key)) this.#visit(child, place, node, key);
    }
  }

  #placeInside(node: SyntaxNode, place: Place): Place {
    const { scope } = place;
    if (LOOPS.has(node.type)) return { path: place.path, scope: newScope(scope, "block", true, undefined) };
    if (BLOCKS.has(node.type)) {
      const kind = node.type === "StaticBlock" ? "class" : "block";
      const inside = newScope(scope, kind, scope.repeatable, undefined);
      if (node.type === "CatchClause") declarePattern(node["param"], inside);
      return { path: place.path, scope: inside };
    }
    const segment = segmentOf(node);
    const path = segment === undefined ? place.path : [...place.path, segment];
    if (METHODS.has(node.type) || (node.type === "Property" && isMethod(node)))
      return { scope, path, start: node.start };
    // The value of a field is computed for each instance, with the instance as `this`.
    if (node.type === "PropertyDefinition" || node.type === "AccessorProperty") {
      return { path, scope: newScope(scope, "class", true, undefined) };
    }
    return segment === undefined && place.start === undefined ? place : { scope, path };
  }

  #function(node: SyntaxNode, place: Place): void {
    const arrow = node.type === "ArrowFunctionExpression";
    const id = node["id"];
    const body = node["body"];
    if (!isNode(body)) return;
    const name = calleeName(id);
    if (node.type === "FunctionDeclaration" && name !== undefined) {
      if (place.scope.names.has(name)) this.#assigned.add(name);
      place.scope.names.add(name);
      if (place.scope.kind === "module") this.#named.set(name, this.#functions.length);
    }
    const given = this.#nameNext.get(node);
    if (given !== undefined) this.#named.set(given, this.#functions.length);
    const entry = this.#enter(node, place, body.start, name, arrow ? "arrow" : "function");
    const scope = newScope(place.scope, arrow ? "arrow" : "function", true, entry);
    if (node.type === "FunctionExpression" && name !== undefined) scope.names.add(name);
    const inside: Place = { scope, path: entry.path.split("/") };
    const before = this.#functions.length;
    for (const parameter of node["params"] as unknown[]) this.#parameter(parameter, inside, node);
    if (body.type === "BlockStatement") this.#children(body, inside);
    else this.#visit(body, inside, node, "body");
    const kind = `${arrow ? "arrow" : "function"}${node["async"] === true ? " async" : ""}${node["generator"] === true ? "*" : ""}`;
    entry.shape = `${kind} ${parameterCount(node)} ${this.#functions.length - before}${bodyMark(body)}`;
  }

  #parameter(parameter: unknown, inside: Place, fn: SyntaxNode): void {
    if (!isNode(parameter)) return;
    const pattern = parameter.type === "TSParameterProperty" ? parameter["parameter"] : parameter;
    declarePattern(pattern, inside.scope);
    if (isNode(pattern)) this.#visit(pattern, inside, fn, "params");
  }

  #class(node: SyntaxNode, place: Place): void {
    const body = node["body"];
    if (!isNode(body)) return;
    const name = calleeName(node["id"]);
    if (node.type === "ClassDeclaration" && name !== undefined) place.scope.names.add(name);
    const entry = this.#enter(node, place, body.start, name, "class");
    const scope = newScope(place.scope, "class", place.scope.repeatable, entry);
    if (name !== undefined) scope.names.add(name);
    const before = this.#functions.length;
    this.#children(node, { scope, path: entry.path.split("/") });
    entry.shape = `class ${this.#functions.length - before}`;
  }

  #enter(node: SyntaxNode, place: Place, body: number, name: string | undefined, kind: string): Draft {
    const last = place.path.at(-1);
    const own = name === undefined || name === last ? [] : [name];
    const base = [...place.path, ...own].join("/") || kind;
    const entry: Draft = {
      path: this.#uniquePath(base),
      start: this.#positionAt(place.start ?? node.start),
      body: this.#positionAt(body),
      length: place.start === undefined ? node.end - node.start : 0,
      shape: "",
      captures: new Set(),
      bound: new Set(),
    };
    this.#functions.push(entry);
    this.#nodes.set(entry.path, node);
    return entry;
  }

  #uniquePath(base: string): string {
    let path = base;
    for (let count = 2; this.#nodes.has(path); count++) path = `${base}#${count}`;
    return path;
  }

  #declare(node: SyntaxNode, scope: Scope): void {
    if (node.type === "VariableDeclaration") {
      const target = node["kind"] === "var" ? functionScope(scope) : scope;
      for (const declarator of node["declarations"] as SyntaxNode[]) declarePattern(declarator["id"], target);
    }
    if (node.type === "TSEnumDeclaration" || node.type === "TSModuleDeclaration") declarePattern(node["id"], scope);
  }

  #noteValues(node: SyntaxNode, scope: Scope): void {
    if (node.type === "VariableDeclaration" && node["kind"] === "const" && scope.kind === "module") {
      for (const { id, init } of node["declarations"] as { id: SyntaxNode; init: SyntaxNode | null }[]) {
        if (id.type === "Identifier" && init !== null && FUNCTIONS.has(init.type))
          this.#nameNext.set(init, id["name"] as string);
      }
    }
    const target =
      node.type === "AssignmentExpression"
        ? node["left"]
        : node.type === "UpdateExpression"
          ? node["argument"]
          : undefined;
    const looped = node.type === "ForInStatement" || node.type === "ForOfStatement" ? node["left"] : undefined;
    for (const name of assignedNames(target ?? looped)) this.#assigned.add(name);
  }

  #refer(node: SyntaxNode, scope: Scope, parent: SyntaxNode, key: string): void {
    if (node.type === "Identifier" || node.type === "JSXIdentifier") {
      if (!isPlainName(parent, key)) this.#references.push([node["name"] as string, scope]);
    } else if (node.type === "ThisExpression") refuseOuter("this", scope);
    else if (node.type === "Super") refuseOuter("super", scope);
    else if (node.type === "MetaProperty" && calleeName(node["meta"]) === "new") refuseOuter("new.target", scope);
    if (node.type === "Identifier" && node["name"] === "arguments") refuseOuter("arguments", scope);
  }

  #literalCall(node: SyntaxNode, { scope }: Place): void {
    const all = node["arguments"] as SyntaxNode[];
    const given = all.filter((argument) => FUNCTIONS.has(argument.type));
    const callee = node["callee"];
    if (scope.repeatable || given.length > 1 || !isNode(callee)) return;
    const at = callee.type === "MemberExpression" ? (callee["property"] as SyntaxNode) : callee;
    const last = all.at(-1);
    if (given.length === 0) {
      if (last?.type !== "Identifier") return;
      this.#callsByName.push({ at: this.#positionAt(at.start), name: last["name"] as string, scope });
      return;
    }
    const before = this.#functions.length + functionsBefore(node, given[0] as SyntaxNode);
    this.#calls.push({ at: this.#positionAt(at.start), fn: before });
  }
}

/**
 * What tells functions apart whose bodies name nothing: maps may have no place inside of them. Any other body has one.
 */
function bodyMark(body: SyntaxNode): string {
  return namesAnything(body) ? "" : ` ${JSON.stringify(literalsIn(body))}`;
}

function namesAnything(body: SyntaxNode): boolean {
  for (const node of nodesOf(body, isPresent)) if (node.type === "Identifier") return true;
  return false;
}

function literalsIn(body: SyntaxNode): readonly string[] {
  return [...nodesOf(body, isPresent)].flatMap((node) => {
    if (node.type === "Literal") return [`${typeof node["value"]} ${String(node["value"])}`];
    if (node.type === "TemplateElement") return [JSON.stringify(node["value"])];
    return node.type.startsWith("TS") ? [] : [node.type];
  });
}

/** A node and all nodes below it that are not types, in the order of the source, as far as they are wanted. */
function* nodesOf(root: SyntaxNode, isWanted: (node: SyntaxNode) => boolean): Generator<SyntaxNode> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!isWanted(node)) continue;
    yield node;
    const before = waiting.length;
    for (const [key, child] of childrenOf(node)) if (!TYPE_KEYS.has(key)) waiting.splice(before, 0, child);
  }
}

function isPresent(): boolean {
  return true;
}

/** Without TypeScript's `this`, which is erased. */
function parameterCount(node: SyntaxNode): number {
  return (node["params"] as SyntaxNode[]).filter((parameter) => parameter["name"] !== "this").length;
}

/** How many functions and classes a walk meets in a call before it comes to the argument. */
function functionsBefore(call: SyntaxNode, argument: SyntaxNode): number {
  let count = 0;
  for (const [key, child] of childrenOf(call)) {
    if (child === argument) return count;
    if (!TYPE_KEYS.has(key)) count += countFunctions(child);
  }
  return count;
}

function countFunctions(root: SyntaxNode): number {
  let count = 0;
  for (const node of nodesOf(root, (found) => !ERASED.has(found.type) && found["declare"] !== true)) {
    if ((FUNCTIONS.has(node.type) || CLASSES.has(node.type)) && isNode(node["body"])) count++;
  }
  return count;
}

function newScope(
  parent: Scope | undefined,
  kind: Scope["kind"],
  repeatable: boolean,
  entry: Draft | undefined,
): Scope {
  return { parent, kind, names: new Set(), repeatable, entry };
}

function functionScope(scope: Scope): Scope {
  let found = scope;
  while (found.kind === "block" && found.parent !== undefined) found = found.parent;
  return found;
}

/** Adds the name to every function between the reference and the variable, where the variable is made more than once. */
function resolveReference(name: string, from: Scope): void {
  const passed: Draft[] = [];
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent) {
    if (scope.names.has(name)) {
      if (scope.repeatable) for (const entry of passed) entry.captures.add(name);
      return;
    }
    if (scope.entry !== undefined) passed.push(scope.entry);
  }
}

/** `this` and its like in an arrow belong to the function around it, which the arrow alone does not show. */
function refuseOuter(what: string, from: Scope): void {
  const passed: Draft[] = [];
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent) {
    if (scope.kind === "function" || scope.kind === "class") {
      // A method's `super` hangs on the object that it was made for.
      if (what === "super" && scope.entry !== undefined && scope.parent?.repeatable === true) passed.push(scope.entry);
      for (const entry of passed) entry.bound.add(what);
      return;
    }
    if (scope.entry !== undefined) passed.push(scope.entry);
  }
}

function declaringScope(name: string, from: Scope): Scope | undefined {
  let scope: Scope | undefined = from;
  while (scope !== undefined && !scope.names.has(name)) scope = scope.parent;
  return scope;
}

/** Every name in what is assigned to; names of properties in there only make the answer more careful. */
function assignedNames(target: unknown): readonly string[] {
  if (!isNode(target)) return [];
  if (target.type === "Identifier") return [target["name"] as string];
  return [...childrenOf(target)].flatMap(([, child]) => assignedNames(child));
}

function declarePattern(pattern: unknown, scope: Scope): void {
  if (!isNode(pattern)) return;
  switch (pattern.type) {
    case "Identifier":
      scope.names.add(pattern["name"] as string);
      return;
    case "AssignmentPattern":
      return declarePattern(pattern["left"], scope);
    case "RestElement":
      return declarePattern(pattern["argument"], scope);
    case "ArrayPattern":
      for (const element of pattern["elements"] as unknown[]) declarePattern(element, scope);
      return;
    case "ObjectPattern":
      for (const property of pattern["properties"] as SyntaxNode[])
        declarePattern(property["value"] ?? property, scope);
      return;
    default:
  }
}

/** Whether an identifier in this place is a mere name: of a property, a label, an exported or imported binding. */
function isPlainName(parent: SyntaxNode, key: string): boolean {
  if (parent.type === "MemberExpression") return key === "property" && parent["computed"] === false;
  if (key === "key") return parent["computed"] !== true;
  if (key === "label" || key === "meta") return true;
  if (parent.type === "JSXAttribute") return key === "name";
  return parent.type === "MetaProperty" || parent.type === "ImportSpecifier";
}

function isMethod(node: SyntaxNode): boolean {
  return node["method"] === true || node["kind"] === "get" || node["kind"] === "set";
}

/** What a function inside this node is called after. */
function segmentOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case "VariableDeclarator":
      return calleeName(node["id"]);
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      return node["computed"] === true ? undefined : (calleeName(node["key"]) ?? literalText(node["key"]));
    case "AssignmentExpression":
      return calleeName(node["left"]);
    case "CallExpression":
      return callSegment(node);
    case "ReturnStatement":
      return "return";
    case "ExportDefaultDeclaration":
      return "default";
    default:
      return undefined;
  }
}

/** `step(train)`: the call and its first text, which people take for the name. */
function callSegment(node: SyntaxNode): string | undefined {
  const name = calleeName(node["callee"]);
  const text = literalText((node["arguments"] as unknown[])[0]);
  return name !== undefined && text !== undefined ? `${name}(${text.slice(0, 60)})` : name;
}
