import type { Digest } from "../encoding/digest.ts";
import { diffKeyTrees } from "../encoding/key-tree.ts";
import type { KeyDifference, KeyTree } from "../encoding/key-tree.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import { codeKey } from "../model/code-key.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { CodeChange } from "./code-change.ts";
import type { FindCode } from "./code-graph.ts";
import { compareCode } from "./compare-code.ts";

/** A leaf that differs; for one of code, the pieces that do, where they are recorded. */
export interface LeafDifference extends KeyDifference {
  readonly code?: readonly CodeChange[];
}

/** What a code identity is made of, as long as it is not recorded yet. */
export interface IdentityContent {
  readonly tree: KeyTree;
  readonly records: () => readonly CodeRecord[];
}

/** Compares code identities, each two of them once: the thousand nodes of one step miss for one edit. */
export class CodeComparisons {
  readonly #metadata: MetadataStore;
  readonly #known = new Map<string, Promise<readonly LeafDifference[]>>();

  constructor(metadata: MetadataStore) {
    this.#metadata = metadata;
  }

  /** Differing leaves under `code/`; none where one of the two was not recorded. */
  between(before: Digest, after: Digest, content?: IdentityContent): Promise<readonly LeafDifference[]> {
    const id = `${before} ${after}`;
    const known = this.#known.get(id) ?? this.#compare(before, after, content);
    this.#known.set(id, known);
    return known;
  }

  async #compare(
    before: Digest,
    after: Digest,
    content: IdentityContent | undefined,
  ): Promise<readonly LeafDifference[]> {
    const earlier = await this.#metadata.keyTree(codeKey(before));
    const now = content?.tree ?? (await this.#metadata.keyTree(codeKey(after)));
    if (earlier === undefined || now === undefined) return [];
    return withCode(diffKeyTrees(earlier, now), this.#finder(content));
  }

  /** Pieces that are not recorded yet come first; what was asked once is not asked again. */
  #finder(content: IdentityContent | undefined): FindCode {
    const known = new Map<Digest, CodeRecord | undefined>();
    for (const record of content?.records() ?? []) known.set(record.digest, record);
    return async (digests) => {
      const asked = digests.filter((digest) => !known.has(digest));
      const found = asked.length === 0 ? [] : await this.#metadata.codeRecords(asked);
      for (const [index, digest] of asked.entries()) known.set(digest, found[index]);
      return digests.map((digest) => known.get(digest));
    };
  }
}

/** A piece that several leaves lead to is told with the first of them. */
async function withCode(differences: readonly KeyDifference[], find: FindCode): Promise<readonly LeafDifference[]> {
  await find(differences.flatMap(({ before, after }) => (before && after ? [before.digest, after.digest] : [])));
  const told = new Set<string>();
  const all: LeafDifference[] = [];
  for (const difference of differences) {
    const changes = await codeChanges(difference, find);
    const code = changes?.filter(({ before, after }) => isFirst(told, `${before?.digest} ${after?.digest}`));
    all.push(code === undefined ? difference : { ...difference, code });
  }
  return all;
}

function codeChanges(
  { before, after, path }: KeyDifference,
  find: FindCode,
): Promise<readonly CodeChange[] | undefined> | undefined {
  if (before === undefined || after === undefined) return undefined;
  const name = rootName(path);
  return compareCode({ before: before.digest, after: after.digest, ...(name === undefined ? {} : { name }) }, find);
}

/** `code/materializer:late-model/function:0` is known by the materializer; a step's function by its own name. */
function rootName(path: readonly string[]): string | undefined {
  const materializer = path.find((segment) => segment.startsWith("materializer:"));
  if (materializer !== undefined) return materializer.replace(":", " ");
  return path.at(-1) === "program" ? "program" : undefined;
}

function isFirst(told: Set<string>, id: string): boolean {
  if (told.has(id)) return false;
  told.add(id);
  return true;
}
