import type { RunPlan } from "../../runtime/run-plan.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { writeDocument } from "../json-document.ts";
import { openRepository } from "../open-repository.ts";
import { estimateText, plannedRow, planSummary } from "../render/plan-lines.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { Terminal } from "../terminal.ts";

/** `warmstart plan [FILE]`: its document is `{ repository, pipeline, nodes, estimatedMs? }` of `RunPlan`. */
export async function plan(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const selected = await selectPipeline(call);
  await using repository = await openRepository(call);
  process.chdir(repository.projectRoot);
  const json = parsed.flag("json");
  const planned = await repository.plan(selected.pipeline, selected.params, { ...selected.options, explain: json });
  if (json) writeDocument(terminal, "plan", { repository: repository.folder, ...planned });
  else {
    if (repository.created) terminal.out(`Made the repository ${repository.folder}`);
    writePlan(planned, terminal);
  }
  return EXIT_CODES.ok;
}

function writePlan({ nodes, estimatedMs }: RunPlan, { out, paint, columns }: Terminal): void {
  const layout = { nameWidth: nameWidthOf(nodes.map(({ id }) => id)), columns: columns(), cut: false, paint };
  for (const node of nodes) out(formatStepRow(plannedRow(node), layout));
  out(`  ${paint("bold", planSummary(nodes))}${estimateText(nodes, estimatedMs)}`);
}
