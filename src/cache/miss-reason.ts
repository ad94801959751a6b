import { diffKeyTrees, keyTree, mergeKeyTrees } from "../encoding/key-tree.ts";
import type { CacheKey, KeyDifference, KeyTree } from "../encoding/key-tree.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ExecutionRecord, Reason } from "../model/execution.ts";
import type { ExecutionId, RunId } from "../model/ids.ts";
import type { ReadRecord } from "../model/reads.ts";
import { readLeaves } from "./cache-key.ts";
import { CodeComparisons } from "./code-comparisons.ts";
import type { IdentityContent, LeafDifference } from "./code-comparisons.ts";
import { isRead } from "./read-differences.ts";
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
  readonly before?: ExecutionId;
  /** The run that it is part of: its other executions are no earlier ones. */
  readonly run?: { readonly id: RunId; readonly startedAt: number };
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
  const nearest = await nearestOf(compared, metadata);
  if (nearest === undefined) return undefined;
  return { ...nearest, differences: await withCode(nearest.differences, compared.code, code) };
}

interface Candidate {
  readonly execution: ExecutionRecord;
  readonly differences: readonly KeyDifference[];
}

/** Other nodes are only looked at where this one's own past is further away than one leaf. */
async function nearestOf(compared: ComparedKey, metadata: MetadataStore): Promise<Candidate | undefined> {
  const { nodeId } = compared;
  const seen = new Set<CacheKey>();
  let nearest: Candidate | undefined;
  for (const query of [{ nodeId, limit: COMPARED_OF_NODE }, { limit: COMPARED }]) {
    for (const { execution, key } of await earlierExecutions(compared, query, metadata)) {
      const earlier = seen.has(key) ? undefined : await metadata.keyTree(key);
      seen.add(key);
      if (earlier === undefined) continue;
      const differences = differencesTo(earlier, compared.tree, compared.answers);
      if (nearest === undefined || differences.length < nearest.differences.length)
        nearest = { execution, differences };
      if (nearest.differences.length <= 1) return nearest;
    }
  }
  return nearest;
}

async function earlierExecutions(
  { step, before, run }: ComparedKey,
  query: { readonly nodeId?: string; readonly limit: number },
  metadata: MetadataStore,
): Promise<readonly { readonly execution: ExecutionRecord; readonly key: CacheKey }[]> {
  const { items } = await metadata.executions({
    step,
    ...query,
    ...(before === undefined ? {} : { after: before }),
    // Within one millisecond a run may begin after another one's steps did: what is of the run itself is left out below.
    ...(run === undefined ? {} : { until: run.startedAt + 1 }),
  });
  return items.flatMap((execution) => {
    const { key, state, runId } = execution;
    return key === undefined || state === "CANCELED" || runId === run?.id ? [] : [{ execution, key }];
  });
}

/** Every leaf that differs between two recorded keys; none where one of their trees is not there. */
export async function keyDifferences(
  before: CacheKey,
  after: CacheKey,
  metadata: MetadataStore,
  code: CodeComparisons,
): Promise<readonly LeafDifference[]> {
  const [old, now] = [await metadata.keyTree(before), await metadata.keyTree(after)];
  return old === undefined || now === undefined ? [] : withCode(diffKeyTrees(old, now), undefined, code);
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
