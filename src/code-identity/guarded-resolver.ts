import { realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Guard, GuardedMemo } from "./guarded-memo.ts";
import { parseJsonWithComments, readText } from "./json-with-comments.ts";
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
        guardResolution([specifier, importer], found, guard, (folder) => this.#mainOf(folder));
        guardFolder(dirname(importer));
        if (found.kind === "file") guardFolder(dirname(found.path));
        return found;
      },
      // Mapped imports, and those that lead nowhere, have more places to look at than are worth watching.
      ({ kind: found }) =>
        found === "unresolved" || (!path && this.optionsOf(dirname(importer)).maps) || specifier.startsWith("file:"),
    );
  }

  /** What the nearest package.json says that sources of a folder are, "" where it does not: `module`, `commonjs`. */
  packageTypeOf(folder: string): string {
    return this.#memo.get(`type ${folder}`, (guard) => nearestType(folder, guard));
  }

  #mainOf(folder: string): string {
    return this.#memo.get(`main ${folder}`, (guard) => guardedMain(folder, guard));
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

/** Guards a folder's package.json, and the main file that it names: where that is missing, an index file stands for it. */
type GuardMain = (folder: string) => void;

function guardResolution(
  [specifier, importer]: readonly [specifier: string, importer: string],
  found: Resolution,
  guard: Guard,
  guardMain: GuardMain,
): void {
  guardAncestors(dirname(importer), guard, specifier, guardMain);
  if (isPath(specifier)) {
    const candidate = resolve(dirname(importer), specifier.replace(/[?#].*$/s, ""));
    guard(dirname(candidate));
    // A file's own stamp is watched by its digest; a folder's says whether its index file may be another.
    guard(join(candidate, "package.json"));
    if (found.kind !== "file" || found.path !== candidate) {
      guard(candidate);
      guardMain(candidate);
    }
  }
  if (found.kind !== "file") return;
  guard(dirname(found.path));
  const owner = packageFolderOf(found.path);
  if (owner !== undefined) guard(join(owner.folder, "package.json"));
  else guardAncestors(dirname(found.path), guard);
}

/** Everything above a module that can give an import another meaning. */
function guardAncestors(from: string, guard: Guard, specifier = "./", guardMain: GuardMain = () => undefined): void {
  const name = isPath(specifier) ? "" : (/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "");
  for (let folder = from; ; folder = dirname(folder)) {
    guard(join(folder, "tsconfig.json"));
    guard(join(folder, "package.json"));
    guard(join(folder, "node_modules"));
    if (name !== "" && !name.startsWith("#")) guardMain(join(folder, "node_modules", name));
    if (dirname(folder) === folder) return;
  }
}

function isPath(specifier: string): boolean {
  return /^(?:\.{0,2}\/|file:|\.{1,2}$)/.test(specifier);
}

function guardedMain(folder: string, guard: Guard): string {
  const file = join(folder, "package.json");
  guard(file);
  const main = parseJsonWithComments(readText(file) ?? "")?.["main"];
  if (typeof main !== "string") return "";
  const target = resolve(folder, main);
  guard(target);
  guard(dirname(target));
  return main;
}

function nearestType(from: string, guard: Guard): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    guard(file);
    const text = readText(file);
    const type = text === undefined ? undefined : (parseJsonWithComments(text)?.["type"] ?? "");
    if (type !== undefined) return typeof type === "string" ? type : "";
    if (dirname(folder) === folder) return "";
  }
}
