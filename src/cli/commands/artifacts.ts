import { formatAge } from "../../cache/format-age.ts";
import { formatBytes } from "../../materializer/builtin/stored-form.ts";
import { MaterializerError, WarmstartError } from "../../errors.ts";
import type { ArtifactQuery } from "../../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../../model/artifact.ts";
import type { ArtifactId } from "../../model/ids.ts";
import type { RepositoryQueries } from "../../repository/repository-queries.ts";
import type { Repository } from "../../repository/repository.ts";
import { systemClock } from "../../util/clock.ts";
import type { CommandCall, CommandRun } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { findArtifact } from "../find-artifact.ts";
import { plainLine } from "../format/plain-text.ts";
import { cutText } from "../format/text-width.ts";
import { artifactDocument, writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { artifactName } from "../render/result-lines.ts";
import { tableLines } from "../render/table.ts";
import { didYouMean, usageError } from "../usage-error.ts";

/**
 * `warmstart artifacts [list|get REF|open REF]`. Documents: list `{ artifacts: ArtifactDocument[] }`, get and open
 * `{ artifact: ArtifactDocument, path }`.
 */
export async function artifacts(call: CommandCall): Promise<number> {
  const [action = "list"] = call.parsed.arguments;
  const run = actions[action];
  if (run === undefined) {
    const known = Object.keys(actions);
    throw usageError(
      `\`warmstart artifacts\` cannot ${action}.`,
      didYouMean(action, known, `It can ${known.join(", ")}.`),
    );
  }
  return run(call);
}

const actions: Readonly<Record<string, CommandRun>> = { list, get, open };

async function list(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  if (parsed.arguments[1] !== undefined) throw usageError("`artifacts list` takes no REF.", "Use --name NAME.");
  await using repository = await openExistingRepository(call);
  const { items } = await repository.queries.artifacts(queryOf(call));
  if (parsed.flag("json")) writeDocument(terminal, "artifacts", { artifacts: items.map(artifactDocument) });
  else if (items.length === 0) terminal.out("No such artifact. `warmstart artifacts list` shows all.");
  else {
    const rows = await Promise.all(items.map((artifact) => rowOf(artifact, repository.queries)));
    for (const line of tableLines(HEADING, rows, terminal.paint)) terminal.out(cutText(line, terminal.columns()));
  }
  return EXIT_CODES.ok;
}

const HEADING = ["id", "from", "name", "type", "size", "made", "value"];

function queryOf({ parsed }: CommandCall): ArtifactQuery {
  const name = parsed.text("name");
  const type = parsed.text("type");
  return {
    limit: Math.min(1000, parsed.count("limit") ?? 20),
    ...(name === undefined ? {} : { name }),
    ...(type === undefined ? {} : { type }),
  };
}

async function rowOf(artifact: ArtifactRecord, queries: RepositoryQueries): Promise<readonly string[]> {
  const { id, type, size, createdAt, shown = "", state } = artifact;
  const made = `${formatAge(systemClock.now() - createdAt)} ago`;
  const value = state === "LIVE" ? plainLine(shown) : state.toLowerCase();
  return [
    String(id),
    await firstReference(id, queries),
    artifactName(artifact) ?? "",
    type.id,
    formatBytes(size),
    made,
    value,
  ];
}

/** Run, step and output that first had it, as `artifacts get` takes them: `15/train`, `15/split/test`. */
async function firstReference(id: ArtifactId, queries: RepositoryQueries): Promise<string> {
  const [producer] = (await queries.artifactUses(id)).producers;
  if (producer === undefined) return "";
  const { runId, nodeId, outputs } = await queries.execution(producer);
  const output = outputs.find(({ artifact }) => artifact.id === id)?.name ?? "output";
  return output === "output" ? `${runId}/${nodeId}` : `${runId}/${nodeId}/${output}`;
}

async function get(call: CommandCall): Promise<number> {
  const { parsed, terminal, cwd } = call;
  await using repository = await openExistingRepository(call);
  const artifact = await wanted(call, repository);
  const { writeArtifact } = await import("../write-artifact.ts");
  const [out, json] = [parsed.text("out"), parsed.flag("json")];
  // With --json nothing else goes to standard output: the value needs a place of its own.
  const path =
    json && out === undefined
      ? undefined
      : await explained(artifact, writeArtifact({ artifact, repository, out, raw: parsed.flag("raw"), cwd, terminal }));
  if (json) writeDocument(terminal, "artifacts", { artifact: artifactDocument(artifact), path });
  else if (path !== undefined) terminal.say(`Wrote ${path}`);
  return EXIT_CODES.ok;
}

async function open(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  await using repository = await openExistingRepository(call);
  const artifact = await wanted(call, repository);
  const { materialisedCopy, startViewer } = await import("../open-artifact.ts");
  const path = await explained(artifact, materialisedCopy(artifact, repository));
  if (parsed.flag("json")) writeDocument(terminal, "artifacts", { artifact: artifactDocument(artifact), path });
  else terminal.out(path);
  if (terminal.interactive && !parsed.flag("json")) await startViewer(path, terminal.say);
  return EXIT_CODES.ok;
}

/** A value of a class can only be made where its materializer was imported, and no pipeline's module is here. */
async function explained<T>({ type }: ArtifactRecord, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof WarmstartError) || error.code !== "WS_NO_MATERIALIZER") throw error;
    throw new MaterializerError("WS_NO_MATERIALIZER", {
      message: `The artifact is a \`${type.id}\`, which only the module that defines its materializer can read.`,
      hint: "`warmstart artifacts get REF --raw` writes the stored bytes; a program that imports that module can load it.",
      cause: error,
    });
  }
}

async function wanted({ parsed }: CommandCall, repository: Repository): Promise<ArtifactRecord> {
  const reference = parsed.arguments[1];
  if (reference !== undefined) return findArtifact(reference, repository.queries);
  const [action = ""] = parsed.arguments;
  throw usageError(
    `\`warmstart artifacts ${action}\` needs REF.`,
    `Write for example \`warmstart artifacts ${action} 15/model\`.`,
  );
}
