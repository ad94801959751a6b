import { formatAge } from "../../cache/format-age.ts";
import type { ExecutionRecord } from "../../model/execution.ts";
import type { Explanation, RepositoryQueries } from "../../repository/repository-queries.ts";
import { systemClock } from "../../util/clock.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { executionsNamed } from "../executions-named.ts";
import { findRun, isRunText } from "../find-run.ts";
import { formatDuration } from "../format/duration.ts";
import { plainLine } from "../format/plain-text.ts";
import { executionDocument, writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { executionRow } from "../render/execution-row.ts";
import { formatStepRow, nameWidthOf } from "../render/step-row.ts";
import type { RowLayout } from "../render/step-row.ts";
import type { Terminal } from "../terminal.ts";
import { didYouMean, usageError } from "../usage-error.ts";

/**
 * `warmstart explain [RUN|STEP]`: its document is `{ run, explanations: [{ execution: ExecutionDocument, text,
 * comparedWith?: ExecutionDocument, differences: [{ path, kind, before?, after? }], origin?: ExecutionDocument }] }`.
 */
export async function explain(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
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
    for (const line of detailsOf(explanation)) out(`      ${line}`);
  }
}

/** A reused step's line carries its origin and the age that it had. */
function rowOf({ execution, origin }: Explanation): ReturnType<typeof executionRow> {
  const row = executionRow(execution);
  if (origin === undefined) return row;
  return { ...row, text: `from run ${origin.runId}, ${formatAge(execution.startedAt - origin.endedAt)} old` };
}

function detailsOf({ execution, nearest, differences, origin }: Explanation): readonly string[] {
  if (origin !== undefined) {
    const age = formatAge(systemClock.now() - origin.endedAt);
    return [`computed ${age} ago in ${formatDuration(origin.durationMs)}, and not again`];
  }
  const compared =
    nearest === undefined || differences.length === 0
      ? []
      : [
          `compared with run ${nearest.runId}${nearest.nodeId === execution.nodeId ? "" : ` (${nearest.nodeId})`}, the nearest earlier execution of ${execution.step}:`,
        ];
  const unseen = execution.unseen.map(({ kind, name, note }) => `unseen: ${kind} ${plainLine(note ?? name)}`);
  return [...compared, ...differences.map(differenceText), ...unseen];
}

function differenceText({ path, kind, before, after }: Explanation["differences"][number]): string {
  const signs = { added: "+", removed: "-", changed: "~" } as const;
  return `${signs[kind]} ${plainLine(path)}${changeText(kind, before, after)}`;
}

function changeText(kind: Explanation["differences"][number]["kind"], before?: string, after?: string): string {
  if (kind === "changed")
    return before === undefined || after === undefined || before === after
      ? "  changed"
      : `  ${plainLine(before)} → ${plainLine(after)}`;
  const value = kind === "added" ? after : before;
  return value === undefined ? "" : `  ${plainLine(value)}`;
}

function toDocument({ execution, nearest, differences, origin, text }: Explanation): object {
  return {
    execution: executionDocument(execution),
    text,
    differences,
    ...(nearest === undefined ? {} : { comparedWith: executionDocument(nearest) }),
    ...(origin === undefined ? {} : { origin: executionDocument(origin) }),
  };
}
