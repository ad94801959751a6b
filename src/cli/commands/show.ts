import { previewValue } from "../../encoding/preview.ts";
import type { ArtifactId } from "../../model/ids.ts";
import type { ExecutionRecord } from "../../model/execution.ts";
import type { GitState, RunRecord } from "../../model/run.ts";
import type { Repository } from "../../repository/repository.ts";
import type { RunResult } from "../../runtime/run-event.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { findRun } from "../find-run.ts";
import { plainLine } from "../format/plain-text.ts";
import { formatTime } from "../format/time.ts";
import { executionDocument, outputDocuments, runDocument, writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { acceptanceLines } from "../render/acceptance-text.ts";
import { errorLines } from "../render/error-lines.ts";
import { executionRow } from "../render/execution-row.ts";
import { resultLines } from "../render/result-lines.ts";
import { summaryOf } from "../render/run-lines.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import type { Terminal } from "../terminal.ts";

/** `warmstart show [RUN]`: its document is `{ run: RunDocument, executions: ExecutionDocument[], results: OutputDocument[] }`. */
export async function show(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  await using repository = await openExistingRepository(call);
  const run = await findRun(parsed.arguments[0], repository.queries);
  const executions = await repository.queries.executionsOf(run.id);
  const results = await resultsOf(run, repository);
  if (!parsed.flag("json")) writeRun({ run, executions, results }, terminal);
  else {
    writeDocument(terminal, "show", {
      run: runDocument(run),
      executions: executions.map(executionDocument),
      results: outputDocuments(results.map(({ path, artifact }) => ({ name: path, artifact }))),
    });
  }
  return EXIT_CODES.ok;
}

async function resultsOf({ end }: RunRecord, { queries }: Repository): Promise<readonly RunResult[]> {
  const results = end?.results ?? [];
  return Promise.all(
    results.map(async ({ path, artifactId }) => ({ path, artifact: await queries.artifact(artifactId as ArtifactId) })),
  );
}

interface ShownRun {
  readonly run: RunRecord;
  readonly executions: readonly ExecutionRecord[];
  readonly results: readonly RunResult[];
}

function writeRun({ run, executions, results }: ShownRun, { out, paint, columns }: Terminal): void {
  const { end } = run;
  out(paint("bold", `run ${run.id}  ${run.pipeline}  ${stateText(run)}`));
  for (const [name, text] of factsOf(run)) out(`  ${name.padEnd(10)}  ${text}`);
  if (executions.length > 0) out("");
  const layout = {
    nameWidth: nameWidthOf(executions.map(({ nodeId }) => nodeId)),
    columns: columns(),
    cut: false,
    paint,
  };
  for (const execution of executions) {
    out(formatStepRow(executionRow(execution), layout));
    const metrics = Object.entries(execution.metrics);
    if (metrics.length > 0) out(paint("dim", `      ${metrics.map(([name, value]) => `${name} ${value}`).join("  ")}`));
    for (const line of acceptanceLines(execution.accepted)) out(paint("dim", `      ${line}`));
    if (execution.error !== undefined) for (const line of errorLines(execution.error, paint)) out(`      ${line}`);
  }
  if (end !== undefined) out(paint("bold", `  ${summaryOf(end.counts, end.endedAt - run.startedAt)}`));
  for (const line of resultLines(results, columns())) out(line);
}

function stateText({ state }: RunRecord): string {
  return state === "RUNNING" ? "running, or its process died" : state.toLowerCase();
}

function factsOf({
  params,
  startedAt,
  provenance,
  module,
  end,
  tags,
  note,
}: RunRecord): readonly (readonly [string, string])[] {
  const entries = Object.entries(params);
  const shown = entries.map(([name, value]) => `${name}=${previewValue(value, 60)}`);
  return [
    ["started", formatTime(startedAt)],
    ...(module === undefined ? [] : [["module", module] as const]),
    ["parameters", shown.length === 0 ? "none" : shown.join("  ")],
    ["command", plainLine(provenance.command.join(" "))],
    ["made with", `Node ${provenance.node}, ${provenance.platform}`],
    ["git", gitText(end?.git)],
    ...(tags.length === 0 ? [] : [["tags", tags.join(", ")] as const]),
    ...(note === undefined ? [] : [["note", plainLine(note)] as const]),
    ...(end?.error === undefined ? [] : [["error", plainLine(end.error)] as const]),
  ];
}

function gitText(git: GitState | undefined): string {
  if (git?.state !== "known") return "unknown";
  const commit = git.commit?.slice(0, 12) ?? "no commit";
  return `${commit}${git.branch === undefined ? "" : ` on ${git.branch}`}${git.dirty ? ", with changes" : ""}`;
}
