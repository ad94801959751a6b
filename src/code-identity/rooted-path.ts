import { existsSync, realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { manifestAt } from "./package-manifest.ts";

/** Names of files that do not change when the project's folder, the user or the machine does. */
export interface RootedPaths {
  /** The name of an absolute path, by its real path where it exists. */
  nameOf(path: string): string;
  /** The absolute path of a name as it is on this machine; undefined where the root is not to be found here. */
  pathOf(name: string): string | undefined;
  /** Forgets what was looked up: real paths and versions of packages. */
  forget(): void;
}

export interface RootedPathsInit {
  readonly projectRoot: string;
  /** The user's home unless told. */
  readonly home?: string;
  /** The system's folder of temporary files unless told. */
  readonly temp?: string;
}

const WORKSPACE_MARKS = ["pnpm-workspace.yaml", ".git"];

/**
 * Makes rooted names: `project:src/x.ts`, `package:zod@4.1.0/locale.json`, `home:…`, `temp:…`, else the path itself.
 *
 * The project comes first, so a project in a temporary folder is still a project. A member of the project's workspace
 * that lies beside the project is `project:../lib/x.ts`. Names have `/` on every platform.
 *
 * @example createRootedPaths({ projectRoot: "/srv/app" }).nameOf("/srv/app/data/x.csv") // "project:data/x.csv"
 */
export function createRootedPaths(init: RootedPathsInit): RootedPaths {
  return new RootTable(init);
}

/** The folder of the package that a file in `node_modules` belongs to, and the package's folder name; undefined elsewhere. */
export function packageFolderOf(path: string): { readonly folder: string; readonly name: string } | undefined {
  const parts = path.split(sep);
  const at = parts.lastIndexOf("node_modules");
  const first = at === -1 ? undefined : parts[at + 1];
  if (first === undefined || first === "") return undefined;
  const length = first.startsWith("@") ? 2 : 1;
  const name = parts.slice(at + 1, at + 1 + length);
  return name.length < length ? undefined : { folder: parts.slice(0, at + 1 + length).join(sep), name: name.join("/") };
}

class RootTable implements RootedPaths {
  readonly #project: string;
  readonly #workspace: string;
  readonly #others: readonly (readonly [name: string, folder: string])[];
  readonly #names = new Map<string, string>();
  readonly #versions = new Map<string, string | undefined>();
  /** `name@version` → folder, for packages that were named before. */
  readonly #packages = new Map<string, string>();

  constructor(init: RootedPathsInit) {
    this.#project = realPathOf(init.projectRoot);
    this.#workspace = workspaceOf(this.#project);
    const temp = realPathOf(init.temp ?? tmpdir());
    const home = realPathOf(init.home ?? homedir());
    const others = [["temp", temp] as const, ["home", home] as const];
    this.#others = others.sort((a, b) => b[1].length - a[1].length);
  }

  nameOf(path: string): string {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const name = this.#name(realPathOf(path));
    this.#names.set(path, name);
    return name;
  }

  pathOf(name: string): string | undefined {
    const colon = name.indexOf(":");
    if (colon === -1 || isAbsolute(name)) return name;
    const root = name.slice(0, colon);
    const rest = name.slice(colon + 1);
    if (root === "project") return join(this.#project, rest);
    if (root === "package") return this.#packagePath(rest);
    const folder = this.#others.find(([other]) => other === root)?.[1];
    return folder === undefined ? undefined : join(folder, rest);
  }

  forget(): void {
    this.#names.clear();
    this.#versions.clear();
  }

  #name(path: string): string {
    const inPackage = this.#packageName(path);
    if (inPackage !== undefined) return inPackage;
    if (isWithin(this.#workspace, path)) return `project:${slashes(relative(this.#project, path))}`;
    for (const [root, folder] of this.#others) {
      if (isWithin(folder, path)) return `${root}:${slashes(relative(folder, path))}`;
    }
    return path;
  }

  #packageName(path: string): string | undefined {
    const found = packageFolderOf(path);
    if (found === undefined || found.folder === this.#project || isWithin(found.folder, this.#project))
      return undefined;
    const title = this.#titleOf(found.folder);
    if (title === undefined) return undefined;
    if (!this.#packages.has(title)) this.#packages.set(title, found.folder);
    const rest = slashes(relative(found.folder, path));
    return rest === "" ? `package:${title}` : `package:${title}/${rest}`;
  }

  #titleOf(folder: string): string | undefined {
    if (!this.#versions.has(folder)) this.#versions.set(folder, readTitle(join(folder, "package.json")));
    return this.#versions.get(folder);
  }

  #packagePath(rest: string): string | undefined {
    const parts = /^((?:@[^/]+\/)?[^/@]+@[^/]+)(?:\/(.*))?$/s.exec(rest);
    if (parts === null) return undefined;
    const title = parts[1] as string;
    const folder = this.#packages.get(title) ?? this.#findPackage(title);
    return folder === undefined ? undefined : join(folder, parts[2] ?? "");
  }

  /** A package that was not named yet: looked for where the project's own imports would find it. */
  #findPackage(title: string): string | undefined {
    const name = title.slice(0, title.lastIndexOf("@"));
    for (let folder = this.#project; ; folder = dirname(folder)) {
      const candidate = join(folder, "node_modules", name);
      if (readTitle(join(candidate, "package.json")) === title) return realPathOf(candidate);
      if (dirname(folder) === folder) return undefined;
    }
  }
}

/** The real path where it exists; else the real path of the nearest folder that does, with the rest. */
function realPathOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), relative(parent, path));
  }
}

/** The outermost folder that the project shares with the other members of its workspace. */
function workspaceOf(project: string): string {
  for (let folder = project; ; folder = dirname(folder)) {
    if (WORKSPACE_MARKS.some((mark) => existsSync(join(folder, mark))) || declaresWorkspaces(folder)) return folder;
    if (dirname(folder) === folder) return project;
  }
}

function declaresWorkspaces(folder: string): boolean {
  return manifestAt(join(folder, "package.json"))["workspaces"] !== undefined;
}

function readTitle(path: string): string | undefined {
  const manifest = manifestAt(path);
  const name = manifest["name"];
  const version = manifest["version"];
  return typeof name === "string" && typeof version === "string" ? `${name}@${version}` : undefined;
}

function isWithin(folder: string, path: string): boolean {
  if (path === folder) return true;
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function slashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
