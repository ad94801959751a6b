import type { CommandCall } from "../command-spec.ts";
import { executionsNamed } from "../executions-named.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { findRun, isRunText } from "../find-run.ts";
import { writeDocument } from "../json-document.ts";
import { openExistingRepository } from "../open-repository.ts";
import { writeLogs } from "../write-logs.ts";

/** `warmstart logs [RUN] [STEP]`: its document is `{ run, logs: [{ node, step, lines: [{ at, stream, text }], error? }] }`. */
export async function logs(call: CommandCall): Promise<number> {
  const { parsed, terminal } = call;
  const [runText, step] = runAndStep(parsed.arguments);
  await using repository = await openExistingRepository(call);
  const { queries } = repository;
  const run = await findRun(runText, queries);
  const all = await queries.executionsOf(run.id);
  const wanted = step === undefined ? all : executionsNamed(step, all);
  if (parsed.flag("json")) {
    const documents = wanted.map(async (execution) => {
      const { nodeId: node, step: name, error } = execution;
      return { node, step: name, lines: await queries.log(execution), ...(error === undefined ? {} : { error }) };
    });
    writeDocument(terminal, "logs", { run: run.id, logs: await Promise.all(documents) });
    return EXIT_CODES.ok;
  }
  const ids = new Set(wanted.map(({ id }) => id));
  const written = await writeLogs(repository, run.id, ({ id }) => ids.has(id), terminal);
  if (written === 0) terminal.say(`${step ?? "The steps"} of run ${run.id} wrote nothing.`);
  return EXIT_CODES.ok;
}

/** `logs train` means the step of the latest run. */
function runAndStep([first, second]: readonly string[]): readonly [string | undefined, string | undefined] {
  return first === undefined || second !== undefined || isRunText(first) ? [first, second] : [undefined, first];
}
