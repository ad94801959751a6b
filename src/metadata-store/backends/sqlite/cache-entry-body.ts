import type { Digest } from "../../../encoding/digest.ts";
import type { CacheKey } from "../../../encoding/key-tree.ts";
import { acceptanceOfHit } from "../../../model/acceptance.ts";
import type { Acceptance } from "../../../model/acceptance.ts";
import type { CacheEntry, CacheEntryDraft, ExecutionDraft, RecordedExecution } from "../../../model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../../model/ids.ts";
import type { ReadRecord, SideEffect, UnseenActivity } from "../../../model/reads.ts";
import { decodeMetrics, encodeMetrics } from "../../record-json.ts";
import { damagedStore } from "../../store-error.ts";
import { artifactOfBody, bodyOfArtifact } from "./artifact-body.ts";

/** Everything that a look-up answers about an entry, its artifacts inlined, so that one probe and one parse do. */
type EntryBody = readonly [
  runId: number,
  step: string,
  computedAt: number,
  durationMs: number,
  outputs: readonly (readonly [name: string, artifactId: number, artifact: unknown])[],
  reads: readonly (readonly [kind: ReadRecord["kind"], name: string, digest: string])[],
  effects: readonly SideEffect[],
  unseen: readonly UnseenActivity[],
  metrics: Readonly<Record<string, number | string>>,
  log: string | null,
  accepted?: Acceptance,
];

export function encodeEntry(
  draft: ExecutionDraft,
  entry: CacheEntryDraft,
  outputs: RecordedExecution["outputs"],
): string {
  const body: EntryBody = [
    draft.runId,
    draft.step,
    entry.computedAt ?? draft.endedAt,
    draft.durationMs,
    outputs.map(({ name, artifact }) => [name, artifact.id, bodyOfArtifact(artifact)]),
    entry.reads.map(({ kind, name, digest }) => [kind, name, digest]),
    entry.effects,
    entry.unseen,
    encodeMetrics(draft.metrics),
    draft.log ?? null,
    ...(draft.accepted === undefined ? ([] as const) : ([acceptanceOfHit(draft.accepted)] as const)),
  ];
  return JSON.stringify(body);
}

/**
 * The entry of a row whose artifacts are all LIVE.
 *
 * @throws when the text is not what `encodeEntry` made: such an entry must not be offered.
 */
export function decodeEntry(key: CacheKey, executionId: ExecutionId, text: string): CacheEntry {
  const body: unknown = JSON.parse(text);
  if (!isEntryBody(body)) throw damagedStore(`the cache entry of execution ${executionId} cannot be read`);
  const [runId, step, computedAt, durationMs, outputs, reads, effects, unseen, metrics, log, accepted] = body;
  return {
    executionId,
    runId: runId as RunId,
    step,
    key,
    computedAt,
    durationMs,
    reads: reads.map(([kind, name, digest]) => ({ kind, name, digest: digest as Digest })),
    effects,
    unseen,
    outputs: outputs.map(([name, id, artifact]) => ({
      name,
      artifact: artifactOfBody(id as ArtifactId, "LIVE", artifact),
    })),
    metrics: decodeMetrics(metrics),
    ...(log === null ? undefined : { log: log as Digest }),
    ...(accepted === undefined ? undefined : { accepted }),
  };
}

function isEntryBody(body: unknown): body is EntryBody {
  if (!Array.isArray(body) || body.length < 10 || body.length > 11) return false;
  const [runId, step, computedAt, durationMs, outputs, reads, effects, unseen, metrics, , accepted] = body as unknown[];
  return (
    typeof runId === "number" &&
    typeof step === "string" &&
    typeof computedAt === "number" &&
    typeof durationMs === "number" &&
    isListOfTriples(outputs) &&
    isListOfTriples(reads) &&
    Array.isArray(effects) &&
    Array.isArray(unseen) &&
    typeof metrics === "object" &&
    metrics !== null &&
    (body.length === 10 || isAcceptance(accepted))
  );
}

function isAcceptance(accepted: unknown): boolean {
  return typeof accepted === "object" && accepted !== null && "verified" in accepted && "by" in accepted;
}

function isListOfTriples(list: unknown): boolean {
  return Array.isArray(list) && list.every((item) => Array.isArray(item) && item.length === 3);
}
