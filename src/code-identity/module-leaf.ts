import { pathToFileURL } from "node:url";
import { canonicalDigest } from "../encoding/canonical.ts";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import type { KeyLeaf } from "../encoding/key-tree.ts";
import type { IdentifiedModule } from "./code-identity.ts";
import type { ImportTarget, ModuleNode } from "./module-graph.ts";

/** A module as part of identities. */
export interface ModuleLeaf {
  readonly node: ModuleNode;
  /** `code/file:…`: its bytes, and what its imports lead to. */
  readonly leaf: KeyLeaf;
  readonly module: IdentifiedModule;
}

/** How import targets are called, and which packages must be told apart by version. */
export interface TargetNames {
  readonly nameOf: (target: ImportTarget) => string;
  /** Folders of packages that are installed in several versions. */
  readonly ambiguous: ReadonlySet<string>;
}

/** Makes the leaf of each module once, as long as no import of it is called otherwise in one closure than in another. */
export class ModuleLeaves {
  readonly #plain = new Map<string, ModuleLeaf>();

  forget(): void {
    this.#plain.clear();
  }

  leafOf(node: ModuleNode, names: TargetNames): ModuleLeaf {
    const { ambiguous } = names;
    const special =
      ambiguous.size > 0 && node.edges.some(({ target }) => target.kind === "package" && ambiguous.has(target.folder));
    if (special) return makeLeaf(node, names);
    const known = this.#plain.get(node.path);
    if (known !== undefined) return known;
    const leaf = makeLeaf(node, names);
    this.#plain.set(node.path, leaf);
    return leaf;
  }
}

function makeLeaf(node: ModuleNode, { nameOf }: TargetNames): ModuleLeaf {
  const targets = node.edges.map((edge) => [edge.specifier, nameOf(edge.target)] as const);
  return {
    node,
    leaf: { path: ["code", `file:${node.name}`], digest: canonicalDigest([node.digest, targets]) },
    module: { url: pathToFileURL(node.path).href, name: node.name, digest: node.digest },
  };
}

/** One digest over leaves in their order: each part is framed by its length. */
export function digestOfLeaves(leaves: readonly KeyLeaf[]): Digest {
  let text = "";
  for (const { path, digest } of leaves) {
    text += digest;
    for (const segment of path) text += `${segment.length}:${segment}`;
    text += ";";
  }
  return digestOf(Buffer.from(text, "utf16le"));
}
