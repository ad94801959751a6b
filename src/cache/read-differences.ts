import { diffKeyTrees, keyTree } from "../encoding/key-tree.ts";
import type { KeyDifference, KeyLeaf } from "../encoding/key-tree.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { ReadQuestion } from "../model/reads.ts";
import type { Revalidation } from "../observation/revalidation.ts";
import { readLeaves } from "./cache-key.ts";

/**
 * What an earlier execution read and is something else now. Under another weak key a look-up does not ask this, so it is
 * asked where somebody wants to know all of what differs.
 */
export async function readDifferences(
  { key }: ExecutionRecord,
  revalidation: Revalidation,
  metadata: MetadataStore,
): Promise<readonly KeyDifference[]> {
  const tree = key === undefined ? undefined : await metadata.keyTree(key);
  const leaves = (tree?.leaves ?? []).filter(isRead);
  const questions = leaves.flatMap((leaf) => questionOf(leaf) ?? []);
  if (questions.length === 0) return [];
  const answers = await revalidation.answers({ questions });
  return answers === undefined ? [] : diffKeyTrees(keyTree(leaves), keyTree(readLeaves(answers)));
}

/** Whether a leaf is something that was read: a file, a folder, a variable. */
export function isRead({ path: [head] }: Pick<KeyLeaf, "path">): boolean {
  return head === "reads" || head === "env";
}

/** The question that a leaf of `readLeaves` answers. */
function questionOf({ path: [head, ...rest] }: KeyLeaf): ReadQuestion | undefined {
  const text = rest.join("/");
  if (head === "env") return { kind: "env", name: text };
  const match = /^(file|directory|listing|folder|link|source):(.*)$/s.exec(text);
  return match === null ? undefined : { kind: match[1] as ReadQuestion["kind"], name: match[2] ?? "" };
}
