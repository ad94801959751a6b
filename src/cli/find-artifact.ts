import { MetadataError } from "../errors.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { ArtifactId } from "../model/ids.ts";
import type { RepositoryQueries } from "../repository/repository-queries.ts";
import { findRun, isRunText } from "./find-run.ts";
import { didYouMean } from "./usage-error.ts";

/**
 * The artifact that was typed: its id (`12`), a name with or without a version (`late-model@3`), or a result of a run
 * (`15/model`, `latest/folds/0`) or an output of one of its steps (`15/train`, `15/split/test`).
 *
 * @throws MetadataError (`WS_NOT_FOUND`) or PipelineError (`WS_BAD_REFERENCE`).
 */
export async function findArtifact(reference: string, queries: RepositoryQueries): Promise<ArtifactRecord> {
  if (/^\d+$/.test(reference)) return queries.artifact(Number(reference) as ArtifactId);
  const slash = reference.indexOf("/");
  const run = reference.slice(0, Math.max(0, slash));
  return slash > 0 && isRunText(run) ? ofRun(run, reference.slice(slash + 1), queries) : queries.artifact(reference);
}

async function ofRun(runText: string, path: string, queries: RepositoryQueries): Promise<ArtifactRecord> {
  const { id, end } = await findRun(runText, queries);
  const result = end?.results.find((candidate) => candidate.path === path);
  if (result !== undefined) return queries.artifact(result.artifactId as ArtifactId);
  const outputs = (await queries.executionsOf(id)).flatMap(({ nodeId, outputs: some }) =>
    some.map(({ name, artifact }) => ({ path: name === "output" ? nodeId : `${nodeId}/${name}`, artifact })),
  );
  const output = outputs.find((candidate) => candidate.path === path);
  if (output !== undefined) return output.artifact;
  const known = [...(end?.results ?? []), ...outputs].map((candidate) => candidate.path);
  const otherwise = known.length === 0 ? "It has none." : `It has ${[...new Set(known)].slice(0, 20).join(", ")}.`;
  throw new MetadataError("WS_NOT_FOUND", {
    message: `Run ${id} has no result or output \`${path}\`.`,
    hint: didYouMean(path, known, otherwise),
  });
}
