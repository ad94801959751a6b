import { dirname, extname } from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { CodeIdentityError } from "../errors.ts";
import { shownPath } from "../model/shown-path.ts";
import type { GuardedResolver } from "./guarded-resolver.ts";
import { jsxFactoryOf } from "./jsx-factory.ts";
import type { JsxPragmas } from "./jsx-factory.ts";
import type { ModuleFlag, ModuleImport } from "./module-import.ts";
import { packageFolderOf } from "./rooted-path.ts";
import type { SourceFacts } from "./source-facts.ts";

/** What an import leads to. */
export type ImportTarget =
  | { readonly kind: "module" /** Real path. */; readonly path: string }
  | { readonly kind: "package"; readonly folder: string /** The file in it. */; readonly path: string }
  | { readonly kind: "builtin"; readonly name: string };

export interface ModuleEdge {
  readonly specifier: string;
  readonly target: ImportTarget;
  readonly effect: boolean;
}

/** A file of the project and what it leads to. */
export interface ModuleNode {
  /** Real path. */
  readonly path: string;
  /** Rooted name. */
  readonly name: string;
  readonly digest: Digest;
  readonly edges: readonly ModuleEdge[];
  /** What cannot be known from the text, unresolved imports among it. */
  readonly flags: readonly ModuleFlag[];
  readonly locale: boolean;
  /** Whether its package.json alone says that it is a module: then it is evaluated in another way than as CommonJS. */
  readonly typed: boolean;
  /** Native code that it is or asks Node for, by the names under which people vouch for it. */
  readonly natives: readonly string[];
  /** Why nothing but its bytes is known, if those: an error for whoever reaches it, and nobody else. */
  readonly error?: CodeIdentityError;
}

export interface ModuleGraphInit {
  readonly sources: SourceFacts;
  readonly resolver: GuardedResolver;
  readonly nameOf: (path: string) => string;
  /** Whether a file is Warmstart's own: left out. */
  readonly isOwn: (path: string) => boolean;
}

const NATIVE_BUILTINS = new Set(["node:sqlite", "node:wasi"]);

/** The project's modules and their imports, read as they are asked for and kept until `forget`. */
export class ModuleGraph {
  readonly #init: ModuleGraphInit;
  readonly #nodes = new Map<string, ModuleNode>();
  readonly #effects = new Map<string, readonly ImportTarget[]>();

  constructor(init: ModuleGraphInit) {
    this.#init = init;
  }

  forget(): void {
    this.#nodes.clear();
    this.#effects.clear();
  }

  /** What is gone, cannot be read, or is no valid source is a node that leads nowhere. */
  nodeAt(path: string): ModuleNode {
    const known = this.#nodes.get(path);
    if (known !== undefined) return known;
    const node = this.#readable(path);
    this.#nodes.set(path, node);
    return node;
  }

  /** All modules that are reached from these, each once, in no order. */
  reach(roots: Iterable<string>): readonly ModuleNode[] {
    const found = new Map<string, ModuleNode>();
    const queue = [...roots];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (found.has(path)) continue;
      const node = this.nodeAt(path);
      found.set(path, node);
      for (const { target } of node.edges) if (target.kind === "module") queue.push(target.path);
    }
    return [...found.values()];
  }

  /** What is imported for its effect alone, anywhere in the program that a module begins. */
  effectsOf(path: string): readonly ImportTarget[] {
    const known = this.#effects.get(path);
    if (known !== undefined) return known;
    const edges = this.reach([path]).flatMap((node) => node.edges);
    const effects = edges.filter((edge) => edge.effect).map((edge) => edge.target);
    this.#effects.set(path, effects);
    return effects;
  }

  #readable(path: string): ModuleNode {
    try {
      return this.#read(path);
    } catch (error) {
      if (!(error instanceof CodeIdentityError)) throw error;
      const digest = error.code === "WS_SOURCE_SYNTAX" ? this.#init.sources.digestOf(path) : undefined;
      const name = this.#init.nameOf(path);
      const known = digest ?? digestOf("unreadable");
      return { path, name, digest: known, edges: [], flags: [], locale: true, typed: false, natives: [], error };
    }
  }

  #read(path: string): ModuleNode {
    const file = this.#init.sources.fileAt(path);
    if (file === undefined) throw missing(path);
    const edges: ModuleEdge[] = [];
    const flags: ModuleFlag[] = [...(file.scan?.flags ?? [])];
    for (const found of file.scan?.imports ?? []) this.#follow(found, path, edges, flags);
    const jsx = file.scan?.jsx === undefined ? undefined : this.#jsxImport(file.scan.jsx, path);
    if (jsx !== undefined) this.#follow(jsx, path, edges, flags);
    const name = this.#init.nameOf(path);
    const asked = edges.flatMap(({ target }) => (reachesNative(target) ? [target.name] : []));
    const natives = extname(path) === ".node" ? [shownPath(name)] : asked;
    const { locale = false, script = false } = file.scan ?? {};
    const typed = script && /\.[jt]sx?$/.test(path) && this.#init.resolver.packageTypeOf(dirname(path)) === "module";
    return { path, name, digest: file.digest, edges, flags, locale, typed, natives };
  }

  #follow(found: ModuleImport, importer: string, edges: ModuleEdge[], flags: ModuleFlag[]): void {
    // The text of a data: URL is in the importer itself.
    if (found.specifier.startsWith("data:")) return;
    const { resolver } = this.#init;
    const resolution = found.asset
      ? resolver.resolveAsset(found.specifier, importer, found.kind)
      : resolver.resolve(found.specifier, importer, found.kind);
    if (resolution.kind === "unresolved") {
      if (!found.asset) flags.push({ name: `unresolved import ${found.specifier}`, line: found.line });
      return;
    }
    const target = resolution.kind === "builtin" ? resolution : this.#fileTarget(resolution.path);
    if (target !== undefined) edges.push({ specifier: found.specifier, target, effect: found.effect });
  }

  #fileTarget(path: string): ImportTarget | undefined {
    if (this.#init.isOwn(path)) return undefined;
    const owner = packageFolderOf(path);
    return owner === undefined ? { kind: "module", path } : { kind: "package", folder: owner.folder, path };
  }

  /** What the compiler will import for JSX, where it imports by itself. */
  #jsxImport(pragmas: JsxPragmas, path: string): ModuleImport | undefined {
    const factory = jsxFactoryOf(this.#init.resolver.optionsOf(dirname(path)).emit, pragmas);
    if (factory.kind === "names") return undefined;
    return { specifier: `${factory.source}/jsx-runtime`, kind: "import", effect: false, asset: false, line: 1 };
  }
}

function reachesNative(target: ImportTarget): target is Extract<ImportTarget, { kind: "builtin" }> {
  return target.kind === "builtin" && NATIVE_BUILTINS.has(target.name);
}

function missing(path: string): CodeIdentityError {
  return new CodeIdentityError("WS_SOURCE_NOT_FOUND", {
    message: `${path} is not there any more, and a step's code stands in it or imports it.`,
    hint: "Restore the file, or start the program again without it.",
    details: { path },
  });
}
