import { createRequire, isBuiltin } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { NapiResolveOptions, ResolveResult, ResolverFactory } from "oxc-resolver";
import { joinOptionValues, nodeOptionWords, withoutQuotes } from "../util/node-options.ts";

export type ResolveKind = "import" | "require";

export type Resolution =
  | { readonly kind: "file" /** Real path. */; readonly path: string }
  | { readonly kind: "builtin" /** `node:fs`. */; readonly name: string }
  | { readonly kind: "unresolved"; readonly why: string };

/** Says which file an import means, by the rules that the module hooks load by. */
export interface ModuleResolver {
  /** `importer` is the absolute real path of the importing file; an absolute `specifier` stands for itself. */
  resolve(specifier: string, importer: string, kind: ResolveKind): Resolution;
  /** Forgets what the file system looked like. */
  forget(): void;
}

export interface ModuleResolverInit {
  readonly projectRoot: string;
  /** Further conditions of package exports: those of this process unless told. */
  readonly conditions?: readonly string[];
}

const TYPESCRIPT = [".ts", ".tsx", ".mts", ".cts"];
const JAVASCRIPT = [".js", ".mjs", ".cjs", ".jsx", ".json", ".node"];

/**
 * Resolves as Node does and, where Node finds nothing, as TypeScript projects mean it: `./x.js` for `x.ts`, endings left
 * out, folders with an index file, `paths` of the nearest tsconfig.json. A file that Node itself would load comes first,
 * so that a program loads the same files with and without our hooks.
 *
 * The native resolver is loaded at the first call.
 *
 * @example createModuleResolver({ projectRoot }).resolve("./helpers.js", "/srv/app/src/main.ts", "import")
 * // { kind: "file", path: "/srv/app/src/helpers.ts" }
 */
export function createModuleResolver(init: ModuleResolverInit): ModuleResolver {
  return new OxcModuleResolver(init.conditions ?? processConditions());
}

/** The conditions that this process was started with (`--conditions`, `-C`), in order. */
export function processConditions(): readonly string[] {
  const ofVariable = nodeOptionWords(process.env["NODE_OPTIONS"] ?? "").map(withoutQuotes);
  return joinOptionValues([...process.execArgv, ...ofVariable]).flatMap(
    (option) => /^--conditions=(.+)$/s.exec(option)?.[1] ?? [],
  );
}

class OxcModuleResolver implements ModuleResolver {
  readonly #conditions: readonly string[];
  readonly #factories = new Map<string, ResolverFactory>();

  constructor(conditions: readonly string[]) {
    this.#conditions = conditions;
  }

  resolve(specifier: string, importer: string, kind: ResolveKind): Resolution {
    if (isBuiltin(specifier)) return { kind: "builtin", name: withScheme(specifier) };
    const request = toRequest(specifier, kind);
    if (request === undefined) return { kind: "unresolved", why: `\`${specifier}\` is no file` };
    const found = this.#find(request, importer, kind);
    if (found.path !== undefined) return { kind: "file", path: withoutQuery(found.path, request) };
    if (found.builtin !== undefined) return { kind: "builtin", name: found.builtin.resolved };
    return {
      kind: "unresolved",
      why: found.error ?? `nothing was found for \`${specifier}\` from ${dirname(importer)}`,
    };
  }

  forget(): void {
    for (const factory of this.#factories.values()) factory.clearCache();
  }

  /** A configuration that is broken, or extends what is not there, must not hide files that are found without it. */
  #find(request: string, importer: string, kind: ResolveKind): ResolveResult {
    const found = this.#factory(kind, "auto").resolveFileSync(importer, request);
    if (found.error === undefined || !/tsconfig/i.test(found.error)) return found;
    const plain = this.#factory(kind, undefined).resolveFileSync(importer, request);
    return plain.error === undefined ? plain : found;
  }

  #factory(kind: ResolveKind, tsconfig: "auto" | undefined): ResolverFactory {
    const key = `${kind} ${tsconfig}`;
    const known = this.#factories.get(key);
    if (known !== undefined) return known;
    const { ResolverFactory: Factory } = loadResolver();
    const factory = new Factory(optionsFor(kind, this.#conditions, tsconfig));
    this.#factories.set(key, factory);
    return factory;
  }
}

/** Loaded when first needed: a run whose sources are unchanged resolves nothing. */
function loadResolver(): typeof import("oxc-resolver") {
  return createRequire(import.meta.url)("oxc-resolver") as typeof import("oxc-resolver");
}

function optionsFor(
  kind: ResolveKind,
  conditions: readonly string[],
  tsconfig: "auto" | undefined,
): NapiResolveOptions {
  return {
    ...(tsconfig === undefined ? {} : { tsconfig }),
    builtinModules: true,
    nodePath: kind === "require",
    conditionNames: [...conditions, kind, "node", "module-sync", "node-addons"],
    mainFields: ["main"],
    extensions:
      kind === "require"
        ? [".js", ".json", ".node", ...TYPESCRIPT, ".mjs", ".cjs", ".jsx"]
        : [...TYPESCRIPT, ...JAVASCRIPT],
    extensionAlias: {
      ".js": [".js", ".ts", ".tsx"],
      ".jsx": [".jsx", ".tsx"],
      ".mjs": [".mjs", ".mts"],
      ".cjs": [".cjs", ".cts"],
    },
  };
}

/** What the resolver is asked for: URLs become paths, queries and fragments are no part of a file's name. */
function toRequest(specifier: string, kind: ResolveKind): string | undefined {
  if (specifier.startsWith("file:")) return fileURLToPath(new URL(specifier));
  if (/^[a-zA-Z][a-zA-Z+.-]+:/.test(specifier)) return undefined;
  if (kind === "require" || !isPathLike(specifier)) return specifier;
  const bare = specifier.replace(/[?#].*$/s, "");
  return bare.includes("%") ? decodeURIComponent(bare) : bare;
}

function isPathLike(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier);
}

function withoutQuery(path: string, request: string): string {
  const query = request.indexOf("?");
  return query === -1 || !path.endsWith(request.slice(query))
    ? path
    : path.slice(0, path.length - request.length + query);
}

function withScheme(name: string): string {
  return name.startsWith("node:") ? name : `node:${name}`;
}
