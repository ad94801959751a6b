import { digestOf } from "../encoding/digest.ts";
import { keyOf, keyTree } from "../encoding/key-tree.ts";
import type { CacheKey, KeyTree } from "../encoding/key-tree.ts";
import type { StoredValue } from "../model/artifact.ts";
import type { CodeRecord } from "../model/code-record.ts";
import type { CacheEntry, CacheEntryDraft, ExecutionDraft } from "../model/execution.ts";
import type { ArtifactId, RunId } from "../model/ids.ts";
import type { PathSet } from "../model/reads.ts";
import type { RunDraft, RunEnd } from "../model/run.ts";

/** A run as a suite records it; whatever matters to a test is said by the test. */
export function runDraft(change: Partial<RunDraft> = {}): RunDraft {
  const provenance = { node: "24.0.0", platform: "linux-x64", command: ["warmstart", "run"] };
  return { pipeline: "flights", params: { rounds: 100 }, startedAt: 1_000, provenance, ...change };
}

export function runEnd(change: Partial<RunEnd> = {}): RunEnd {
  const counts = { reused: 1, computed: 2, failed: 0, canceled: 0, savedMs: 30 };
  return { state: "COMPLETE", endedAt: 2_000, results: [], counts, ...change };
}

/** A computed execution without outputs. */
export function executionDraft(runId: RunId, change: Partial<ExecutionDraft> = {}): ExecutionDraft {
  return {
    runId,
    nodeId: "train",
    step: "train",
    state: "COMPLETE",
    reason: { kind: "first-time", text: "first time" },
    startedAt: 1_100,
    endedAt: 1_150,
    durationMs: 50,
    savedMs: 0,
    attempts: 1,
    inputs: [],
    outputs: [],
    metrics: {},
    unseen: [],
    warnings: [],
    ...change,
  };
}

/** The stored form of a value that is told apart by `text`. */
export function storedValue(text: string, change: Partial<StoredValue> = {}): StoredValue {
  const digest = digestOf(text);
  return {
    type: { id: "structured", version: 1 },
    digest,
    blobs: [
      { digest, size: text.length },
      { digest: digestOf(`sidecar of ${text}`), size: 8 },
    ],
    size: text.length + 8,
    traits: [],
    shown: text,
    ...change,
  };
}

/** A key tree that is told apart by `text`. */
export function treeFor(text: string): KeyTree {
  return keyTree([
    { path: ["code", "closure"], digest: digestOf("the code"), shown: "train" },
    { path: ["config", "text"], digest: digestOf(text), shown: text },
  ]);
}

export function keyFor(text: string): CacheKey {
  return keyOf(treeFor(text));
}

export function entryDraft(key: CacheKey, change: Partial<CacheEntryDraft> = {}): CacheEntryDraft {
  return { key, reads: [], effects: [], unseen: [], retiresOlder: false, ...change };
}

/** A piece of code that is told apart by `name` and `text`. */
export function codeRecord(name: string, text: string, uses: readonly CodeRecord[] = []): CodeRecord {
  const used = uses.map(({ digest }) => digest);
  const own = digestOf(text);
  return { digest: digestOf([own, ...used].join()), own, name, file: "project:src/a.ts", line: 1, uses: used, text };
}

export function pathSet(...names: readonly string[]): PathSet {
  return { questions: names.map((name) => ({ kind: "file", name })) };
}

/** An execution with one output that answers look-ups for the key of `key`. */
export function answeringDraft(
  runId: RunId,
  about: { readonly key: string; readonly value: string; readonly entry?: Partial<CacheEntryDraft> },
  change: Partial<ExecutionDraft> = {},
): ExecutionDraft {
  const key = keyFor(about.key);
  return executionDraft(runId, {
    key,
    tree: treeFor(about.key),
    codeIdentity: digestOf("code 1"),
    outputs: [{ name: "model", stored: storedValue(about.value) }],
    entry: entryDraft(key, about.entry ?? {}),
    ...change,
  });
}

/** A reuse of an artifact. */
export function cachedDraft(
  runId: RunId,
  artifactId: ArtifactId,
  change: Partial<ExecutionDraft> = {},
): ExecutionDraft {
  return executionDraft(runId, {
    state: "CACHED",
    reason: { kind: "hit", text: "from run 1" },
    durationMs: 0,
    savedMs: 50,
    outputs: [{ name: "model", artifactId }],
    ...change,
  });
}

export function shownOutputs(entries: readonly CacheEntry[]): readonly (string | undefined)[] {
  return entries.map((entry) => entry.outputs[0]?.artifact.shown);
}
