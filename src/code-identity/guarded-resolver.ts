import { realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Guard, GuardedMemo } from "./guarded-memo.ts";
import type { ModuleResolver, Resolution, ResolveKind } from "./module-resolver.ts";
import { packageFolderOf } from "./rooted-path.ts";
import { readTypeScriptOptions } from "./typescript-options.ts";
import type { TypeScriptOptions } from "./typescript-options.ts";

/** Resolves imports, remembering answers as long as no folder or file that could change them has changed. */
export class GuardedResolver {
  readonly #resolver: ModuleResolver;
  readonly #memo: GuardedMemo;

  constructor(resolver: ModuleResolver, memo: GuardedMemo) {
    this.#resolver = resolver;
    this.#memo = memo;
  }

  optionsOf(folder: string): TypeScriptOptions {
    return this.#memo.get(`tsconfig ${folder}`, (guard) => readTypeScriptOptions(folder, guard));
  }

  resolve(specifier: string, importer: string, kind: ResolveKind): Resolution {
    if (isBuiltin(specifier)) return this.#resolver.resolve(specifier, importer, kind);
    const path = isPath(specifier);
    return this.#memo.get(
      // What a path means depends on the importer's folder alone.
      `${kind} ${specifier} ${dirname(importer)}`,
      (guard, guardFolder) => {
        const found = this.#resolver.resolve(specifier, importer, kind);
        guardResolution(specifier, importer, found, guard);
        guardFolder(dirname(importer));
        if (found.kind === "file") guardFolder(dirname(found.path));
        return found;
      },
      // Mapped imports have more places to look at than are worth watching.
      () => (!path && this.optionsOf(dirname(importer)).maps) || specifier.startsWith("file:"),
    );
  }

  /** What a literal `new URL(…, import.meta.url)` or `….resolve(…)` names: a path is taken as it is. */
  resolveAsset(specifier: string, importer: string, kind: ResolveKind): Resolution {
    if (kind === "require" || !isPath(specifier)) return this.resolve(specifier, importer, kind);
    // Whether the file is there is asked in each round: its own stamp would drop all answers with each edit of it.
    return this.#memo.get(
      `asset ${specifier} ${dirname(importer)}`,
      () => literalFile(specifier, importer),
      () => true,
    );
  }
}

function literalFile(specifier: string, importer: string): Resolution {
  const path = resolve(dirname(importer), decodeURI(specifier.replace(/[?#].*$/s, "")));
  const there = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  return there ? { kind: "file", path: realpathSync.native(path) } : { kind: "unresolved", why: `${path} is no file` };
}

function guardResolution(specifier: string, importer: string, found: Resolution, guard: Guard): void {
  guardAncestors(dirname(importer), specifier, guard);
  if (isPath(specifier)) {
    const candidate = resolve(dirname(importer), specifier.replace(/[?#].*$/s, ""));
    guard(dirname(candidate));
    // A file's own stamp is watched by its digest; a folder's says whether its index file may be another.
    guard(join(candidate, "package.json"));
    if (found.kind !== "file" || found.path !== candidate) guard(candidate);
  }
  if (found.kind !== "file") return;
  guard(dirname(found.path));
  const owner = packageFolderOf(found.path);
  if (owner !== undefined) guard(join(owner.folder, "package.json"));
  else guardAncestors(dirname(found.path), "", guard);
}

/** Everything above a module that can give an import another meaning. */
function guardAncestors(from: string, specifier: string, guard: Guard): void {
  const name = isPath(specifier) ? "" : (/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "");
  for (let folder = from; ; folder = dirname(folder)) {
    guard(join(folder, "tsconfig.json"));
    guard(join(folder, "package.json"));
    guard(join(folder, "node_modules"));
    if (name !== "" && !name.startsWith("#")) guard(join(folder, "node_modules", name, "package.json"));
    if (dirname(folder) === folder) return;
  }
}

function isPath(specifier: string): boolean {
  return /^(?:\.{0,2}\/|file:|\.{1,2}$)/.test(specifier);
}
