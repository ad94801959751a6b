import type { ArtifactRecord } from "../../model/artifact.ts";
import type { RunRecord } from "../../model/run.ts";
import type { NodeDiff, RunDiff } from "../../repository/run-diff.ts";
import type { RepositoryQueries } from "../../repository/repository-queries.ts";
import type { CommandCall } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { namedAmong } from "../executions-named.ts";
import { findRun } from "../find-run.ts";
import { artifactDocument, executionDocument, runDocument, writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { runDiffLines } from "../render/run-diff-lines.ts";
import { usageError } from "../usage-error.ts";

/**
 * `warmstart diff [RUN] [RUN] [STEP]`: its document is `{ before: RunDocument, after: RunDocument, facts, nodes: [{ node,
 * step, kind, before?: ExecutionDocument, after?: ExecutionDocument, differences, outputs: [{ name, same, before?:
 * ArtifactDocument, after?: ArtifactDocument }], metrics, times }] }`, as in `RunDiff`.
 */
export async function diff(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  await using repository = await openExistingRepository(call);
  const { queries } = repository;
  const [first, second, step] = parsed.arguments;
  const [before, after] = await runsOf(first, second, queries);
  const found = await queries.diff(before.id, after.id);
  const nodes = step === undefined ? found.nodes : nodesNamed(step, found.nodes);
  const shown = { ...found, nodes };
  if (parsed.flag("json")) writeDocument(terminal, "diff", documentOf(shown));
  else for (const line of runDiffLines(shown, terminal)) terminal.out(line);
  return EXIT_CODES.ok;
}

/** One run is compared with the one of its pipeline before it. */
async function runsOf(
  first: string | undefined,
  second: string | undefined,
  queries: RepositoryQueries,
): Promise<readonly [RunRecord, RunRecord]> {
  const one = await findRun(first, queries);
  if (second !== undefined) return [one, await findRun(second, queries)];
  const { items } = await queries.runs({ pipeline: one.pipeline, after: one.id, limit: 1 });
  const [earlier] = items;
  if (earlier !== undefined) return [earlier, one];
  throw usageError(
    `Run ${one.id} is the first of the pipeline ${one.pipeline}: there is nothing to compare it with.`,
    "`warmstart diff RUN RUN` compares any two runs; `warmstart runs` lists them.",
  );
}

function nodesNamed(name: string, nodes: readonly NodeDiff[]): readonly NodeDiff[] {
  const named = nodes.map((node) => ({ id: node.node, step: node.step, node }));
  return namedAmong(name, named, "Neither run").map(({ node }) => node);
}

function documentOf({ before, after, facts, nodes }: RunDiff): object {
  return {
    before: runDocument(before),
    after: runDocument(after),
    facts,
    nodes: nodes.map(({ before: old, after: now, outputs, ...rest }) => ({
      ...rest,
      ...(old === undefined ? {} : { before: executionDocument(old) }),
      ...(now === undefined ? {} : { after: executionDocument(now) }),
      outputs: outputs.map(({ name, same, ...sides }) => ({
        name,
        same,
        ...sideDocument("before", sides.before),
        ...sideDocument("after", sides.after),
      })),
    })),
  };
}

function sideDocument(side: "before" | "after", artifact: ArtifactRecord | undefined): object {
  return artifact === undefined ? {} : { [side]: artifactDocument(artifact) };
}
