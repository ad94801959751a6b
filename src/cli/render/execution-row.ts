import type { ExecutionRecord } from "../../model/execution.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import type { StepRow } from "./step-row.ts";

const looks = {
  COMPLETE: { symbol: "●", style: "cyan", verb: "computed" },
  CACHED: { symbol: "✔", style: "green", verb: "reused" },
  FAILED: { symbol: "✖", style: "red", verb: "failed" },
  CANCELED: { symbol: "○", style: "dim", verb: "canceled" },
  NEW: { symbol: "○", style: "dim", verb: "new" },
  RUNNING: { symbol: "◌", style: "dim", verb: "running" },
} as const;

/** A recorded execution as a line of a run. */
export function executionRow({ nodeId, state, reason, durationMs, savedMs, accepted }: ExecutionRecord): StepRow {
  const adopted = state === "COMPLETE" && accepted !== undefined ? { symbol: "≈", verb: "accepted" } : {};
  const text = plainLine(reason.text).replace(/^(?:reused|accepted) /, "");
  return { ...looks[state], ...adopted, name: nodeId, text, right: rightOf(state, durationMs, savedMs) };
}

function rightOf(state: ExecutionRecord["state"], durationMs: number, savedMs: number): string {
  if (state === "CACHED") return `saved ${formatDuration(savedMs)}`;
  return state === "COMPLETE" || state === "FAILED" ? formatDuration(durationMs) : "";
}
