import { formatAge } from "../../cache/format-age.ts";
import type { ExecutionRecord } from "../../model/execution.ts";
import type { Explanation, RepositoryQueries } from "../../repository/repository-queries.ts";
import { tellingNames } from "../../observation/variable-rules.ts";
import { systemClock } from "../../util/clock.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { executionsNamed } from "../executions-named.ts";
import { isPipelineFile } from "../find-pipeline-file.ts";
import { findRun, isRunText } from "../find-run.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import { executionDocument, writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { acceptanceLines } from "../render/acceptance-text.ts";
import { executionRow } from "../render/execution-row.ts";
import { differenceLines } from "../render/difference-lines.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import type { RowLayout } from "../render/step-row.ts";
import { SELECTING } from "../selecting-options.ts";
import type { Terminal } from "../terminal.ts";
import { didYouMean, usageError } from "../usage-error.ts";

/**
 * `warmstart explain [RUN|STEP|FILE] [STEP]`: its document is `{ run, explanations: [{ execution: ExecutionDocument, text,
 * comparedWith?: ExecutionDocument, differences: ExplainedDifference[], trust: string[], notCounted: string[],
 * origin?: ExecutionDocument }] }`; `notCounted` are names of variables. Of a file it is what `plan` writes, with `differences`.
 */
export async function explain(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  const [first] = parsed.arguments;
  if (first !== undefined && isPipelineFile(first, call.cwd)) {
    const { explainFile } = await import("./explain-file.ts");
    return explainFile(call);
  }
  refuseRunOptions(call);
  await using repository = await openExistingRepository(call);
  const { queries } = repository;
  const [what, step] = parsed.arguments;
  const found = await executionsOf(what, queries);
  const executions = step === undefined ? found : executionsNamed(step, found);
  const explanations: Explanation[] = [];
  for (const execution of executions) explanations.push(await queries.explain(execution));
  if (!parsed.flag("json")) writeExplanations(explanations, terminal);
  else writeDocument(terminal, "explain", { run: executions[0]?.runId, explanations: explanations.map(toDocument) });
  return EXIT_CODES.ok;
}

async function executionsOf(what: string | undefined, queries: RepositoryQueries): Promise<readonly ExecutionRecord[]> {
  if (what === undefined || isRunText(what)) return queries.executionsOf((await findRun(what, queries)).id);
  for (const query of [{ step: what }, { nodeId: what }]) {
    const { items } = await queries.executions({ ...query, limit: 1 });
    if (items.length > 0) return items;
  }
  const names = await queries.stepNames();
  const otherwise =
    names.length === 0 ? "Nothing was run here yet." : `Steps that ran here: ${names.slice(0, 20).join(", ")}.`;
  throw usageError(`No step \`${what}\` was ever run here.`, didYouMean(what, names, otherwise));
}

function writeExplanations(explanations: readonly Explanation[], { out, paint, columns }: Terminal): void {
  const nameWidth = nameWidthOf(explanations.map(({ execution }) => execution.nodeId));
  const layout: RowLayout = { nameWidth, columns: columns(), cut: false, paint };
  const [first] = explanations;
  if (first !== undefined) out(paint("bold", `run ${first.execution.runId}`));
  for (const explanation of explanations) {
    out(formatStepRow(rowOf(explanation), layout));
    for (const line of detailsOf(explanation, paint)) out(`      ${line}`);
  }
}

/** A reused step's line carries its origin and the age that it had. */
function rowOf({ execution, origin }: Explanation): ReturnType<typeof executionRow> {
  const row = executionRow(execution);
  if (origin === undefined || execution.accepted !== undefined) return row;
  return { ...row, text: `from run ${origin.runId}, ${formatAge(execution.startedAt - origin.endedAt)} old` };
}

function detailsOf(explanation: Explanation, paint: Terminal["paint"]): readonly string[] {
  const { execution } = explanation;
  const warnings = execution.warnings.map((text) => `! ${plainLine(text)}`);
  const unseen = execution.unseen.map(({ kind, name, note }) => `unseen: ${kind} ${plainLine(note ?? name)}`);
  const names = notCounted(explanation);
  const ignored = names.length === 0 ? [] : [`read and not counted: ${plainLine(names.join(", "))}`];
  return [...levelsOf(explanation, paint, unseen), ...ignored, ...warnings];
}

function levelsOf(
  { execution, nearest, differences, origin, trust }: Explanation,
  paint: Terminal["paint"],
  unseen: readonly string[],
): readonly string[] {
  const accepted = acceptanceLines(execution.accepted);
  if (accepted.length > 0) return [...accepted, ...levelLines(trust), ...unseen];
  if (origin !== undefined) return [...hitLines(execution, origin, trust), ...unseen];
  const words = trust.length === 0 ? [] : [`offered for reuse where somebody says ${trustText(trust)}`];
  const compared =
    nearest === undefined || differences.length === 0
      ? []
      : [
          `compared with run ${nearest.runId}${nearest.nodeId === execution.nodeId ? "" : ` (${nearest.nodeId})`}, the nearest earlier execution of ${execution.step}:`,
        ];
  return [...compared, ...differenceLines(differences, paint), ...unseen, ...words];
}

/** Of a reused step: what was read when its result was computed. */
function notCounted({ execution, origin }: Explanation): readonly string[] {
  return tellingNames((origin ?? execution).ignored ?? []);
}

function hitLines({ savedMs }: ExecutionRecord, origin: ExecutionRecord, trust: readonly string[]): readonly string[] {
  const age = formatAge(systemClock.now() - origin.endedAt);
  return [
    `computed ${age} ago in ${formatDuration(origin.durationMs)}, and not again: saved ${formatDuration(savedMs)}`,
    ...levelLines(trust),
  ];
}

function levelLines(trust: readonly string[]): readonly string[] {
  const level = trust.length === 0 ? "observed" : `observed, and trusted: ${trust.join(", ")}`;
  return [`level: ${plainLine(level)}`];
}

function trustText(words: readonly string[]): string {
  return `trust: [${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

/** What decides about a run means nothing to a question about one that is over. */
function refuseRunOptions({ parsed }: CommandCall): void {
  const given = SELECTING.filter(({ name, value }) =>
    value === undefined ? parsed.flag(name) : parsed.texts(name).length > 0,
  );
  const [first] = given;
  if (first === undefined) return;
  throw usageError(
    `--${first.name} belongs to a pipeline's file, and none was given.`,
    "`warmstart explain FILE` says what would happen now; `warmstart explain RUN` what happened then.",
  );
}

function toDocument(explanation: Explanation): object {
  const { execution, nearest, differences, origin, text, trust } = explanation;
  return {
    execution: executionDocument(execution),
    text,
    differences,
    trust,
    notCounted: notCounted(explanation),
    ...(nearest === undefined ? {} : { comparedWith: executionDocument(nearest) }),
    ...(origin === undefined ? {} : { origin: executionDocument(origin) }),
  };
}
