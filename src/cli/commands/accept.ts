import type { AcceptOptions, AcceptReport } from "../../repository/acceptance-report.ts";
import type { Repository } from "../../repository/repository.ts";
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
import type { StepRow } from "../render/step-row.ts";
import { selectPipeline } from "../select-pipeline.ts";
import type { Terminal } from "../terminal.ts";
import { usageError } from "../usage-error.ts";

/**
 * `warmstart accept STEP [FILE]`: its document is `{ repository, pipeline, … }` of `AcceptReport`; with `--undo`
 * `{ repository, … }` of `UndoReport`.
 */
export async function accept(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const [step] = parsed.arguments;
  if (step === undefined) throw usageError("Which step?", "Name the step of which the code changed.");
  if (parsed.flag("undo")) return undo(step, call);
  const options = optionsOf(parsed);
  const { pipeline } = await selectPipeline(call, 1);
  await using repository = await openExistingRepository(call);
  process.chdir(repository.projectRoot);
  using interrupts = catchInterrupts((line) => terminal.say(line), "nothing is adopted");
  const report = await repository.accept(pipeline, step, { ...options, signal: interrupts.signal });
  if (parsed.flag("json"))
    writeDocument(terminal, "accept", { repository: repository.folder, pipeline: pipeline.name, ...report });
  else writeReport(report, terminal);
  return report.outcome === "adopted" ? EXIT_CODES.ok : EXIT_CODES.stepFailed;
}

function optionsOf(parsed: ParsedCommand): AcceptOptions {
  const [verify, parallel, budget] = [parsed.count("verify"), parsed.count("parallel"), parsed.text("budget")];
  return {
    unverified: parsed.flag("unverified"),
    sideEffects: parsed.flag("side-effects"),
    ...(verify === undefined ? {} : { verify }),
    ...(parallel === undefined ? {} : { parallel }),
    ...(budget === undefined ? {} : { budget: budget as AcceptOptions["budget"] & string }),
  };
}

async function undo(step: string, call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  await using repository: Repository = await openExistingRepository(call);
  const report = await repository.undoAcceptance(step);
  if (parsed.flag("json")) writeDocument(terminal, "accept", { repository: repository.folder, ...report });
  else if (report.run === undefined) terminal.out(`No acceptance of ${plainLine(step)} is in force.`);
  else
    terminal.out(
      `Run ${report.run} is undone: ${count(report.retired, "result")} that it adopted will not be offered again.`,
    );
  return report.run === undefined ? EXIT_CODES.stepFailed : EXIT_CODES.ok;
}

function writeReport(report: AcceptReport, { out, paint, columns }: Terminal): void {
  const { adopted, differing, left } = report;
  const names = [...adopted, ...differing, ...left].map(({ node }) => node);
  const layout = { nameWidth: nameWidthOf(names), columns: columns(), cut: false, paint };
  const row = (about: Pick<StepRow, "symbol" | "style" | "name" | "verb" | "text">): void =>
    out(formatStepRow({ ...about, right: "" }, layout));
  for (const { node, run, verified } of adopted)
    row({ symbol: "≈", style: "green", name: node, verb: "accepted", text: `of run ${run}, ${how[verified]}` });
  for (const { node, run, outputs, error } of differing) {
    row({ symbol: "✖", style: "red", name: node, verb: "differs", text: `stored by run ${run}` });
    for (const line of outputDifferenceLines(outputs)) out(`      ${line}`);
    if (error !== undefined) for (const line of errorLines(error, paint)) out(`      ${line}`);
  }
  for (const { node, run, reason } of left)
    row({ symbol: "○", style: "dim", name: node, verb: "left", text: `of run ${run}: ${plainLine(reason)}` });
  out(`  ${paint("bold", summaryOf(report))}`);
  out(`  ${report.risk}`);
}

const how = {
  own: "equal on its own inputs",
  others: "on the evidence of others",
  none: "UNVERIFIED",
} as const;

function summaryOf({ outcome, adopted, compared, step, run, by, durationMs }: AcceptReport): string {
  const time = `${count(compared, "result")} compared in ${formatDuration(durationMs)}`;
  if (outcome === "different") return `${plainLine(step)} gives another result: nothing was adopted; ${time}`;
  if (outcome === "nothing")
    return `No stored result could be adopted for the present code of ${plainLine(step)}; ${time}`;
  return `${count(adopted.length, "result")} adopted by ${plainLine(by)}, ${time}        run ${run ?? ""}   undo: warmstart accept ${plainLine(step)} --undo`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
