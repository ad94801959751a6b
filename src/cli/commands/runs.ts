import { formatAge } from "../../cache/format-age.ts";
import type { RunQuery } from "../../metadata-store/metadata-store.ts";
import type { RunRecord } from "../../model/run.ts";
import type { RunState } from "../../model/states.ts";
import { systemClock } from "../../util/clock.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { formatDuration } from "../format/duration.ts";
import { runDocument, writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { tableLines } from "../render/table.ts";
import { didYouMean, usageError } from "../usage-error.ts";

const STATES: readonly RunState[] = ["RUNNING", "COMPLETE", "FAILED", "CANCELED"];

/** `warmstart runs`: its document is `{ runs: RunDocument[] }`. */
export async function runs(call: CommandCall): Promise<number> {
  const { terminal, parsed } = call;
  const query = queryOf(call);
  await using repository = await openExistingRepository(call);
  const { items } = await repository.queries.runs(query);
  if (parsed.flag("json")) writeDocument(terminal, "runs", { runs: items.map(runDocument) });
  else if (items.length > 0)
    tableLines(HEADING, items.map(rowOf), terminal.paint).forEach((line) => terminal.out(line));
  else terminal.out(await emptyText(query, repository.queries));
  return EXIT_CODES.ok;
}

const HEADING = ["run", "pipeline", "state", "steps", "took", "saved", "when"];

function queryOf({ parsed }: CommandCall): RunQuery {
  const pipeline = parsed.text("pipeline");
  const state = parsed.text("state");
  return {
    limit: Math.min(1000, parsed.count("limit") ?? 20),
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(state === undefined ? {} : { state: stateOf(state) }),
  };
}

function stateOf(text: string): RunState {
  const state = STATES.find((known) => known === text.toUpperCase());
  if (state !== undefined) return state;
  const names = STATES.map((known) => known.toLowerCase());
  throw usageError(`\`${text}\` is no state of a run.`, didYouMean(text, names, `Write one of ${names.join(", ")}.`));
}

function rowOf(run: RunRecord): readonly string[] {
  const { id, pipeline, state, startedAt, end } = run;
  const when = `${formatAge(systemClock.now() - startedAt)} ago`;
  if (end === undefined) return [String(id), pipeline, state.toLowerCase(), "", "", "", when];
  const { reused, computed, failed, canceled, savedMs } = end.counts;
  const others = [...(failed > 0 ? [`${failed} failed`] : []), ...(canceled > 0 ? [`${canceled} canceled`] : [])];
  const steps = [`${reused} reused`, `${computed} computed`, ...others].join(", ");
  const took = formatDuration(end.endedAt - startedAt);
  return [String(id), pipeline, state.toLowerCase(), steps, took, savedMs > 0 ? formatDuration(savedMs) : "", when];
}

async function emptyText(
  { pipeline }: RunQuery,
  queries: { pipelines(): Promise<readonly { readonly name: string }[]> },
): Promise<string> {
  if (pipeline === undefined) return "No such run yet. `warmstart run FILE` runs a pipeline.";
  const names = (await queries.pipelines()).map(({ name }) => name);
  const otherwise = names.length === 0 ? "Nothing was run here yet." : `Pipelines that ran here: ${names.join(", ")}.`;
  return `No such run of \`${pipeline}\`. ${names.includes(pipeline) ? "" : didYouMean(pipeline, names, otherwise)}`.trimEnd();
}
