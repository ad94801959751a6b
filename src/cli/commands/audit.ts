import { RepositoryError } from "../../errors.ts";
import type { AuditedStep, AuditOptions, AuditReport } from "../../repository/repository-audit.ts";
import type { AuditSample } from "../../repository/audit-sample.ts";
import { catchInterrupts } from "../interrupts.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import { writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import type { ParsedCommand } from "../parsed-command.ts";
import { errorLines } from "../render/error-lines.ts";
import { outputDifferenceLines } from "../render/output-difference-lines.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { Terminal } from "../terminal.ts";

/**
 * `warmstart audit [FILE]`: its document is `{ repository, pipeline, seed, sample?, steps, counts, durationMs }` of
 * `AuditReport`.
 */
export async function audit(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const options = optionsOf(parsed);
  const selected = await selectPipeline(call);
  await using repository = await openExistingRepository(call);
  process.chdir(repository.projectRoot);
  using interrupts = catchInterrupts((line) => terminal.say(line), "nothing is kept of an audit");
  const given = parsed.texts("param").length > 0 || parsed.text("params") !== undefined;
  const report = await repository.audit(selected.pipeline, given ? selected.params : undefined, {
    ...options,
    signal: interrupts.signal,
  });
  if (parsed.flag("json")) writeDocument(terminal, "audit", { repository: repository.folder, ...report });
  else writeReport(report, terminal);
  return report.counts.different + report.counts.failed > 0 ? EXIT_CODES.stepFailed : EXIT_CODES.ok;
}

function optionsOf(parsed: ParsedCommand): AuditOptions {
  const parallel = parsed.count("parallel");
  const [sample, seed] = [parsed.text("sample"), parsed.text("seed")];
  return {
    steps: parsed.texts("step"),
    sideEffects: parsed.flag("side-effects"),
    ...(sample === undefined ? {} : { sample: sampleOf(sample) }),
    ...(seed === undefined ? {} : { seed: seedOf(seed) }),
    ...(parallel === undefined ? {} : { parallel }),
  };
}

/** What is neither is refused by the audit itself. */
function sampleOf(text: string): AuditSample {
  return /^\d+$/.test(text) ? Number(text) : (text as AuditSample);
}

function seedOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RepositoryError("WS_USAGE", {
    message: `\`--seed ${text}\` is no whole number.`,
    hint: "Give the seed that an earlier audit printed.",
  });
}

const looks = {
  same: { symbol: "✔", style: "green", verb: "same" },
  different: { symbol: "✖", style: "red", verb: "differs" },
  failed: { symbol: "✖", style: "red", verb: "failed" },
  skipped: { symbol: "○", style: "dim", verb: "skipped" },
} as const;

function writeReport(report: AuditReport, { out, paint, columns }: Terminal): void {
  const layout = {
    nameWidth: nameWidthOf(report.steps.map(({ node }) => node)),
    columns: columns(),
    cut: false,
    paint,
  };
  for (const step of report.steps) {
    out(formatStepRow({ ...looks[step.verdict], name: step.node, text: textOf(step), right: rightOf(step) }, layout));
    for (const line of outputDifferenceLines(step.outputs)) out(`      ${line}`);
    if (step.error !== undefined) for (const line of errorLines(step.error, paint)) out(`      ${line}`);
    for (const note of step.notes) out(paint("dim", `      ${plainLine(note)}`));
  }
  out(`  ${paint("bold", summaryOf(report))}`);
}

function textOf({ run, reason }: AuditedStep): string {
  return plainLine(reason ?? `stored by run ${run ?? "?"}`);
}

function rightOf({ durationMs }: AuditedStep): string {
  return durationMs === undefined ? "" : formatDuration(durationMs);
}

function summaryOf({ counts, durationMs, sample, seed }: AuditReport): string {
  const { same, different, failed, skipped, notSampled } = counts;
  const compared = same + different + failed;
  const parts = [
    `${compared} ${compared === 1 ? "step" : "steps"} run again: ${same} same, ${different} different`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(sample === undefined ? [] : [`${notSampled} not in the sample of ${sample} (--seed ${seed})`]),
  ];
  return `${parts.join(", ")}, in ${formatDuration(durationMs)}; nothing in the repository changed`;
}
