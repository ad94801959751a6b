import { isAbsolute } from "node:path";
import { canonicalDigest } from "../../encoding/canonical.ts";
import type { Digest } from "../../encoding/digest.ts";
import type { CodeIdentityError } from "../../errors.ts";
import { packageFolderOf } from "../rooted-path.ts";
import type { Unit } from "./module-units.ts";
import type { SymbolNode } from "./symbol-node.ts";

/** All nodes of a graph, each once. Only what is named in `own` of these enters digests. */
export class NodeTable {
  readonly nodes: SymbolNode[] = [];
  readonly #places = new Map<string, number>();

  get(id: number): SymbolNode {
    const node = this.nodes[id];
    if (node === undefined) throw new RangeError(`There is no node ${id}.`);
    return node;
  }

  unit(path: string, place: number, unit: Unit): number {
    const { own, name, line } = unit;
    return this.#add(`unit ${place} ${path}`, { kind: "unit", own, name, path, line, unit });
  }

  root(path: string, functionPath: string, unit: Unit): number {
    const { own, name, line } = unit;
    return this.#add(`root ${JSON.stringify([path, functionPath])}`, { kind: "root", own, name, path, line, unit });
  }

  namespace(path: string): number {
    return this.#add(`namespace ${path}`, { kind: "namespace", own: ownOf("namespace"), name: lastOf(path), path });
  }

  evaluation(path: string): number {
    return this.#add(`evaluation ${path}`, { kind: "evaluation", own: ownOf("evaluation"), name: lastOf(path), path });
  }

  data(path: string, as: "value" | "bytes", digest: Digest): number {
    return this.#add(`data ${as} ${path}`, { kind: "data", own: ownOf("data", digest), name: lastOf(path), path });
  }

  /** Where a module lies, for code that looks at it. */
  place(path: string, name: string): number {
    return this.#add(`place ${path}`, {
      kind: "place",
      own: ownOf("place", name),
      name: `place of ${lastOf(path)}`,
      path,
    });
  }

  broken(path: string, digest: Digest, error: CodeIdentityError): number {
    const own = ownOf("broken", digest);
    return this.#add(`broken ${path}`, { kind: "broken", own, name: lastOf(path), path, error });
  }

  /** A package as a whole; with a path one of its files, which is there to tell what of a package is imported. */
  package(folder: string, path?: string): number {
    const name = packageFolderOf(folder)?.name ?? folder;
    const node = { kind: "package", own: ownOf("package", name), name: `package ${name}`, folder } as const;
    return this.#add(`package ${folder} ${path ?? ""}`, path === undefined ? node : { ...node, path });
  }

  builtin(name: string): number {
    return this.#add(name, { kind: "builtin", own: ownOf("builtin", name), name });
  }

  own(): number {
    return this.#add("own", { kind: "own", own: ownOf("warmstart"), name: "warmstart" });
  }

  unresolved(specifier: string, path: string, line: number): number {
    const name = `unresolved import ${specifier}`;
    // A path of this machine says nothing that the text around it does not say.
    const own = ownOf("unresolved", isAbsolute(specifier) ? "" : specifier);
    return this.#add(`unresolved ${JSON.stringify([specifier, path, line])}`, {
      kind: "unresolved",
      own,
      name,
      path,
      line,
    });
  }

  nothing(): number {
    return this.#add("nothing", { kind: "nothing", own: ownOf("nothing"), name: "nothing" });
  }

  #add(key: string, node: Omit<SymbolNode, "id">): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const id = this.nodes.length;
    this.nodes.push({ id, ...node });
    this.#places.set(key, id);
    return id;
  }
}

const owns = new Map<string, Digest>();

/** Framed, so that no two kinds share a digest. Those without a name are made once. */
function ownOf(kind: string, name = ""): Digest {
  const known = name === "" ? owns.get(kind) : undefined;
  if (known !== undefined) return known;
  const digest = canonicalDigest(["node", kind, name]);
  if (name === "") owns.set(kind, digest);
  return digest;
}

function lastOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
