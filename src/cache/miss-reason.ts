import { diffKeyTrees, keyTree, mergeKeyTrees } from "../encoding/key-tree.ts";
import type { CacheKey, KeyDifference, KeyTree } from "../encoding/key-tree.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ExecutionRecord, Reason } from "../model/execution.ts";
import type { ReadRecord } from "../model/reads.ts";
import { readLeaves } from "./cache-key.ts";
import { CodeComparisons } from "./code-comparisons.ts";
import type { IdentityContent, LeafDifference } from "./code-comparisons.ts";
import { describeDifferences } from "./describe-difference.ts";

/** How many earlier executions of a step are compared; the nearest one explains the miss. */
const COMPARED = 30;
const COMPARED_OF_NODE = 10;

export interface Comparison {
  readonly execution: ExecutionRecord;
  readonly differences: readonly LeafDifference[];
}

/** What is compared: the key's tree as it is now. */
export interface ComparedKey {
  readonly step: string;
  /** Earlier executions of the same node are looked at first: of a thousand alike, it is the one meant. */
  readonly nodeId: string;
  readonly tree: KeyTree;
  /** What the code identity is made of, when it is not recorded yet. */
  readonly code?: IdentityContent;
  /** What earlier executions had read, as it is now. */
  readonly answers: readonly (readonly ReadRecord[])[];
  /** Compare only with executions before this one. */
  readonly before?: number;
}

/**
 * The earlier execution of a step whose key differs least from this one, of the same node and the newest among equals,
 * with every differing leaf; those of the code are taken from the two code identities. Undefined when the step never
 * ran before.
 */
export async function nearestExecution(
  compared: ComparedKey,
  metadata: MetadataStore,
  code: CodeComparisons = new CodeComparisons(metadata),
): Promise<Comparison | undefined> {
  const { tree, answers } = compared;
  let nearest: { readonly execution: ExecutionRecord; readonly differences: readonly KeyDifference[] } | undefined;
  for (const execution of await candidatesFor(compared, metadata)) {
    const earlier = await metadata.keyTree(execution.key);
    if (earlier === undefined) continue;
    const differences = differencesTo(earlier, tree, answers);
    if (nearest === undefined || differences.length < nearest.differences.length) nearest = { execution, differences };
    if (differences.length === 0) break;
  }
  if (nearest === undefined) return undefined;
  return { ...nearest, differences: await withCode(nearest.differences, compared.code, code) };
}

type KeyedExecution = ExecutionRecord & { readonly key: CacheKey };

/** Those of the node first, each key once. */
async function candidatesFor(
  { step, nodeId, before }: ComparedKey,
  metadata: MetadataStore,
): Promise<readonly KeyedExecution[]> {
  const after = before === undefined ? {} : { after: before };
  const ofNode = await metadata.executions({ step, nodeId, limit: COMPARED_OF_NODE, ...after });
  const ofStep = await metadata.executions({ step, limit: COMPARED, ...after });
  const byKey = new Map<CacheKey, KeyedExecution>();
  for (const execution of [...ofNode.items, ...ofStep.items]) {
    const { key, state } = execution;
    if (key !== undefined && state !== "CANCELED" && !byKey.has(key)) byKey.set(key, { ...execution, key });
  }
  return [...byKey.values()];
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

/** The one leaf of the code as the leaves and pieces behind it, where they are recorded. */
async function withCode(
  differences: readonly KeyDifference[],
  content: IdentityContent | undefined,
  code: CodeComparisons,
): Promise<readonly LeafDifference[]> {
  const all: LeafDifference[] = [];
  for (const difference of differences) {
    const { before, after, path } = difference;
    const isCode = path.length === 1 && path[0] === "code" && before !== undefined && after !== undefined;
    const inside = isCode ? await code.between(before.digest, after.digest, content) : [];
    all.push(...(inside.length > 0 ? inside : [difference]));
  }
  return all;
}
