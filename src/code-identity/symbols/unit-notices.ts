import { isNode } from "../syntax.ts";
import type { SyntaxNode } from "../syntax.ts";
import type { Unit } from "./module-units.ts";
import { staticName, unwrap } from "./syntax-layout.ts";
import type { UnitState } from "./unit-state.ts";

type Kind = Unit["warnings"][number]["kind"];

/** Members of globals that read what no key holds. */
const WARNED: ReadonlyMap<string, Kind> = new Map([
  ["Date.now", "clock"],
  ["performance.now", "clock"],
  ["performance.timeOrigin", "clock"],
  ["process.hrtime", "clock"],
  ["process.uptime", "clock"],
  ["process.pid", "system"],
  ["process.ppid", "system"],
  ["process.memoryUsage", "system"],
  ["process.resourceUsage", "system"],
  ["process.cpuUsage", "system"],
  ["Math.random", "random"],
  ["crypto.randomUUID", "random"],
  ["crypto.randomBytes", "random"],
  ["crypto.randomInt", "random"],
  ["crypto.getRandomValues", "random"],
  ["crypto.randomFillSync", "random"],
  ["crypto.randomFill", "random"],
  ["crypto.generateKeyPairSync", "random"],
]);

/** What a program was started with: it is no part of a key, and changes what a step gives as a parameter does. */
export const ARGUMENTS: ReadonlySet<string> = new Set(["process.argv", "process.execArgv", "util.parseArgs"]);

/** Members of globals that are without the harm of the global itself. */
const HARMLESS: ReadonlyMap<string, (member: string) => boolean> = new Map([
  ["Date", (member: string) => member === "now" || member === "UTC"],
  ["Function", (member: string) => !["call", "apply", "bind", "constructor"].includes(member)],
]);

/** Built-in modules by what their members are called in `WARNED`. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ["crypto", "crypto"],
  ["perf_hooks", "performance"],
  ["process", "process"],
  ["os", "os"],
  ["util", "util"],
]);

/** What a reader of a unit should be told, or a key must hold: undecidable code, clocks, variables of the environment. */
export class UnitNotices {
  readonly flags: { readonly name: string; readonly line: number }[] = [];
  readonly warnings: { readonly kind: Kind; readonly name: string }[] = [];
  readonly warningLines: number[] = [];
  readonly environment: { readonly name: string; readonly line: number }[] = [];
  localeSensitive = false;
  readonly #state: UnitState;
  /** `Date` of `Date.now` and `Date.UTC`; `Function` where it makes no code, or was flagged. */
  readonly #harmless = new Set<SyntaxNode>();

  constructor(state: UnitState) {
    this.#state = state;
  }

  flag(name: string, node: SyntaxNode): void {
    this.flags.push({ name, line: this.#line(node) });
  }

  /** A name of the platform, or an import, that stands alone: its members were asked before. */
  bareName(name: string, node: SyntaxNode): void {
    const meaning = this.#state.resolve(name);
    if (meaning.kind === "import")
      return this.#member(builtinName(meaning.imported.specifier), meaning.imported.imported, node);
    if (meaning.kind !== "global") return;
    if (name === "Date" && !this.#harmless.has(node)) this.localeSensitive = true;
    if (name === "Intl") this.#locale("Intl", node);
    if (name === "eval") this.flag("eval", node);
    if (name === "Function" && !this.#harmless.has(node)) this.flag("new Function", node);
  }

  /** The name is not looked at again in this place. */
  spare(node: unknown): void {
    if (isNode(node)) this.#harmless.add(unwrap(node));
  }

  /** `a.b`, `a["b"]`. */
  member(node: SyntaxNode): void {
    const name = staticName(node);
    if (name === undefined) return;
    if (name === "localeCompare" || name.startsWith("toLocale")) this.#locale(name, node);
    const namespace = this.#namespaceOf(unwrap(node["object"] as SyntaxNode));
    if (namespace === undefined) return;
    const harmless = HARMLESS.get(namespace);
    if (harmless?.(name) === true) this.spare(node["object"]);
    this.#member(namespace, name, node);
    if (this.isEnvironmentMember(node)) this.readEnvironment("*", node);
  }

  /** `process.env`, `import.meta.env`. */
  isEnvironmentMember(node: SyntaxNode): boolean {
    if (staticName(node) !== "env") return false;
    const object = unwrap(node["object"] as SyntaxNode);
    return object.type === "MetaProperty" || this.#namespaceOf(object) === "process";
  }

  /** `env` of `import { env } from "node:process"`. */
  isEnvironment(node: SyntaxNode): boolean {
    if (node.type !== "Identifier") return false;
    const meaning = this.#state.resolve(node["name"] as string);
    return (
      meaning.kind === "import" &&
      builtinName(meaning.imported.specifier) === "process" &&
      meaning.imported.imported === "env"
    );
  }

  readEnvironment(name: string, node: SyntaxNode): void {
    this.environment.push({ name, line: this.#line(node) });
  }

  /** Names that a pattern takes out of the environment; `*` for whatever is left. */
  readEnvironmentByPattern(pattern: SyntaxNode): void {
    for (const property of pattern["properties"] as SyntaxNode[]) {
      const key = property["key"];
      const name = isNode(key) && property["computed"] !== true ? (key["name"] ?? key["value"]) : undefined;
      this.readEnvironment(typeof name === "string" ? name : "*", property);
    }
  }

  construct(callee: SyntaxNode, node: SyntaxNode): void {
    const given = node["arguments"] as unknown[];
    if (this.#state.globalName(callee) !== "Date") return;
    if (given.length === 0 || node.type === "CallExpression") this.#warn("clock", "new Date", node);
  }

  /** The built-in namespace that an expression is: `Math`, `process`, an import of `node:os`. */
  #namespaceOf(object: SyntaxNode): string | undefined {
    if (object.type === "MemberExpression") {
      // `globalThis.Date.now()`, `window.crypto`.
      const base = unwrap(object["object"] as SyntaxNode);
      return this.#state.globalName(base) === "globalThis" ? staticName(object) : undefined;
    }
    if (object.type !== "Identifier") return undefined;
    const meaning = this.#state.resolve(object["name"] as string);
    if (meaning.kind === "global") return meaning.name === "globalThis" ? undefined : meaning.name;
    if (meaning.kind !== "import") return undefined;
    const { specifier, imported } = meaning.imported;
    const builtin = builtinName(specifier);
    if (imported === "default" || imported === "*") return builtin === "performance" ? undefined : builtin;
    return imported === "performance" || imported === "webcrypto" ? imported.replace("web", "") : undefined;
  }

  #member(namespace: string | undefined, name: string, node: SyntaxNode): void {
    if (namespace === undefined) return;
    if (namespace === "os") {
      if (name !== "default" && name !== "*" && name !== "EOL") this.#warn("system", `os.${name}`, node);
      return;
    }
    const full = `${namespace}.${name}`;
    if (ARGUMENTS.has(full)) this.flag(full, node);
    const kind = WARNED.get(full);
    if (kind !== undefined) this.#warn(kind, full, node);
  }

  #locale(name: string, node: SyntaxNode): void {
    this.localeSensitive = true;
    this.#warn("locale", name, node);
  }

  #warn(kind: Kind, name: string, node: SyntaxNode): void {
    this.warnings.push({ kind, name });
    this.warningLines.push(this.#line(node));
  }

  #line(node: SyntaxNode): number {
    return this.#state.module.lineAt(node.start);
  }
}

function builtinName(specifier: string): string | undefined {
  return MODULES.get(specifier.replace(/^node:/, ""));
}
