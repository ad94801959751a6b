import { readLeaves } from "../cache/cache-key.ts";
import type { Digest } from "../encoding/digest.ts";
import { keyOf, keyTree, mergeKeyTrees } from "../encoding/key-tree.ts";
import type { StepFinding, StepResult } from "../executor/executor.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { StoredValue } from "../model/artifact.ts";
import type { Acceptance } from "../model/acceptance.ts";
import type {
  CacheEntry,
  CacheEntryDraft,
  ErrorRecord,
  ExecutionDraft,
  ExecutionEvent,
  OutputDraft,
  Reason,
  RecordedExecution,
} from "../model/execution.ts";
import type { ExecutionState } from "../model/states.ts";
import type { ReadRecord, SideEffect, UnseenActivity } from "../model/reads.ts";
import { questionsOf } from "../observation/revalidation.ts";
import { recordedNotices } from "./code-notices.ts";
import type { ResultGroup } from "./result-groups.ts";
import type { RunSession } from "./run-session.ts";
import type { ComputePlan, KeyedNode, ReusePlan } from "./step-plan.ts";

/** Hits are recorded in groups of this many. */
const GROUP = 256;

/** A result of other code that is to be offered for the present code, and why. */
export interface Adoption {
  readonly plan: KeyedNode;
  readonly entry: CacheEntry;
  /** Of the present code, where it was run on these inputs; else those of the code that computed the result. */
  readonly reads: readonly ReadRecord[];
  readonly effects: readonly SideEffect[];
  readonly unseen: readonly UnseenActivity[];
  readonly warnings: readonly string[];
  readonly accepted: Acceptance;
  /** For people. */
  readonly text: string;
}

export type DoneResult = Extract<StepResult, { kind: "done" }>;

/** When an attempt began and ended, milliseconds since the epoch, and which it was. */
export interface AttemptTimes {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attempts: number;
}

export interface ComputedFacts {
  readonly times: AttemptTimes;
  /** False where something that entered its key changed meanwhile. */
  readonly mayBeOffered: boolean;
  readonly group: ResultGroup;
}

export type PublisherInit = Pick<RunSession, "runId" | "metadata" | "clock" | "identifier">;

/** Writes what became of each step: the only one who writes executions, after their bytes are stored. */
export class StepPublisher {
  readonly #session: PublisherInit;
  readonly #metadata: MetadataStore;
  #waiting: ExecutionDraft[] = [];
  #together: { readonly draft: ExecutionDraft; readonly recorded: PromiseWithResolvers<RecordedExecution> }[] = [];
  /** Identities whose pieces of code are recorded: they are many, and most steps of a program share them. */
  readonly #recordedCode = new Set<Digest>();

  constructor(session: PublisherInit) {
    this.#session = session;
    this.#metadata = session.metadata;
  }

  /** Binds a hit's artifacts to a new execution; recorded with the next group. */
  async reused(plan: ReusePlan): Promise<void> {
    const { entry, node } = plan;
    const now = this.#session.clock.now();
    this.#waiting.push({
      ...this.#base(
        plan,
        { kind: "hit", text: `reused from run ${entry.runId}${acceptedText(entry.accepted)}` },
        "CACHED",
      ),
      ...(plan.keyed === undefined ? {} : { key: entry.key, codeIdentity: plan.keyed.identity.digest }),
      nodeId: node.id,
      startedAt: now,
      endedAt: now,
      durationMs: 0,
      savedMs: entry.durationMs,
      attempts: 0,
      originId: entry.executionId,
      outputs: boundOutputs(entry, node),
      metrics: entry.metrics,
      unseen: entry.unseen,
      warnings: [],
      ...(entry.log === undefined ? {} : { log: entry.log }),
      ...(entry.accepted === undefined ? {} : { accepted: entry.accepted }),
    });
    if (this.#waiting.length >= GROUP) await this.flush();
  }

  /** Records a computed step, in one transaction with the others of its group. */
  async computed(
    plan: ComputePlan,
    result: DoneResult,
    { times, mayBeOffered, group }: ComputedFacts,
  ): Promise<RecordedExecution> {
    const unseen = unseenOf(plan, result);
    const entry = mayBeOffered ? entryOf(plan, result, unseen) : undefined;
    const tree = plan.keyed === undefined ? undefined : fullTree(plan.keyed.tree, result.reads);
    const names = namesOf(plan.node);
    const draft: ExecutionDraft = {
      ...this.#base(plan, plan.reason, "COMPLETE"),
      ...keyPart(plan, tree),
      ...(await this.#codePart(plan)),
      ...times,
      durationMs: result.durationMs,
      savedMs: 0,
      outputs: result.outputs.map(({ name, stored }) => {
        const artifactName = names.get(name);
        return { name, stored, ...(artifactName === undefined ? {} : { artifactName }) };
      }),
      unseen,
      ...findingPart(result),
      warnings: [...result.warnings, ...recordedNotices(plan)],
      ...(entry === undefined ? {} : { entry }),
    };
    return group.size === 1 ? this.#writeOne(draft) : this.#writeTogether(draft);
  }

  /** Binds results that other code computed to the present code's keys, all in one transaction. */
  async adopted(adoptions: readonly Adoption[]): Promise<readonly RecordedExecution[]> {
    const now = this.#session.clock.now();
    const codes = new Set<Digest>();
    const drafts: ExecutionDraft[] = [];
    for (const adoption of adoptions) {
      const { keyed } = adoption.plan;
      if (keyed === undefined) throw new Error("a step that could not be keyed was to be adopted");
      drafts.push(await this.#adoptionDraft(adoption, keyed, now, !codes.has(keyed.identity.digest)));
      codes.add(keyed.identity.digest);
    }
    return this.#write(drafts);
  }

  async #adoptionDraft(
    { plan, entry, reads, effects, unseen, warnings, accepted, text }: Adoption,
    keyed: NonNullable<KeyedNode["keyed"]>,
    now: number,
    withCode: boolean,
  ): Promise<ExecutionDraft> {
    const content = { reads, effects, unseen, retiresOlder: false, computedAt: entry.computedAt };
    return {
      ...this.#base(plan, { kind: "accepted", text }, "COMPLETE"),
      ...keyPart(plan, fullTree(keyed.tree, reads)),
      ...(withCode ? await this.#codePart(plan) : {}),
      startedAt: now,
      endedAt: now,
      durationMs: entry.durationMs,
      savedMs: 0,
      attempts: 0,
      originId: entry.executionId,
      accepted,
      outputs: boundOutputs(entry, plan.node),
      entry: entryUnder(keyed, content),
      metrics: entry.metrics,
      unseen,
      warnings,
      ...(entry.log === undefined ? {} : { log: entry.log }),
    };
  }

  async failed(
    plan: ComputePlan,
    error: ErrorRecord,
    times: AttemptTimes,
    finding: (Partial<StepFinding> & { readonly durationMs: number }) | undefined,
  ): Promise<void> {
    await this.#write([
      {
        ...this.#base(plan, plan.reason, "FAILED"),
        ...keyPart(plan, plan.keyed?.tree),
        ...(await this.#codePart(plan)),
        ...times,
        durationMs: finding?.durationMs ?? times.endedAt - times.startedAt,
        savedMs: 0,
        outputs: [],
        unseen: finding?.unseen ?? [],
        error,
        ...findingPart(finding),
      },
    ]);
  }

  /** Records that a node did not run, and why. */
  async canceled(nodeId: string, step: string, reason: Reason): Promise<void> {
    const now = this.#session.clock.now();
    this.#waiting.push({
      runId: this.#session.runId,
      nodeId,
      step,
      state: "CANCELED",
      reason,
      startedAt: now,
      endedAt: now,
      durationMs: 0,
      savedMs: 0,
      attempts: 0,
      inputs: [],
      outputs: [],
      metrics: {},
      unseen: [],
      warnings: [],
    });
    if (this.#waiting.length >= GROUP) await this.flush();
  }

  async flush(): Promise<void> {
    const drafts = this.#waiting;
    this.#waiting = [];
    if (drafts.length > 0) await this.#metadata.record(drafts);
  }

  async #writeOne(draft: ExecutionDraft): Promise<RecordedExecution> {
    const [recorded] = await this.#write([draft]);
    if (recorded === undefined) throw new Error("the metadata store gave no answer for a recorded execution");
    return recorded;
  }

  /** With all that are told of before this turn of the loop ends. */
  #writeTogether(draft: ExecutionDraft): Promise<RecordedExecution> {
    const recorded = Promise.withResolvers<RecordedExecution>();
    this.#together.push({ draft, recorded });
    if (this.#together.length === 1) setImmediate(() => void this.#writeGroup());
    return recorded.promise;
  }

  async #writeGroup(): Promise<void> {
    const group = this.#together;
    this.#together = [];
    try {
      const written = await this.#write(group.map(({ draft }) => draft));
      for (const [index, { recorded }] of group.entries()) recorded.resolve(written[index] as RecordedExecution);
    } catch {
      // One alone may be what was refused: each is told what becomes of itself.
      for (const { draft, recorded } of group) recorded.resolve(this.#writeOne(draft));
    }
  }

  /** What waits goes into the same transaction, before. */
  async #write(drafts: readonly ExecutionDraft[]): Promise<readonly RecordedExecution[]> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const recorded = await this.#metadata.record([...waiting, ...drafts]).catch((error: unknown) => {
      this.#waiting = [...waiting, ...this.#waiting];
      throw error;
    });
    for (const { codeIdentity } of drafts) if (codeIdentity !== undefined) this.#recordedCode.add(codeIdentity);
    return recorded.slice(waiting.length);
  }

  /** Taking code apart costs more than asking whether that was done: an unchanged step's code is recorded already. */
  async #codePart({ keyed }: KeyedNode): Promise<Pick<ExecutionDraft, "codeRecords">> {
    if (keyed === undefined || this.#recordedCode.has(keyed.identity.digest)) return {};
    const known = await this.#metadata.codeRecords(keyed.identity.pieces);
    if (known.every((record) => record !== undefined)) return {};
    return { codeRecords: this.#session.identifier.recordsOf(keyed.identity) };
  }

  #base(plan: KeyedNode, reason: Reason, state: ExecutionState): BaseDraft {
    const { node, inputs } = plan;
    const events: ExecutionEvent[] = [...inputs].map(([name, artifact]) => ({ name, artifactId: artifact.id }));
    return { runId: this.#session.runId, nodeId: node.id, step: node.step, state, reason, inputs: events };
  }
}

function acceptedText(accepted: Acceptance | undefined): string {
  if (accepted === undefined) return "";
  return accepted.verified === "none" ? ", accepted UNVERIFIED" : ", accepted";
}

/** Bound, not copied. The name is no part of the key: what was stored under another name, or none, gets this one too. */
function boundOutputs({ outputs }: CacheEntry, node: KeyedNode["node"]): readonly OutputDraft[] {
  const names = namesOf(node);
  return outputs.map(({ name, artifact }) => {
    const artifactName = names.get(name);
    if (artifactName === undefined || artifactName === artifact.name) return { name, artifactId: artifact.id };
    return { name, stored: storedOf(artifact), artifactName };
  });
}

function namesOf({ outputs }: KeyedNode["node"]): ReadonlyMap<string, string | undefined> {
  return new Map(outputs.map(({ name, artifactName }) => [name, artifactName]));
}

function storedOf({ type, digest, blobs, size, traits, shown }: StoredValue): StoredValue {
  return { type, digest, blobs, size, traits, ...(shown === undefined ? {} : { shown }) };
}

type BaseDraft = Pick<ExecutionDraft, "runId" | "nodeId" | "step" | "state" | "reason" | "inputs">;

function keyPart(plan: KeyedNode, tree: NonNullable<KeyedNode["keyed"]>["tree"] | undefined): Partial<ExecutionDraft> {
  if (plan.keyed === undefined || tree === undefined) return {};
  const { identity, key, tree: weak } = plan.keyed;
  return {
    key: tree === weak ? key : keyOf(tree),
    tree,
    codeIdentity: identity.digest,
    codeTree: keyTree(identity.leaves),
  };
}

function findingPart(
  finding: Partial<StepFinding> | undefined,
): Pick<ExecutionDraft, "ignored" | "metrics" | "warnings" | "log"> {
  const log = finding?.log;
  return {
    metrics: finding?.metrics ?? {},
    warnings: finding?.warnings ?? [],
    ...(finding?.ignored === undefined ? {} : { ignored: finding.ignored }),
    ...(log === undefined ? {} : { log: log.digest }),
  };
}

/** What could not be seen, of the code and of what the execution did: what it did is told with its place. */
export function unseenOf(plan: KeyedNode, { unseen: done }: Pick<StepFinding, "unseen">): readonly UnseenActivity[] {
  const did = new Set(done.map(({ kind, name }) => `${kind}:${name}`));
  const reached = plan.keyed?.identity.unseen ?? [];
  return [...reached.filter(({ kind, name, note }) => note !== undefined || !did.has(`${kind}:${name}`)), ...done];
}

type Keyed = NonNullable<KeyedNode["keyed"]>;

/** The weak tree with what was read. */
export function fullTree(weak: Keyed["tree"], reads: readonly ReadRecord[]): Keyed["tree"] {
  return reads.length === 0 ? weak : mergeKeyTrees(weak, keyTree(readLeaves(reads)));
}

function entryOf(
  plan: ComputePlan,
  result: DoneResult,
  unseen: readonly UnseenActivity[],
): CacheEntryDraft | undefined {
  if (plan.keyed === undefined || plan.policy.mode === "off") return undefined;
  const { reads, effects } = result;
  return entryUnder(plan.keyed, { reads, effects, unseen, retiresOlder: plan.policy.mode === "refresh" });
}

function entryUnder({ key, tree }: Keyed, content: Omit<CacheEntryDraft, "key" | "weak">): CacheEntryDraft {
  const whole = fullTree(tree, content.reads);
  if (whole === tree) return { key, ...content };
  return { key: keyOf(whole), weak: { key, pathSet: questionsOf(content.reads) }, ...content };
}
