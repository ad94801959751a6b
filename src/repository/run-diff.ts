import { CodeComparisons } from "../cache/code-comparisons.ts";
import { explainDifferences } from "../cache/explain-differences.ts";
import type { ExplainedDifference } from "../cache/explain-differences.ts";
import { keyDifferences } from "../cache/miss-reason.ts";
import { previewValue } from "../encoding/preview.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { RunRecord } from "../model/run.ts";

/** Two runs side by side. */
export interface RunDiff {
  readonly before: RunRecord;
  readonly after: RunRecord;
  /** Parameters, commit, Node and whatever else a run is recorded with, where they differ. */
  readonly facts: readonly FactDifference[];
  /** Every node of either run, in the order of the later one. */
  readonly nodes: readonly NodeDiff[];
}

export interface FactDifference {
  /** `rounds` of the parameters; `git`, `node`, `platform`, `lockfile`, `pipeline`, `module`. */
  readonly name: string;
  readonly kind: "parameter" | "provenance";
  /** Absent on the side that has none. */
  readonly before?: string;
  readonly after?: string;
}

/** One node in two runs. */
export interface NodeDiff {
  readonly node: string;
  readonly step: string;
  /** `same`: one key and the same outputs, whether computed or reused. */
  readonly kind: "same" | "changed" | "added" | "removed";
  readonly before?: ExecutionRecord;
  readonly after?: ExecutionRecord;
  /** What of the key differs: code, parameters, inputs, files, variables. */
  readonly differences: readonly ExplainedDifference[];
  readonly outputs: readonly OutputDiff[];
  /** Where they differ. */
  readonly metrics: readonly { readonly name: string; readonly before?: number; readonly after?: number }[];
  /** Milliseconds that computing took; of a reused node, when it was computed. */
  readonly times: { readonly before?: number; readonly after?: number };
}

export interface OutputDiff {
  readonly name: string;
  /** The same bytes of the same type. */
  readonly same: boolean;
  readonly before?: ArtifactRecord;
  readonly after?: ArtifactRecord;
}

interface RunContent {
  readonly run: RunRecord;
  /** In order of recording. */
  readonly executions: readonly ExecutionRecord[];
}

/** Compares two runs node by node; nothing is loaded and nothing is computed. */
export async function diffRuns(before: RunContent, after: RunContent, metadata: MetadataStore): Promise<RunDiff> {
  const code = new CodeComparisons(metadata);
  const old = byNode(before.executions);
  const now = byNode(after.executions);
  const nodes: NodeDiff[] = [];
  for (const name of new Set([...now.keys(), ...old.keys()]))
    nodes.push(await nodeDiff(old.get(name), now.get(name), metadata, code));
  return { before: before.run, after: after.run, facts: factsOf(before.run, after.run), nodes };
}

/** A node that was planned again in its run is what became of it last. */
function byNode(executions: readonly ExecutionRecord[]): ReadonlyMap<string, ExecutionRecord> {
  return new Map(executions.map((execution) => [execution.nodeId, execution]));
}

async function nodeDiff(
  before: ExecutionRecord | undefined,
  after: ExecutionRecord | undefined,
  metadata: MetadataStore,
  code: CodeComparisons,
): Promise<NodeDiff> {
  const one = after ?? before;
  if (one === undefined) throw new Error("a node is compared that neither run has");
  const differences = before && after ? await explained(before, after, metadata, code) : [];
  const outputs = outputDiffs(before, after);
  const metrics = metricDiffs(before?.metrics ?? {}, after?.metrics ?? {});
  return {
    node: one.nodeId,
    step: one.step,
    kind: kindOf(before, after, [differences, metrics, outputs.filter(({ same }) => !same)]),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    differences,
    outputs,
    metrics,
    times: { ...timeOf("before", before), ...timeOf("after", after) },
  };
}

function kindOf(
  before: ExecutionRecord | undefined,
  after: ExecutionRecord | undefined,
  differing: readonly (readonly unknown[])[],
): NodeDiff["kind"] {
  if (before === undefined) return "added";
  if (after === undefined) return "removed";
  const sameEnd = isGood(before) === isGood(after);
  return sameEnd && before.key === after.key && differing.every(({ length }) => length === 0) ? "same" : "changed";
}

function isGood({ state }: ExecutionRecord): boolean {
  return state === "COMPLETE" || state === "CACHED";
}

async function explained(
  before: ExecutionRecord,
  after: ExecutionRecord,
  metadata: MetadataStore,
  code: CodeComparisons,
): Promise<readonly ExplainedDifference[]> {
  if (before.key === undefined || after.key === undefined || before.key === after.key) return [];
  const differences = await keyDifferences(before.key, after.key, metadata, code);
  const { id, inputs, codeIdentity } = after;
  const key = { before: id, inputs, ...(codeIdentity === undefined ? {} : { codeIdentity }) };
  return explainDifferences(differences, key, metadata);
}

function outputDiffs(before: ExecutionRecord | undefined, after: ExecutionRecord | undefined): readonly OutputDiff[] {
  const old = new Map(before?.outputs.map(({ name, artifact }) => [name, artifact]));
  const now = new Map(after?.outputs.map(({ name, artifact }) => [name, artifact]));
  return [...new Set([...now.keys(), ...old.keys()])].map((name) => {
    const [left, right] = [old.get(name), now.get(name)];
    return {
      name,
      same: isSameContent(left, right),
      ...(left === undefined ? {} : { before: left }),
      ...(right === undefined ? {} : { after: right }),
    };
  });
}

function isSameContent(left: ArtifactRecord | undefined, right: ArtifactRecord | undefined): boolean {
  if (left === undefined || right === undefined || left.digest !== right.digest) return false;
  return left.type.id === right.type.id && left.type.version === right.type.version;
}

function metricDiffs(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): NodeDiff["metrics"] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (Object.is(old, now)) return [];
    return [{ name, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) }];
  });
}

function timeOf<S extends "before" | "after">(
  side: S,
  execution: ExecutionRecord | undefined,
): { readonly [K in S]?: number } {
  if (execution === undefined || !isGood(execution)) return {};
  const { state, durationMs, savedMs } = execution;
  return { [side]: state === "CACHED" ? savedMs : durationMs } as { readonly [K in S]?: number };
}

function factsOf(before: RunRecord, after: RunRecord): readonly FactDifference[] {
  return [
    ...differing("parameter", shownParams(before), shownParams(after)),
    ...differing("provenance", provenanceOf(before), provenanceOf(after)),
  ];
}

function differing(
  kind: FactDifference["kind"],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly FactDifference[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    return [
      { name, kind, ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) },
    ];
  });
}

function shownParams({ params }: RunRecord): ReadonlyMap<string, string> {
  return new Map(Object.entries(params).map(([name, value]) => [name, previewValue(value, 200)]));
}

function provenanceOf({ pipeline, module, provenance, end }: RunRecord): ReadonlyMap<string, string> {
  const git = end?.git?.state === "known" ? end.git : undefined;
  const commit = git?.commit === undefined ? undefined : `${git.commit}${git.dirty ? " with changes" : ""}`;
  const facts = { pipeline, module, git: commit, node: provenance.node, platform: provenance.platform };
  const all = { ...facts, lockfile: provenance.lockfileDigest };
  return new Map(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
