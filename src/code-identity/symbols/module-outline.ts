import { isNode, literalText } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import { hoistedNames, leftmost, patternNames } from "./local-names.ts";
import type { ImportedName, Unit } from "./module-units.ts";
import { isErased, isFunction, unwrap } from "./syntax-layout.ts";

/** A unit before its tokens are read. */
export interface UnitDraft {
  readonly index: number;
  readonly name: string;
  readonly names: readonly string[];
  readonly kind: Unit["kind"];
  /** What its tokens are read from. */
  readonly node: SyntaxNode;
  /** What is shown of it. */
  readonly whole: SyntaxNode;
  /** `const`, `using`, … of a variable. */
  readonly variable?: string;
  /** An earlier unit that declares the same name: a merged enum or namespace, a function declared twice. */
  readonly earlier?: number;
  /** Of an effect import. */
  readonly specifier?: string;
}

/** What a module declares at its top level, imports and exports. */
export interface ModuleOutline {
  readonly drafts: readonly UnitDraft[];
  readonly bindings: ReadonlyMap<string, number | ImportedName>;
  readonly exports: ReadonlyMap<string, string | ImportedName>;
  readonly stars: readonly string[];
  readonly requests: readonly ModuleRequest[];
  /** It has import or export statements. */
  readonly esm: boolean;
  /** A script that is not strict: functions in blocks are hoisted. */
  readonly loose: boolean;
  readonly strictDirective: boolean;
  readonly exportAssignment: boolean;
}

export interface ModuleRequest {
  readonly specifier: string;
  readonly request: "import" | "require";
  readonly start: number;
}

export function outlineOf(program: SyntaxNode): ModuleOutline {
  const reader = new OutlineReader(program);
  return reader.read();
}

class OutlineReader {
  readonly #program: SyntaxNode;
  readonly #statements: readonly SyntaxNode[];
  readonly #drafts: UnitDraft[] = [];
  readonly #bindings = new Map<string, number | ImportedName>();
  readonly #exports = new Map<string, string | ImportedName>();
  readonly #stars: string[] = [];
  readonly #requests: ModuleRequest[] = [];
  #loose = false;
  #exportAssignment = false;

  constructor(program: SyntaxNode) {
    this.#program = program;
    this.#statements = program["body"] as SyntaxNode[];
  }

  read(): ModuleOutline {
    const esm = this.#program["sourceType"] === "module";
    const strictDirective = this.#statements.some((statement) => statement["directive"] === "use strict");
    this.#loose = !esm && !strictDirective;
    for (const statement of this.#statements) this.#statement(statement);
    for (const [name, local] of this.#exports) {
      // What is not there is a type.
      if (typeof local === "string" && !this.#bindings.has(local)) this.#exports.delete(name);
    }
    return {
      drafts: this.#drafts,
      bindings: this.#bindings,
      exports: this.#exports,
      stars: this.#stars,
      requests: this.#requests,
      esm,
      loose: this.#loose,
      strictDirective: !esm && strictDirective,
      exportAssignment: this.#exportAssignment,
    };
  }

  #statement(node: SyntaxNode): void {
    if (isErased(node)) return;
    switch (node.type) {
      case "ImportDeclaration":
        return this.#import(node);
      case "ExportNamedDeclaration":
        return this.#exportNamed(node);
      case "ExportAllDeclaration":
        return this.#exportAll(node);
      case "ExportDefaultDeclaration":
        return this.#exportDefault(node);
      case "TSExportAssignment":
        this.#exportAssignment = true;
        this.#exports.set("default", "export=");
        this.#add("variable", ["export="], node["expression"] as SyntaxNode, node, { variable: "export=" });
        return;
      case "EmptyStatement":
        return;
      default:
        if (typeof node["directive"] !== "string") this.#declare(node, node);
    }
  }

  /** Returns the names that were declared. */
  #declare(node: SyntaxNode, whole: SyntaxNode): readonly string[] {
    switch (node.type) {
      case "VariableDeclaration":
        return this.#variables(node, whole);
      case "FunctionDeclaration":
        return this.#add("function", patternNames(node["id"]), node, whole);
      case "ClassDeclaration":
        return this.#add("class", patternNames(node["id"]), node, whole);
      case "TSEnumDeclaration":
        return this.#add("enum", patternNames(node["id"]), node, whole);
      case "TSModuleDeclaration":
        return this.#add("namespace", patternNames(leftmost(node["id"])), node, whole);
      case "TSImportEqualsDeclaration":
        return this.#importEquals(node, whole);
      default:
        return this.#add("statement", hoistedNames([node], this.#loose), node, whole);
    }
  }

  #variables(node: SyntaxNode, whole: SyntaxNode): readonly string[] {
    const declarators = node["declarations"] as SyntaxNode[];
    const variable = node["kind"] as string;
    return declarators.flatMap((declarator) => {
      const shown = declarators.length === 1 ? whole : declarator;
      return this.#add("variable", patternNames(declarator["id"]), declarator, shown, { variable });
    });
  }

  #importEquals(node: SyntaxNode, whole: SyntaxNode): readonly string[] {
    const names = patternNames(node["id"]);
    const target = node["moduleReference"] as SyntaxNode;
    const specifier = target.type === "TSExternalModuleReference" ? literalText(target["expression"]) : undefined;
    if (specifier === undefined) return this.#add("variable", names, target, whole, { variable: "import=" });
    this.#request(specifier, "require", node);
    for (const name of names) this.#bindings.set(name, { specifier, request: "require", imported: "*" });
    return names;
  }

  #add(
    kind: UnitDraft["kind"],
    names: readonly string[],
    node: SyntaxNode,
    whole: SyntaxNode,
    more: { readonly variable?: string; readonly specifier?: string } = {},
  ): readonly string[] {
    const index = this.#drafts.length;
    const known = names.map((name) => this.#bindings.get(name)).find((found) => typeof found === "number");
    // A second `var` only assigns; what merges or replaces stands for the name from then on.
    const again = known !== undefined && (kind === "variable" || kind === "statement");
    for (const name of names) if (!again || !this.#bindings.has(name)) this.#bindings.set(name, index);
    this.#drafts.push({
      index,
      name: names.join(", ") || kind,
      names,
      kind,
      node,
      whole,
      ...more,
      ...(known !== undefined && !again ? { earlier: known } : {}),
    });
    return names;
  }

  #request(specifier: string, request: ModuleRequest["request"], { start }: SyntaxNode): void {
    this.#requests.push({ specifier, request, start });
  }

  #import(node: SyntaxNode): void {
    if (node["importKind"] === "type") return;
    const specifier = (node["source"] as SyntaxNode)["value"] as string;
    this.#request(specifier, "import", node);
    const specifiers = (node["specifiers"] as SyntaxNode[]).filter((found) => found["importKind"] !== "type");
    if (specifiers.length === 0) this.#effectImport(specifier, node);
    for (const found of specifiers) {
      const local = (found["local"] as SyntaxNode)["name"] as string;
      this.#bindings.set(local, imported(specifier, importedName(found), node));
    }
  }

  #effectImport(specifier: string, node: SyntaxNode): void {
    this.#add("effect-import", [], node, node, { specifier });
  }

  #exportNamed(node: SyntaxNode): void {
    const declaration = node["declaration"];
    if (isNode(declaration)) {
      for (const name of this.#declare(declaration, node)) this.#exports.set(name, name);
      return;
    }
    const specifiers = (node["specifiers"] as SyntaxNode[]).filter((found) => found["exportKind"] !== "type");
    const source = node["source"];
    const specifier = isNode(source) ? (source["value"] as string) : undefined;
    if (specifier !== undefined) this.#request(specifier, "import", node);
    if (specifier !== undefined && specifiers.length === 0) this.#effectImport(specifier, node);
    for (const found of specifiers) {
      const local = nameOf(found["local"]);
      const target = specifier === undefined ? local : imported(specifier, local, node);
      this.#exports.set(nameOf(found["exported"]), target);
    }
  }

  #exportAll(node: SyntaxNode): void {
    if (node["exportKind"] === "type") return;
    const specifier = (node["source"] as SyntaxNode)["value"] as string;
    this.#request(specifier, "import", node);
    if (!isNode(node["exported"])) this.#stars.push(specifier);
    else this.#exports.set(nameOf(node["exported"]), imported(specifier, "*", node));
  }

  #exportDefault(node: SyntaxNode): void {
    const declaration = node["declaration"] as SyntaxNode;
    if (isErased(declaration)) return;
    const named = declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration";
    if (named && isNode(declaration["id"])) {
      for (const name of this.#declare(declaration, node)) this.#exports.set("default", name);
      return;
    }
    this.#exports.set("default", "default");
    const inner = unwrap(declaration);
    const kind = inner.type.startsWith("Class") ? "class" : isFunction(inner) ? "function" : "variable";
    this.#add(kind, ["default"], declaration, node, { variable: "default" });
  }
}

function imported(specifier: string, name: string, node: SyntaxNode): ImportedName {
  const attributes = attributesOf(node);
  const found: ImportedName = { specifier, request: "import", imported: name };
  return attributes === "" ? found : { ...found, attributes };
}

/** Phase and attributes as one text, in a fixed order. */
export function attributesOf(node: SyntaxNode): string {
  const attributes = (node["attributes"] ?? []) as { key: SyntaxNode; value: SyntaxNode }[];
  const pairs = attributes.map(({ key, value }) => `${nameOf(key)}=${String(value["value"])}`).sort();
  return [...(typeof node["phase"] === "string" ? [node["phase"]] : []), ...pairs].join(" ");
}

function importedName(specifier: SyntaxNode): string {
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  return specifier.type === "ImportNamespaceSpecifier" ? "*" : nameOf(specifier["imported"]);
}

/** `a`, or the text of `"a b"`. */
function nameOf(node: unknown): string {
  const { name, value } = node as { readonly name?: string; readonly value?: unknown };
  return name ?? String(value);
}
