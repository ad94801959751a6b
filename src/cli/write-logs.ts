import type { ExecutionRecord } from "../model/execution.ts";
import type { RunId } from "../model/ids.ts";
import type { Repository } from "../repository/repository.ts";
import { errorLines } from "./render/error-lines.ts";
import { StepOutput } from "./render/step-output.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Prints what the chosen steps of a run wrote, each line with its step's name, and why a step failed; gives how many of
 * them wrote something or failed.
 */
export async function writeLogs(
  { queries }: Repository,
  runId: RunId,
  chosen: (execution: ExecutionRecord) => boolean,
  terminal: Terminal,
): Promise<number> {
  const executions = (await queries.executionsOf(runId)).filter(chosen);
  let written = 0;
  for (const execution of executions) {
    const lines = await queries.log(execution);
    if (lines.length > 0 || execution.error !== undefined) written++;
    const output = new StepOutput(terminal.paint);
    for (const { stream, text } of lines)
      for (const line of output.write(execution.nodeId, stream, text)) terminal.out(line);
    for (const line of output.end(execution.nodeId)) terminal.out(line);
    if (execution.error === undefined) continue;
    const mark = terminal.paint("dim", `[${execution.nodeId}]`);
    for (const line of errorLines(execution.error, terminal.paint)) terminal.out(`${mark} ${line}`);
  }
  return written;
}
