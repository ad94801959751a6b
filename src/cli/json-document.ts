import type { Acceptance } from "../model/acceptance.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { ExecutionRecord, Reason } from "../model/execution.ts";
import type { RunRecord } from "../model/run.ts";
import type { NamedArtifact } from "../runtime/run-event.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The documents that `--json` writes. Every one begins `{ "warmstart": 1, "command": … }`; within one number, names are
 * only added and keep their meaning. Durations are milliseconds, moments are milliseconds since the epoch, sizes bytes.
 * A command that fails writes `{ "warmstart": 1, "command": …, "error": { code, message, hint?, details? } }`.
 */
const DOCUMENT_VERSION = 1;

export function writeDocument(terminal: Terminal, command: string, body: object): void {
  terminal.out(JSON.stringify({ warmstart: DOCUMENT_VERSION, command, ...body }, plainValue, 2));
}

function plainValue(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** A stored result. */
export interface ArtifactDocument {
  readonly id: number;
  /** Where it has a name. */
  readonly name?: string;
  readonly version?: number;
  readonly type: string;
  readonly typeVersion: number;
  readonly digest: string;
  readonly size: number;
  readonly shown?: string;
  readonly state: string;
  readonly createdAt: number;
}

export function artifactDocument(artifact: ArtifactRecord): ArtifactDocument {
  const { id, name, version, type, digest, size, shown, state, createdAt } = artifact;
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    type: type.id,
    typeVersion: type.version,
    digest,
    size,
    ...(shown === undefined ? {} : { shown }),
    state,
    createdAt,
  };
}

/** An output of a step, or a result of a run: a name or a path, and what it is. */
export type OutputDocument = ArtifactDocument & { readonly output: string };

export function outputDocuments(outputs: readonly NamedArtifact[]): readonly OutputDocument[] {
  return outputs.map(({ name, artifact }) => ({ output: name, ...artifactDocument(artifact) }));
}

/** One step of one run. */
export interface ExecutionDocument {
  readonly id: number;
  readonly run: number;
  readonly node: string;
  readonly step: string;
  readonly state: string;
  readonly reason: Reason;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly savedMs: number;
  readonly attempts: number;
  readonly key?: string;
  /** For CACHED: the execution that computed the outputs. */
  readonly origin?: number;
  /** Where other code computed the outputs: who adopted them, when, and on what evidence. */
  readonly accepted?: Acceptance;
  readonly outputs: readonly OutputDocument[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly unseen: readonly { readonly kind: string; readonly name: string; readonly note?: string }[];
  readonly warnings: readonly string[];
  readonly error?: ExecutionRecord["error"];
}

export function executionDocument(execution: ExecutionRecord): ExecutionDocument {
  const { id, runId, nodeId, step, state, reason, startedAt, durationMs, savedMs, attempts } = execution;
  const { key, originId, accepted, metrics, unseen, warnings, error } = execution;
  return {
    id,
    run: runId,
    node: nodeId,
    step,
    state,
    reason,
    startedAt,
    durationMs,
    savedMs,
    attempts,
    ...(key === undefined ? {} : { key }),
    ...(originId === undefined ? {} : { origin: originId }),
    ...(accepted === undefined ? {} : { accepted }),
    outputs: outputDocuments(execution.outputs),
    metrics,
    unseen,
    warnings,
    ...(error === undefined ? {} : { error }),
  };
}

/** One run. */
export interface RunDocument {
  readonly id: number;
  readonly pipeline: string;
  readonly module?: string;
  /** RUNNING, COMPLETE, FAILED, CANCELED; a run whose process died stays RUNNING. */
  readonly state: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly counts?: NonNullable<RunRecord["end"]>["counts"];
  readonly error?: string;
  readonly provenance: RunRecord["provenance"];
  readonly git?: NonNullable<RunRecord["end"]>["git"];
  readonly tags: readonly string[];
  readonly note?: string;
}

export function runDocument(run: RunRecord): RunDocument {
  const { id, pipeline, module, state, params, startedAt, end, provenance, tags, note } = run;
  return {
    id,
    pipeline,
    ...(module === undefined ? {} : { module }),
    state,
    params,
    startedAt,
    ...(end === undefined ? {} : { endedAt: end.endedAt, counts: end.counts }),
    ...(end?.error === undefined ? {} : { error: end.error }),
    provenance,
    ...(end?.git === undefined ? {} : { git: end.git }),
    tags,
    ...(note === undefined ? {} : { note }),
  };
}
