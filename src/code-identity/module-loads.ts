import type { ModuleFlag, ModuleImport } from "./module-import.ts";
import { calleeName, childrenOf, isNode, literalText } from "./syntax.ts";
import type { SyntaxNode } from "./syntax.ts";

/** Words without which a module can load nothing beyond its import and export statements. */
const TELLING = /require|eval\b|\bFunction\b|\bwith\b|\bURL\b|\.\s*meta\b|\\u|dlopen|import\.(?:source|defer)/;

/** A generated module of megabytes is walked only for these: the tree of 5 MB takes seconds and a gigabyte. */
const LARGE = 1_500_000;
const SURELY_TELLING = /\brequire\s*\(|\beval\s*\(|\bFunction\s*\(|\bcreateRequire\b|import\.meta/;

/** Whether the syntax tree must be walked to find what a module loads. */
export function needsTree(path: string, text: string): boolean {
  if (text.length > LARGE) return SURELY_TELLING.test(text);
  return TELLING.test(text) || (/\.[jt]sx$|\.js$/.test(path) && /<[A-Za-z>]/.test(text));
}

/**
 * Finds loads beyond import statements (`require`, `createRequire`, `new URL(…, import.meta.url)`) and what cannot be
 * known (`eval`, `new Function`, `with`, computed `require`). Returns whether there is JSX.
 */
export function computedLoads(
  program: unknown,
  lineAt: (offset: number) => number,
  imports: ModuleImport[],
  flags: ModuleFlag[],
): boolean {
  const walk = new LoadWalk(lineAt, imports, flags);
  if (isNode(program)) walk.visit(program, undefined);
  return walk.jsx;
}

class LoadWalk {
  jsx = false;
  readonly #lineAt: (offset: number) => number;
  readonly #imports: ModuleImport[];
  readonly #flags: ModuleFlag[];
  /** `require`, and what `createRequire(…)` was bound to. */
  readonly #requires = new Set(["require"]);

  constructor(lineAt: (offset: number) => number, imports: ModuleImport[], flags: ModuleFlag[]) {
    this.#lineAt = lineAt;
    this.#imports = imports;
    this.#flags = flags;
  }

  visit(node: SyntaxNode, parent: SyntaxNode | undefined): void {
    switch (node.type) {
      case "CallExpression":
        this.#call(node, parent);
        break;
      case "NewExpression":
        this.#construct(node);
        break;
      case "WithStatement":
        this.#flag("with", node);
        break;
      case "TSImportEqualsDeclaration":
        this.#importEquals(node);
        break;
      case "VariableDeclarator":
        this.#declarator(node);
        break;
      case "Identifier":
        if (node["name"] === "eval" && !isPropertyName(node, parent)) this.#flag("eval", node);
        break;
      case "JSXElement":
      case "JSXFragment":
        this.jsx = true;
        break;
      default:
    }
    for (const [, child] of childrenOf(node)) this.visit(child, node);
  }

  #call(node: SyntaxNode, parent: SyntaxNode | undefined): void {
    const callee = node["callee"];
    const [first] = node["arguments"] as unknown[];
    const name = calleeName(callee);
    if (name === "Function") return this.#flag("new Function", node);
    if (name === "eval" && isMember(callee)) return this.#flag("eval", node);
    if (name === "glob" && isMetaMember(callee)) return this.#flag("import.meta.glob", node);
    if (name === "dlopen") return this.#flag("process.dlopen", node);
    if (name === "resolve" && (isMetaMember(callee) || this.#isRequire(memberObject(callee)))) {
      return this.#asset(literalText(first), isMetaMember(callee) ? "import" : "require", node);
    }
    if (this.#isRequire(callee)) this.#require(literalText(first), node, parent?.type === "ExpressionStatement");
  }

  #construct(node: SyntaxNode): void {
    const name = calleeName(node["callee"]);
    const [first, second] = node["arguments"] as unknown[];
    if (name === "Function") this.#flag("new Function", node);
    if (name !== "URL" || !isMetaMember(second) || calleeName(second) !== "url") return;
    const specifier = literalText(first);
    if (specifier === undefined || /^[a-z][a-z+.-]+:/i.test(specifier)) return;
    this.#asset(/^\.{0,2}\//.test(specifier) ? specifier : `./${specifier}`, "import", node);
  }

  #importEquals(node: SyntaxNode): void {
    const target = node["moduleReference"];
    if (node["importKind"] === "type" || !isNode(target) || target.type !== "TSExternalModuleReference") return;
    this.#require(literalText(target["expression"]), node, false);
  }

  #declarator(node: SyntaxNode): void {
    const [id, init] = [node["id"], node["init"]];
    if (!isNode(id) || id.type !== "Identifier" || !isNode(init) || init.type !== "CallExpression") return;
    if (calleeName(init["callee"]) === "createRequire") this.#requires.add(id["name"] as string);
  }

  #isRequire(callee: unknown): boolean {
    if (!isNode(callee)) return false;
    if (callee.type === "Identifier") return this.#requires.has(callee["name"] as string);
    if (callee.type === "CallExpression") return calleeName(callee["callee"]) === "createRequire";
    return (
      callee.type === "MemberExpression" &&
      calleeName(callee) === "require" &&
      calleeName(callee["object"]) === "module"
    );
  }

  #require(specifier: string | undefined, node: SyntaxNode, effect: boolean): void {
    if (specifier === undefined) return this.#flag("computed require", node);
    this.#imports.push({ specifier, kind: "require", effect, asset: false, line: this.#lineAt(node.start) });
  }

  #asset(specifier: string | undefined, kind: "import" | "require", node: SyntaxNode): void {
    if (specifier === undefined) return this.#flag("computed import", node);
    this.#imports.push({ specifier, kind, effect: false, asset: true, line: this.#lineAt(node.start) });
  }

  #flag(name: string, node: SyntaxNode): void {
    this.#flags.push({ name, line: this.#lineAt(node.start) });
  }
}

function isMember(node: unknown): boolean {
  return isNode(node) && node.type === "MemberExpression";
}

function memberObject(node: unknown): unknown {
  return isNode(node) && node.type === "MemberExpression" ? node["object"] : undefined;
}

/** `import.meta.x` */
function isMetaMember(node: unknown): boolean {
  const object = memberObject(node);
  return isNode(object) && object.type === "MetaProperty" && calleeName(object["property"]) === "meta";
}

function isPropertyName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined || parent["computed"] === true) return false;
  if (parent.type === "MemberExpression") return parent["property"] === node;
  return parent["key"] === node && parent["shorthand"] !== true;
}
