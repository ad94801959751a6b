import type { PlannedNode } from "../../runtime/run-plan.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { namedAmong } from "../executions-named.ts";
import { writeDocument } from "../json-document.ts";
import { openRepository } from "../open-repository.ts";
import { differenceLines } from "../render/difference-lines.ts";
import { plannedRow, planSummary } from "../render/plan-lines.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { Terminal } from "../terminal.ts";

/** `warmstart explain FILE [STEP]`: what a run would do now, with every difference. Its document is that of `plan`. */
export async function explainFile(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const selected = await selectPipeline(call);
  await using repository = await openRepository(call);
  process.chdir(repository.projectRoot);
  const planned = await repository.plan(selected.pipeline, selected.params, { ...selected.options, explain: true });
  const step = parsed.arguments[1];
  const nodes = step === undefined ? planned.nodes : namedAmong(step, planned.nodes, "The pipeline");
  if (parsed.flag("json")) writeDocument(terminal, "explain", { repository: repository.folder, ...planned, nodes });
  else writeNodes(nodes, terminal);
  return EXIT_CODES.ok;
}

function writeNodes(nodes: readonly PlannedNode[], { out, paint, columns }: Terminal): void {
  const layout = { nameWidth: nameWidthOf(nodes.map(({ id }) => id)), columns: columns(), cut: false, paint };
  for (const node of nodes) {
    out(formatStepRow(plannedRow(node), layout));
    for (const line of detailsOf(node, paint)) out(`      ${line}`);
  }
  out(`  ${paint("bold", planSummary(nodes))}`);
}

function detailsOf(
  { id, step, comparedWith, differences = [] }: PlannedNode,
  paint: Terminal["paint"],
): readonly string[] {
  if (comparedWith === undefined || differences.length === 0) return [];
  const node = comparedWith.node === id ? "" : ` (${comparedWith.node})`;
  return [
    `compared with run ${comparedWith.run}${node}, the nearest earlier execution of ${step}:`,
    ...differenceLines(differences, paint),
  ];
}
