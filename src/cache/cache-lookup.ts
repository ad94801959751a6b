import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { keyOf, mergeKeyTrees, keyTree } from "../encoding/key-tree.ts";
import type { CacheKey, KeyTree } from "../encoding/key-tree.ts";
import type { KeyLookup, MetadataStore } from "../metadata-store/metadata-store.ts";
import type { CacheEntry, Reason } from "../model/execution.ts";
import type { ReadRecord, UnseenActivity } from "../model/reads.ts";
import { shownPath } from "../model/shown-path.ts";
import type { Revalidation } from "../observation/revalidation.ts";
import type { EffectivePolicy } from "./cache-policy.ts";
import { trustWord, untrusted, withinTtl } from "./cache-policy.ts";
import { readLeaves } from "./cache-key.ts";
import { formatAge } from "./format-age.ts";

/** One question to the cache: may this step's result be taken from the store? */
export interface LookupRequest {
  readonly key: CacheKey;
  readonly tree: KeyTree;
  readonly policy: EffectivePolicy;
  readonly trust: ReadonlySet<string>;
}

/** A hit is a handle on stored artifacts that are there; nothing of them was read yet. */
export interface Hit {
  readonly kind: "hit";
  readonly entry: CacheEntry;
  /** The whole tree, with the reads that were found unchanged. */
  readonly tree: KeyTree;
}

export interface Miss {
  readonly kind: "miss";
  /** Why what is stored under the key may not be used; undefined when nothing is stored under it. */
  readonly reason: Reason | undefined;
  /** What nobody vouched for, where nothing else keeps a stored result from being used. */
  readonly unvouched?: readonly UnseenActivity[];
  /** What earlier executions with this weak key had read, as it is now: for the explanation. */
  readonly answers: readonly (readonly ReadRecord[])[];
}

export type LookupAnswer = Hit | Miss;

export interface CacheLookupInit {
  readonly metadata: MetadataStore;
  readonly artifacts: ArtifactStore;
  readonly revalidation: Revalidation;
  now(): number;
}

type Presence = ReadonlyMap<CacheEntry, boolean>;

interface ChoiceInit extends CacheLookupInit {
  readonly presence: Presence;
}

interface Candidate {
  readonly entry: CacheEntry;
  readonly tree: KeyTree;
}

interface Found {
  readonly candidates: readonly Candidate[];
  readonly answers: readonly (readonly ReadRecord[])[];
}

/**
 * Looks up a batch of keys: one query for what stands under them, one more for what was read under them. A result is a
 * hit only when everything that its execution read is as it was, everything it wrote still stands, nothing unseen is
 * left without trust, its age is allowed, and every byte of every output is there.
 */
export async function lookUp(
  requests: readonly LookupRequest[],
  init: CacheLookupInit,
): Promise<readonly LookupAnswer[]> {
  const asked = requests.filter(({ policy }) => policy.mode === "use");
  const found = await findCandidates(asked, init);
  const presence = await presenceOfFirst(found, init.artifacts);
  const answers = new Map<LookupRequest, LookupAnswer>();
  for (const [index, request] of asked.entries()) {
    const here = found[index] ?? { candidates: [], answers: [] };
    answers.set(request, await choose(request, here, { ...init, presence }));
  }
  return requests.map((request) => answers.get(request) ?? notAsked(request));
}

/** Whether the bytes of every request's newest candidate are there, asked for the whole batch at once. */
async function presenceOfFirst(found: readonly Found[], artifacts: ArtifactStore): Promise<Presence> {
  const entries = found.flatMap(({ candidates: [first] }) => first?.entry ?? []);
  const blobs = entries.map((entry) => entry.outputs.flatMap(({ artifact }) => artifact.blobs));
  const there = await artifacts.has(blobs.flat());
  const presence = new Map<CacheEntry, boolean>();
  let next = 0;
  for (const [index, entry] of entries.entries()) {
    const count = blobs[index]?.length ?? 0;
    presence.set(entry, there.slice(next, next + count).every(Boolean));
    next += count;
  }
  return presence;
}

function notAsked({ policy }: LookupRequest): Miss {
  const by = policy.from === "run" ? "asked for by this run" : `said by the ${policy.from}`;
  const reason: Reason =
    policy.mode === "refresh"
      ? { kind: "refresh", text: `refresh, ${by}` }
      : { kind: "cache-off", text: `cache off, ${by}` };
  return { kind: "miss", reason, answers: [] };
}

async function findCandidates(requests: readonly LookupRequest[], init: CacheLookupInit): Promise<readonly Found[]> {
  if (requests.length === 0) return [];
  const direct = await init.metadata.lookup(requests.map(({ key }) => key));
  const read = await answerPathSets(requests, direct, init.revalidation);
  const strong = read.flatMap(({ trees }) => trees.map(({ key }) => key));
  const underStrong = strong.length === 0 ? [] : await init.metadata.lookup(strong);
  const entriesOf = new Map(strong.map((key, index) => [key, underStrong[index]?.entries ?? []]));
  return requests.map((request, index) => ({
    answers: read[index]?.answers ?? [],
    candidates: [
      ...(direct[index]?.entries ?? []).map((entry) => ({ entry, tree: request.tree })),
      ...(read[index]?.trees ?? []).flatMap(({ key, tree }) =>
        (entriesOf.get(key) ?? []).map((entry) => ({ entry, tree })),
      ),
    ].sort((a, b) => b.entry.executionId - a.entry.executionId),
  }));
}

interface AnsweredPathSets {
  readonly answers: readonly (readonly ReadRecord[])[];
  readonly trees: readonly { readonly key: CacheKey; readonly tree: KeyTree }[];
}

/** The path sets of all requests together: each question is asked once, whatever the number of steps that read it. */
async function answerPathSets(
  requests: readonly LookupRequest[],
  found: readonly KeyLookup[],
  revalidation: Revalidation,
): Promise<readonly AnsweredPathSets[]> {
  const setsOf = requests.map((_, index) => found[index]?.pathSets ?? []);
  const answers = (await revalidation.answersTogether(setsOf.flat())).values();
  return requests.map((request, index) => {
    const own = (setsOf[index] ?? []).flatMap(() => {
      const answer = answers.next().value;
      return answer === undefined ? [] : [answer];
    });
    return { answers: own, trees: own.map((answer) => withReads(request.tree, answer)) };
  });
}

function withReads(weak: KeyTree, reads: readonly ReadRecord[]): AnsweredPathSets["trees"][number] {
  const tree = mergeKeyTrees(weak, keyTree(readLeaves(reads)));
  return { key: keyOf(tree), tree };
}

async function choose(request: LookupRequest, { candidates, answers }: Found, init: ChoiceInit): Promise<LookupAnswer> {
  let reason: Reason | undefined;
  let unvouched: readonly UnseenActivity[] | undefined;
  for (const { entry, tree } of candidates) {
    const objection = await objectionTo(entry, request, init);
    if (objection === undefined) return { kind: "hit", entry, tree };
    if (reason === undefined && objection.kind === "not-offered") unvouched = untrusted(entry.unseen, request.trust);
    reason ??= objection;
  }
  return { kind: "miss", reason, answers, ...(unvouched === undefined ? {} : { unvouched }) };
}

/** Why a stored result may not be used; undefined when it may. Last what a word of the user's would change. */
async function objectionTo(entry: CacheEntry, request: LookupRequest, init: ChoiceInit): Promise<Reason | undefined> {
  return (
    expiredReason(entry, request, init.now()) ??
    (await disturbedReason(entry, init)) ??
    (await missingReason(entry, init)) ??
    untrustedReason(entry, request)
  );
}

function untrustedReason(entry: CacheEntry, { trust }: LookupRequest): Reason | undefined {
  const [first] = untrusted(entry.unseen, trust);
  if (first === undefined) return undefined;
  return {
    kind: "not-offered",
    text: `run ${entry.runId} stored a result that nobody vouched for (${trustWord(first)})`,
  };
}

function expiredReason(entry: CacheEntry, { policy }: LookupRequest, now: number): Reason | undefined {
  if (withinTtl(entry.computedAt, now, policy.ttlMs)) return undefined;
  const age = now - entry.computedAt;
  const text =
    age < 0
      ? "its result bears a time that is yet to come, so its age is not known"
      : `its result is ${formatAge(age)} old, older than its ttl`;
  return { kind: "expired", text };
}

async function disturbedReason(entry: CacheEntry, init: CacheLookupInit): Promise<Reason | undefined> {
  if (entry.effects.length === 0) return undefined;
  const path = await init.revalidation.disturbed(entry.effects);
  return path === undefined
    ? undefined
    : { kind: "side-effect", text: `${shownPath(path)}, which it wrote, holds something else now` };
}

async function missingReason(entry: CacheEntry, init: ChoiceInit): Promise<Reason | undefined> {
  if (init.presence.get(entry) ?? (await isWhole(entry, init.artifacts))) return undefined;
  return { kind: "missing-artifact", text: `the stored output of run ${entry.runId} is no longer there` };
}

async function isWhole(entry: CacheEntry, artifacts: ArtifactStore): Promise<boolean> {
  const there = await artifacts.has(entry.outputs.flatMap(({ artifact }) => artifact.blobs));
  return there.every(Boolean);
}
