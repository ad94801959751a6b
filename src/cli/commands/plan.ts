import { formatAge } from "../../cache/format-age.ts";
import type { PlannedNode, RunPlan } from "../../runtime/run-plan.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import { writeDocument } from "../json-document.ts";
import { openRepository } from "../open-repository.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import type { StepRow } from "../render/step-row.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { Terminal } from "../terminal.ts";

/** `warmstart plan [FILE]`: its document is `{ repository, pipeline, nodes, estimatedMs? }` of `RunPlan`. */
export async function plan(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const selected = await selectPipeline(call);
  await using repository = await openRepository(call);
  process.chdir(repository.projectRoot);
  const planned = await repository.plan(selected.pipeline, selected.params, selected.options);
  if (parsed.flag("json")) writeDocument(terminal, "plan", { repository: repository.folder, ...planned });
  else {
    if (repository.created) terminal.out(`Made the repository ${repository.folder}`);
    writePlan(planned, terminal);
  }
  return EXIT_CODES.ok;
}

function writePlan({ nodes, estimatedMs }: RunPlan, { out, paint, columns }: Terminal): void {
  const layout = { nameWidth: nameWidthOf(nodes.map(({ id }) => id)), columns: columns(), cut: false, paint };
  for (const node of nodes) out(formatStepRow(rowOf(node), layout));
  out(`  ${paint("bold", planSummary(nodes))}${estimateText(nodes, estimatedMs)}`);
}

const looks = {
  reuse: { symbol: "✔", style: "green" },
  compute: { symbol: "●", style: "cyan" },
  depends: { symbol: "?", style: "yellow" },
} as const;

function rowOf({ id, verdict, text, origin, typicalMs }: PlannedNode): StepRow {
  const shown = origin === undefined ? plainLine(text) : `from run ${origin.runId}, ${formatAge(origin.ageMs)} ago`;
  const time = typicalMs === undefined ? "" : formatDuration(typicalMs);
  const right = time === "" ? "" : verdict === "reuse" ? `saves ${time}` : `about ${time}`;
  return { ...looks[verdict], name: id, verb: verdict, text: shown, right };
}

function planSummary(nodes: readonly PlannedNode[]): string {
  const count = (verdict: PlannedNode["verdict"]): number => nodes.filter((node) => node.verdict === verdict).length;
  const parts = [`${count("reuse")} to reuse`, `${count("compute")} to compute`];
  const depends = count("depends");
  return [...parts, ...(depends > 0 ? [`${depends} to be seen`] : [])].join(", ");
}

function estimateText(nodes: readonly PlannedNode[], estimate: RunPlan["estimatedMs"]): string {
  if (nodes.every(({ verdict }) => verdict === "reuse")) return "";
  if (estimate === undefined) return ": how long is unknown, a step of it never ran";
  const { least, most } = estimate;
  return least === most
    ? `: about ${formatDuration(most)}`
    : `: about ${formatDuration(least)} to ${formatDuration(most)}`;
}
