import { diffKeyTrees, keyTree, mergeKeyTrees } from "../encoding/key-tree.ts";
import type { KeyDifference, KeyTree } from "../encoding/key-tree.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import { codeKey } from "../model/code-key.ts";
import type { ExecutionRecord, Reason } from "../model/execution.ts";
import type { ReadRecord } from "../model/reads.ts";
import { readLeaves } from "./cache-key.ts";
import { describeDifferences } from "./describe-difference.ts";

/** How many earlier executions of a step are compared; the nearest one explains the miss. */
const COMPARED = 30;

export interface Comparison {
  readonly execution: ExecutionRecord;
  readonly differences: readonly KeyDifference[];
}

/** What is compared: the key's tree as it is now. */
export interface ComparedKey {
  readonly step: string;
  readonly tree: KeyTree;
  /** Leaves of the code identity, when they are not recorded yet. */
  readonly codeTree?: KeyTree;
  /** What earlier executions had read, as it is now. */
  readonly answers: readonly (readonly ReadRecord[])[];
  /** Compare only with executions before this one. */
  readonly before?: number;
}

/**
 * The earlier execution of a step whose key differs least from this one, the newest among equals, with every differing
 * leaf; those of the code are taken from the two code trees. Undefined when the step never ran before.
 */
export async function nearestExecution(
  { step, tree, codeTree, answers, before }: ComparedKey,
  metadata: MetadataStore,
): Promise<Comparison | undefined> {
  const { items } = await metadata.executions({
    step,
    limit: COMPARED,
    ...(before === undefined ? {} : { after: before }),
  });
  let nearest: Comparison | undefined;
  for (const execution of items) {
    if (execution.key === undefined || execution.state === "CANCELED") continue;
    const earlier = await metadata.keyTree(execution.key);
    if (earlier === undefined) continue;
    const differences = differencesTo(earlier, tree, answers);
    if (nearest === undefined || differences.length < nearest.differences.length) nearest = { execution, differences };
  }
  return nearest === undefined
    ? undefined
    : { ...nearest, differences: await withCode(nearest.differences, codeTree, metadata) };
}

/** Why there is no stored result, from a comparison with the nearest earlier execution. */
export function missReason(comparison: Comparison | undefined): Reason {
  if (comparison === undefined) return { kind: "first-time", text: "first time" };
  const { execution, differences } = comparison;
  if (differences.length > 0) return { kind: "changed", text: describeDifferences(differences) };
  if (execution.state === "FAILED") return { kind: "failed-before", text: `it failed in run ${execution.runId}` };
  return { kind: "not-offered", text: `the result of run ${execution.runId} was not kept for reuse` };
}

/** With what was read compared as it is now, where the earlier execution asked the same questions. */
function differencesTo(
  earlier: KeyTree,
  tree: KeyTree,
  answers: readonly (readonly ReadRecord[])[],
): readonly KeyDifference[] {
  if (tree.leaves.some(isRead) || !earlier.leaves.some(isRead)) return diffKeyTrees(earlier, tree);
  const questions = earlier.leaves.filter(isRead).map(({ path }) => path.join("/"));
  const same = answers.map((answer) => keyTree(readLeaves(answer))).find((read) => asksAll(read, questions));
  if (same !== undefined) return diffKeyTrees(earlier, mergeKeyTrees(tree, same));
  return diffKeyTrees({ ...earlier, leaves: earlier.leaves.filter((leaf) => !isRead(leaf)) }, tree);
}

function asksAll(read: KeyTree, questions: readonly string[]): boolean {
  const asked = new Set(read.leaves.map(({ path }) => path.join("/")));
  return asked.size === questions.length && questions.every((question) => asked.has(question));
}

function isRead({ path: [head] }: { readonly path: readonly string[] }): boolean {
  return head === "reads" || head === "env";
}

async function withCode(
  differences: readonly KeyDifference[],
  codeTree: KeyTree | undefined,
  metadata: MetadataStore,
): Promise<readonly KeyDifference[]> {
  const all: KeyDifference[] = [];
  for (const difference of differences) {
    const [head, ...rest] = difference.path;
    const inside = head === "code" && rest.length === 0 ? await codeDifferences(difference, codeTree, metadata) : [];
    all.push(...(inside.length > 0 ? inside : [difference]));
  }
  return all;
}

async function codeDifferences(
  { before, after }: KeyDifference,
  codeTree: KeyTree | undefined,
  metadata: MetadataStore,
): Promise<readonly KeyDifference[]> {
  if (before === undefined || after === undefined) return [];
  const earlier = await metadata.keyTree(codeKey(before.digest));
  const now = codeTree ?? (await metadata.keyTree(codeKey(after.digest)));
  return earlier === undefined || now === undefined ? [] : diffKeyTrees(earlier, now);
}
