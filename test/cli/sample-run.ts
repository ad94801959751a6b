import { digestOf } from "../../src/encoding/digest.ts";
import type { ArtifactRecord } from "../../src/model/artifact.ts";
import type { ArtifactId, ExecutionId, RunId } from "../../src/model/ids.ts";
import type { RunEvent } from "../../src/runtime/run-event.ts";

const run = (id: number): RunId => id as RunId;
const HOURS = 3_600_000;

function artifactOf(changes: Partial<ArtifactRecord>): ArtifactRecord {
  const digest = digestOf(new TextEncoder().encode("x"));
  const type = { id: "structured", version: 1 };
  const id = 1 as ArtifactId;
  return { id, state: "LIVE", type, digest, blobs: [], size: 20, traits: [], createdAt: 0, ...changes };
}

const node = (
  id: string,
  line: number,
): { id: string; step: string; definedAt: { url: string; line: number; column: number } } => ({
  id,
  step: id,
  definedAt: { url: new URL("flights.ts", `file://${process.cwd()}/`).href, line, column: 1 },
});

const changed = (text: string): { readonly kind: "changed"; readonly text: string } => ({ kind: "changed", text });

/** The run of the design's sample: two steps reused, two computed, one of which called a service. */
export const sampleRun: readonly RunEvent[] = [
  {
    kind: "run-started",
    runId: run(15),
    pipeline: "flights",
    nodes: [node("load", 6), node("split", 7), node("train", 8), node("notes", 9)],
  },
  {
    kind: "step-reused",
    nodeId: "load",
    origin: { executionId: 1 as ExecutionId, runId: run(14), ageMs: 2 * HOURS },
    savedMs: 21_400,
    outputs: [],
  },
  {
    kind: "step-reused",
    nodeId: "split",
    origin: { executionId: 2 as ExecutionId, runId: run(14), ageMs: 2 * HOURS },
    savedMs: 12_000,
    outputs: [],
  },
  { kind: "step-started", nodeId: "train", reason: changed("rounds: 100 → 200"), attempt: 1 },
  { kind: "step-output", nodeId: "train", stream: "stdout", text: "round 1\nround" },
  { kind: "step-output", nodeId: "train", stream: "stdout", text: " 2\nlast\u001b[2J words" },
  { kind: "step-progress", nodeId: "train", done: 200, total: 200 },
  {
    kind: "step-computed",
    nodeId: "train",
    reason: changed("rounds: 100 → 200"),
    durationMs: 31_200,
    outputs: [],
    metrics: {},
    warnings: [],
  },
  { kind: "step-started", nodeId: "notes", reason: changed("its input `model` changed"), attempt: 1 },
  {
    kind: "step-computed",
    nodeId: "notes",
    reason: changed("its input `model` changed"),
    durationMs: 2100,
    outputs: [],
    metrics: {},
    warnings: [],
    notOffered: { text: "api.openai.com", unseen: [{ kind: "network", name: "api.openai.com" }] },
  },
  {
    kind: "run-finished",
    runId: run(15),
    state: "COMPLETE",
    counts: { reused: 2, computed: 2, failed: 0, canceled: 0, savedMs: 33_400 },
    durationMs: 33_400,
    results: [
      {
        path: "model",
        artifact: artifactOf({
          type: { id: "late-model", version: 1 },
          name: "late-model",
          version: 7,
          shown: "Model",
          size: 1_200_000,
        }),
      },
      { path: "report", artifact: artifactOf({ shown: "{ auc: 0.69, … }" }) },
      { path: "page", artifact: artifactOf({ type: { id: "html", version: 1 }, shown: "<HTML, 12.0 KB>" }) },
    ],
  },
];
