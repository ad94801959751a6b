import { MetadataError } from "../errors.ts";
import type { RunId } from "../model/ids.ts";
import type { RunRecord } from "../model/run.ts";
import type { RepositoryQueries } from "../repository/repository-queries.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/** Whether a text means a run: its number, or `latest`. */
export function isRunText(text: string): boolean {
  return text === "latest" || /^\d+$/.test(text);
}

/**
 * The run that was typed; the latest unless told.
 *
 * @throws RepositoryError (`WS_USAGE`) for what is no run's number, MetadataError (`WS_NOT_FOUND`).
 */
export async function findRun(text: string | undefined, queries: RepositoryQueries): Promise<RunRecord> {
  if (text !== undefined && text !== "latest") return queries.run(runIdOf(text));
  const [latest] = (await queries.runs({ limit: 1 })).items;
  if (latest !== undefined) return latest;
  throw new MetadataError("WS_NOT_FOUND", {
    message: "Nothing was run in this repository yet.",
    hint: "`warmstart run FILE` runs a pipeline.",
  });
}

function runIdOf(text: string): RunId {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number as RunId;
  const otherwise = "Give a run's number as `warmstart runs` lists them, or `latest`.";
  throw usageError(`\`${text}\` is no run.`, didYouMean(text, ["latest"], otherwise));
}
