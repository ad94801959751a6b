import { dirname, join } from "node:path";
import { canonicalDigest } from "../encoding/canonical.ts";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import type { KeyLeaf } from "../encoding/key-tree.ts";
import type { CodeIdentityError } from "../errors.ts";
import type { UnseenActivity } from "../model/reads.ts";
import type { IdentifiedModule } from "./code-identity.ts";
import type { GuardedResolver } from "./guarded-resolver.ts";
import type { ImportTarget, ModuleGraph, ModuleNode } from "./module-graph.ts";
import { digestOfLeaves, ModuleLeaves } from "./module-leaf.ts";
import type { ModuleLeaf, TargetNames } from "./module-leaf.ts";
import type { FileDigests } from "./module-stamps.ts";
import type { InstalledPackage, PackageClosure } from "./package-closure.ts";
import type { PackageFacts } from "./package-scan.ts";
import { packageFolderOf } from "./rooted-path.ts";

/** Everything that functions in some files can reach by imports. */
export interface CodeClosure {
  /** Over all leaves. */
  readonly digest: Digest;
  /** Under `code`. */
  readonly leaves: readonly KeyLeaf[];
  /** Real paths of the project's files in it. */
  readonly paths: readonly string[];
  readonly modules: readonly IdentifiedModule[];
  /** Files of packages that are imported, whose bytes count. */
  readonly entries: readonly string[];
  readonly unseen: readonly UnseenActivity[];
  readonly localeSensitive: boolean;
  readonly native: boolean;
  /** A package without a version is in it, so bytes count that no digest or guard of a file watches. */
  readonly unversioned: boolean;
  /** Of modules in it that could not be read or parsed. */
  readonly errors: readonly CodeIdentityError[];
}

export interface CodeClosuresInit {
  readonly graph: ModuleGraph;
  readonly packages: PackageClosure;
  readonly resolver: GuardedResolver;
  readonly digests: FileDigests;
  readonly isOwn: (path: string) => boolean;
  readonly factsOf: (installed: InstalledPackage) => PackageFacts;
  readonly nameOf: (path: string) => string;
}

/** Builds closures, each set of files once per round. */
export class CodeClosures {
  readonly #init: CodeClosuresInit;
  readonly #known = new Map<string, CodeClosure>();
  readonly #leaves = new ModuleLeaves();

  constructor(init: CodeClosuresInit) {
    this.#init = init;
  }

  forget(): void {
    this.#known.clear();
    this.#leaves.forget();
  }

  /** `program` is the module whose effect-only imports count, wherever in its program they stand. */
  closureOf(files: readonly string[], program: string | undefined): CodeClosure {
    const key = JSON.stringify([files, program]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const closure = this.#build(files, program);
    this.#known.set(key, closure);
    return closure;
  }

  /**
   * What stands around code whose own text is identified elsewhere: the packages that it leads to, modules of the project
   * that are linked into those, and the compiler's options for its modules.
   */
  surroundingsOf(
    packages: readonly { readonly folder: string; readonly path: string }[],
    modules: readonly string[],
  ): CodeClosure {
    const key = JSON.stringify(["around", packages, modules]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const closure = this.#assemble(
      packages.map(({ folder, path }) => ({ kind: "package", folder, path })),
      modules,
    );
    this.#known.set(key, closure);
    return closure;
  }

  #build(files: readonly string[], program: string | undefined): CodeClosure {
    const effects = program === undefined ? [] : this.#init.graph.effectsOf(program);
    if (program !== undefined && files.length > 0) {
      const base = this.closureOf([], program);
      const within = new Set(base.paths);
      if (files.every((path) => within.has(path))) return base;
    }
    return this.#assemble([...files.map((path) => this.#targetOf(path)), ...effects]);
  }

  #assemble(roots: readonly ImportTarget[], besides: readonly string[] = []): CodeClosure {
    const nodes = this.#reach(roots);
    const packages = this.#packagesOf(roots, nodes).filter(({ installed }) => installed.name !== "warmstart");
    const facts = packages.map(({ installed }) => this.#init.factsOf(installed));
    const names = targetNames(packages, this.#init.nameOf);
    const modules = nodes.map((node) => this.#leaves.leafOf(node, names)).sort(byName);
    const leaves: readonly KeyLeaf[] = [
      ...modules.map(({ leaf }) => leaf),
      ...this.#packageLeaves(packages),
      ...this.#typescriptLeaf([...nodes.map(({ path }) => path), ...besides]),
      ...formatLeaf([...nodes, ...besides.map((path) => this.#init.graph.nodeAt(path))]),
    ];
    return {
      digest: digestOfLeaves(leaves),
      leaves,
      paths: nodes.map(({ path }) => path),
      modules: modules.map(({ module }) => module),
      entries: packages.flatMap((found) => found.entries),
      unseen: [
        ...modules.flatMap(flagsOf),
        ...packages.flatMap(({ installed }) => untitledFlag(installed)),
        ...reachedNative(
          nodes,
          packages.filter((_, index) => facts[index]?.addon === true),
          packages,
        ),
      ],
      localeSensitive: nodes.some((node) => node.locale) || facts.some((fact) => fact.locale),
      native: nodes.some(({ natives }) => natives.length > 0) || facts.some((fact) => fact.native),
      unversioned: packages.some(({ installed }) => installed.title === undefined),
      errors: nodes.flatMap(({ error }) => error ?? []),
    };
  }

  #targetOf(path: string): ImportTarget {
    const owner = packageFolderOf(path);
    return owner === undefined ? { kind: "module", path } : { kind: "package", folder: owner.folder, path };
  }

  /** Modules of the project, those among them that are reached only through a package which is linked to them. */
  #reach(roots: readonly ImportTarget[]): readonly ModuleNode[] {
    const paths = new Set(modulePaths(roots));
    for (;;) {
      const nodes = this.#init.graph.reach(paths);
      const folders = packageFolders([...roots, ...nodes.flatMap((node) => node.edges.map((edge) => edge.target))]);
      const linked = this.#init.packages.closureOf(folders).flatMap((installed) => this.#linkedEntries(installed));
      const fresh = linked.filter((path) => !paths.has(path));
      if (fresh.length === 0) return nodes;
      for (const path of fresh) paths.add(path);
    }
  }

  #linkedEntries(installed: InstalledPackage): readonly string[] {
    return installed.linked.flatMap(({ name }) => {
      const found = this.#init.resolver.resolve(name, join(installed.folder, "package.json"), "import");
      return found.kind === "file" && !this.#init.isOwn(found.path) ? [found.path] : [];
    });
  }

  #packagesOf(roots: readonly ImportTarget[], nodes: readonly ModuleNode[]): readonly ReachedPackage[] {
    const targets = [...roots, ...nodes.flatMap((node) => node.edges.map((edge) => edge.target))];
    const entries = new Map<string, Set<string>>();
    for (const target of targets) {
      if (target.kind !== "package") continue;
      const known = entries.get(target.folder) ?? new Set();
      entries.set(target.folder, known.add(target.path));
    }
    const found = this.#init.packages.closureOf(entries.keys());
    return found.map((installed) => ({ installed, entries: [...(entries.get(installed.folder) ?? [])] }));
  }

  #packageLeaves(packages: readonly ReachedPackage[]): readonly KeyLeaf[] {
    const versions = versionsByName(packages);
    const leaves = new Map<string, string[]>();
    for (const { installed, entries } of packages) {
      const title = titleOf(installed);
      // Which of several installed versions a package gets is part of what it is.
      const wiring = installed.dependencies.flatMap((folder) => {
        const dependency = this.#init.packages.packageIn(folder);
        return (versions.get(dependency.name)?.size ?? 0) > 1 ? [titleOf(dependency)] : [];
      });
      const content = this.#contentOf(installed, entries);
      leaves.set(title, [...(leaves.get(title) ?? []), JSON.stringify([wiring, content])]);
    }
    const sorted = [...leaves].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([title, parts]) => ({
      path: ["code", `package:${title}`],
      digest: canonicalDigest([title, [...new Set(parts)].sort()]),
    }));
  }

  /** What is imported of a package counts by its bytes, too, since it may be replaced at the same version. */
  #contentOf({ folder, title }: InstalledPackage, entries: readonly string[]): readonly string[] {
    const files = [...(title === undefined ? [join(folder, "package.json")] : []), ...entries].sort();
    return files.map((path) => this.#init.digests.digestOfSource(path)?.digest ?? digestOf(""));
  }

  #typescriptLeaf(paths: readonly string[]): readonly KeyLeaf[] {
    const found = new Map<string, unknown>();
    for (const path of paths) {
      if (!/\.(?:[cm]?ts|[jt]sx)$/.test(path)) continue;
      const { file, emit } = this.#init.resolver.optionsOf(dirname(path));
      if (file !== undefined) found.set(this.#init.nameOf(file), emit);
    }
    if (found.size === 0) return [];
    const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      { path: ["code", "typescript"], digest: canonicalDigest(sorted), shown: sorted.map(([name]) => name).join(", ") },
    ];
  }
}

/** Which sources are modules by the word of their package.json alone. */
function formatLeaf(nodes: readonly ModuleNode[]): readonly KeyLeaf[] {
  const names = [...new Set(nodes.filter(({ typed }) => typed).map(({ name }) => name))].sort();
  if (names.length === 0) return [];
  return [{ path: ["code", "format"], digest: canonicalDigest(names), shown: names.join(", ") }];
}

interface ReachedPackage {
  readonly installed: InstalledPackage;
  /** Files of it that the project imports. */
  readonly entries: readonly string[];
}

function modulePaths(targets: readonly ImportTarget[]): readonly string[] {
  return targets.flatMap((target) => (target.kind === "module" ? [target.path] : []));
}

function packageFolders(targets: readonly ImportTarget[]): ReadonlySet<string> {
  return new Set(targets.flatMap((target) => (target.kind === "package" ? [target.folder] : [])));
}

function titleOf(installed: InstalledPackage): string {
  return installed.title ?? `${installed.name}@?`;
}

function versionsByName(packages: readonly ReachedPackage[]): ReadonlyMap<string, ReadonlySet<string>> {
  const versions = new Map<string, Set<string>>();
  for (const { installed } of packages) {
    const known = versions.get(installed.name) ?? new Set();
    versions.set(installed.name, known.add(titleOf(installed)));
  }
  return versions;
}

/**
 * Names what imports lead to. A package's version is named only where several are installed: its own leaf tells it, and an
 * upgrade should not look like an edit of every file that imports it.
 */
function targetNames(packages: readonly ReachedPackage[], nameOf: (path: string) => string): TargetNames {
  const versions = versionsByName(packages);
  const byFolder = new Map(packages.map(({ installed }) => [installed.folder, installed]));
  const several = packages.filter(({ installed }) => (versions.get(installed.name)?.size ?? 0) > 1);
  const ambiguous = new Set(several.map(({ installed }) => installed.folder));
  return {
    ambiguous,
    nameOf: (target) => {
      if (target.kind === "builtin") return target.name;
      if (target.kind === "module") return nameOf(target.path);
      const installed = byFolder.get(target.folder);
      if (installed === undefined) return "package:";
      const title = ambiguous.has(target.folder) ? titleOf(installed) : installed.name;
      return `package:${title}${target.path.slice(target.folder.length)}`;
    },
  };
}

function byName(a: ModuleLeaf, b: ModuleLeaf): number {
  if (a.node.name === b.node.name) return 0;
  return a.node.name < b.node.name ? -1 : 1;
}

function flagsOf({ node }: ModuleLeaf): readonly UnseenActivity[] {
  return node.flags.map(({ name, line }) => ({ kind: "code", name, note: `${node.name}:${line}` }));
}

/**
 * Native code that can be reached, loaded already or not: packages with an addon, addons of the project, and what the
 * project's modules ask of Node. What a package asks of Node is seen when it does.
 */
function reachedNative(
  nodes: readonly ModuleNode[],
  holders: readonly ReachedPackage[],
  packages: readonly ReachedPackage[],
): readonly UnseenActivity[] {
  const names = new Set([
    ...nodes.flatMap(({ natives }) => natives),
    ...holders.flatMap(({ installed }) => pickersOf(installed, packages)),
  ]);
  return [...names].sort().map((name) => ({ kind: "native", name }));
}

function pickersOf(installed: InstalledPackage, packages: readonly ReachedPackage[]): readonly string[] {
  if (!installed.oneMachine) return [installed.name];
  const pickers = packages.filter((other) => other.installed.dependencies.includes(installed.folder));
  return pickers.length === 0 ? [installed.name] : pickers.map((other) => other.installed.name);
}

function untitledFlag(installed: InstalledPackage): readonly UnseenActivity[] {
  if (installed.title !== undefined) return [];
  return [{ kind: "code", name: `package ${installed.name}`, note: "its package.json has no version" }];
}
