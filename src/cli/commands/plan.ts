import type { PlannedNode, RunPlan } from "../../runtime/run-plan.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { writeDocument } from "../json-document.ts";
import { openRepository } from "../open-repository.ts";
import { choicesFor } from "../render/choices.ts";
import { notOfferedLines } from "../render/not-offered.ts";
import type { NotOfferedResult } from "../render/not-offered.ts";
import { estimateText, plannedRow, planSummary } from "../render/plan-lines.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { Terminal } from "../terminal.ts";

/** `warmstart plan [FILE]`: its document is `{ repository, pipeline, nodes, estimatedMs? }` of `RunPlan`, with `choices` where words would reuse what is stored. */
export async function plan(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const selected = await selectPipeline(call);
  await using repository = await openRepository(call);
  process.chdir(repository.projectRoot);
  const json = parsed.flag("json");
  const planned = await repository.plan(selected.pipeline, selected.params, { ...selected.options, explain: json });
  if (json) writeDocument(terminal, "plan", { repository: repository.folder, ...documentOf(planned) });
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
  for (const line of notOfferedLines(nodes.flatMap(unvouchedOf), paint)) out(line);
}

function unvouchedOf({ id, step, text, unvouched, definedAt }: PlannedNode): readonly NotOfferedResult[] {
  if (unvouched === undefined) return [];
  return [{ text, unseen: unvouched, node: { id, step, ...(definedAt === undefined ? {} : { definedAt }) } }];
}

function documentOf({ nodes, ...rest }: RunPlan): object {
  const withChoices = nodes.map((node) =>
    node.unvouched === undefined ? node : { ...node, choices: choicesFor(node.unvouched, node.definedAt) },
  );
  return { ...rest, nodes: withChoices };
}
