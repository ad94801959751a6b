import { isAbsolute } from "node:path";
import type { GuardedResolver } from "../guarded-resolver.ts";
import type { Resolution, ResolveKind } from "../module-resolver.ts";
import { packageFolderOf } from "../rooted-path.ts";
import { isCode } from "../syntax.ts";

/** What a specifier means where it stands. */
export type ImportPlace =
  | { readonly kind: "module" /** Real path. */; readonly path: string }
  | { readonly kind: "data"; readonly path: string }
  /** `as` is how the import calls what it takes of the package. */
  | { readonly kind: "package"; readonly folder: string; readonly path: string; readonly as: string }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "own" }
  | { readonly kind: "unresolved"; readonly specifier: string }
  /** The text of a `data:` URL is in the importer itself. */
  | { readonly kind: "inline" };

/** Says what imports mean, remembering it until the graph forgets. */
export class ImportPlaces {
  readonly #resolver: GuardedResolver;
  readonly #isOwn: (path: string) => boolean;
  readonly #known = new Map<string, ImportPlace>();

  constructor(resolver: GuardedResolver, isOwn: (path: string) => boolean) {
    this.#resolver = resolver;
    this.#isOwn = isOwn;
  }

  /** Of an `import` or `require`. */
  importOf(specifier: string, importer: string, request: ResolveKind): ImportPlace {
    return this.#get(`${request} ${specifier} ${importer}`, specifier, request, () =>
      this.#resolver.resolve(specifier, importer, request),
    );
  }

  /** Of a literal `new URL(…, import.meta.url)`. */
  assetOf(specifier: string, importer: string): ImportPlace {
    return this.#get(`asset ${specifier} ${importer}`, specifier, "import", () =>
      this.#resolver.resolveAsset(specifier, importer, "import"),
    );
  }

  placeOf(path: string, as = ""): ImportPlace {
    if (this.#isOwn(path)) return { kind: "own" };
    const owner = packageFolderOf(path);
    if (owner !== undefined) return { kind: "package", folder: owner.folder, path, as };
    return isCode(path) ? { kind: "module", path } : { kind: "data", path };
  }

  #get(key: string, specifier: string, request: ResolveKind, resolve: () => Resolution): ImportPlace {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const place = specifier.startsWith("data:") ? inline : this.#resolved(specifier, request, resolve());
    this.#known.set(key, place);
    return place;
  }

  #resolved(specifier: string, request: ResolveKind, found: Resolution): ImportPlace {
    if (found.kind === "unresolved") return { kind: "unresolved", specifier };
    if (found.kind === "builtin") return found;
    return this.placeOf(found.path, `${request === "require" ? "require " : ""}${subpathOf(specifier, found.path)}`);
  }
}

const inline: ImportPlace = { kind: "inline" };

/** How an import names a file of a package: as it is written, so that the package's own layout does not count. */
function subpathOf(specifier: string, path: string): string {
  if (!/^[./]|^file:/.test(specifier) && !isAbsolute(specifier)) return specifier;
  const owner = packageFolderOf(path);
  return owner === undefined ? "" : path.slice(owner.folder.length).replaceAll("\\", "/");
}
