import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Guard, GuardedMemo } from "./guarded-memo.ts";
import { manifestAt } from "./package-manifest.ts";
import type { PackageManifest } from "./package-manifest.ts";
import { packageFolderOf } from "./rooted-path.ts";

/** A package as it is installed. */
export interface InstalledPackage {
  readonly folder: string;
  readonly name: string;
  /** `name@version`; undefined when its package.json has no version. */
  readonly title: string | undefined;
  /** Folders of the packages that it depends on or imports, as found from where it lies. */
  readonly dependencies: readonly string[];
  /** Folders of dependencies that are linked in from outside of `node_modules`: the project's own code. */
  readonly linked: readonly { readonly name: string; readonly folder: string }[];
  /** It is for one kind of machine, by `os` or `cpu` of its package.json: another package picks it. */
  readonly oneMachine: boolean;
}

/** Names of packages that the sources of a package import and its package.json does not tell of. */
export type UndeclaredBy = (installed: Pick<InstalledPackage, "folder" | "title">) => readonly string[];

/** Reads installed packages and what they depend on. */
export class PackageClosure {
  readonly #memo: GuardedMemo;
  readonly #undeclaredBy: UndeclaredBy;

  constructor(memo: GuardedMemo, undeclaredBy: UndeclaredBy) {
    this.#memo = memo;
    this.#undeclaredBy = undeclaredBy;
  }

  packageIn(folder: string): InstalledPackage {
    return this.#memo.get(`package ${folder}`, (guard) => readPackage(folder, guard, this.#undeclaredBy));
  }

  /** The packages of these folders and all that they depend on, each folder once. */
  closureOf(folders: Iterable<string>): readonly InstalledPackage[] {
    const found = new Map<string, InstalledPackage>();
    const queue = [...folders];
    for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
      if (found.has(folder)) continue;
      const installed = this.packageIn(folder);
      found.set(folder, installed);
      queue.push(...installed.dependencies);
    }
    return [...found.values()];
  }
}

function readPackage(folder: string, guard: Guard, undeclaredBy: UndeclaredBy): InstalledPackage {
  const path = join(folder, "package.json");
  guard(path);
  const manifest = manifestAt(path);
  const name = typeof manifest["name"] === "string" ? manifest["name"] : (packageFolderOf(folder)?.name ?? folder);
  const version = manifest["version"];
  const dependencies: string[] = [];
  const linked: { name: string; folder: string }[] = [];
  const title = typeof version === "string" ? `${name}@${version}` : undefined;
  for (const dependency of [...dependencyNames(manifest), ...undeclaredBy({ folder, title })]) {
    const at = findDependency(dependency, folder, guard);
    if (at === undefined) continue;
    if (packageFolderOf(at) === undefined) linked.push({ name: dependency, folder: at });
    else dependencies.push(at);
  }
  const oneMachine = manifest["os"] !== undefined || manifest["cpu"] !== undefined;
  return { folder, name, title, dependencies, linked, oneMachine };
}

function dependencyNames(manifest: PackageManifest): readonly string[] {
  const names = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((field) => {
    const listed = manifest[field];
    return typeof listed === "object" && listed !== null ? Object.keys(listed) : [];
  });
  return [...new Set(names)].sort();
}

/** Where Node would find a package from a folder: the real path of the nearest `node_modules/<name>`. */
function findDependency(name: string, from: string, guard: Guard): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (!folder.endsWith("node_modules")) {
      guard(join(folder, "node_modules"));
      guard(join(candidate, "package.json"));
      const real = realFolder(candidate);
      if (real !== undefined) return real;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function realFolder(folder: string): string | undefined {
  try {
    return dirname(realpathSync.native(join(folder, "package.json")));
  } catch {
    return undefined;
  }
}
