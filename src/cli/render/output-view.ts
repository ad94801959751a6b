import { isEnd } from "./plain-view.ts";
import type { RunView, RunViewInit } from "./run-view.ts";
import { StepOutput } from "./step-output.ts";

/** For `--json`: what steps write goes to standard error, and nothing else is shown while the run goes on. */
export function outputView({ terminal, quiet }: RunViewInit): RunView {
  const output = new StepOutput(terminal.paintError);
  const all = (lines: readonly string[]): void => lines.forEach((line) => terminal.say(line));
  return {
    observe(event) {
      if (quiet) return;
      if (event.kind === "step-output") all(output.write(event.nodeId, event.stream, event.text));
      if ("nodeId" in event && isEnd(event) && event.nodeId !== undefined) all(output.end(event.nodeId));
    },
    line: terminal.say,
    end: () => undefined,
  };
}
