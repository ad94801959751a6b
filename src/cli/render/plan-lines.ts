import { formatAge } from "../../cache/format-age.ts";
import type { PlannedNode, RunPlan } from "../../runtime/run-plan.ts";
import { formatDuration, formatDurations } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import { acceptedMark } from "./acceptance-text.ts";
import type { StepRow } from "./step-row.ts";

const looks = {
  reuse: { symbol: "✔", style: "green" },
  compute: { symbol: "●", style: "cyan" },
  depends: { symbol: "?", style: "yellow" },
} as const;

/** One line about what would become of a node. */
export function plannedRow({ id, verdict, text, origin, typicalMs }: PlannedNode): StepRow {
  const shown =
    origin === undefined
      ? plainLine(text)
      : `from run ${origin.runId}, ${formatAge(origin.ageMs)} ago${acceptedMark(origin.accepted)}`;
  const time = typicalMs === undefined ? "" : formatDuration(typicalMs);
  const right = time === "" ? "" : verdict === "reuse" ? `saves ${time}` : `about ${time}`;
  return { ...looks[verdict], name: id, verb: verdict, text: shown, right };
}

/** `3 to reuse, 1 to compute`, or `1 to 2 to compute` where some of it is only seen on the way. */
export function planSummary(nodes: readonly PlannedNode[]): string {
  const count = (verdict: PlannedNode["verdict"]): number => nodes.filter((node) => node.verdict === verdict).length;
  const [sure, open] = [count("compute"), count("depends")];
  return `${count("reuse")} to reuse, ${open === 0 ? sure : `${sure} to ${sure + open}`} to compute`;
}

/** `: about 3–5 s`. */
export function estimateText(nodes: readonly PlannedNode[], estimate: RunPlan["estimatedMs"]): string {
  if (nodes.every(({ verdict }) => verdict === "reuse")) return "";
  if (estimate === undefined) return ": how long is unknown, a step of it never ran";
  return `: about ${formatDurations(estimate.least, estimate.most)}`;
}
