import type { RunEvent } from "../../runtime/run-event.ts";
import { plainLine } from "../format/plain-text.ts";
import { progressBar } from "./progress-bar.ts";
import { RunLines } from "./run-lines.ts";
import { RunProgress } from "./run-progress.ts";
import type { RunView, RunViewInit } from "./run-view.ts";
import { StepOutput } from "./step-output.ts";
import { formatStepRow } from "./step-row.ts";

const PROGRESS_EVERY_MS = 10_000;

/** Lines for a file, a pipe or a CI log: one when a step starts computing, one when it ends, nothing is redrawn. */
export function plainView({ terminal, clock, quiet }: RunViewInit): RunView {
  const { paint, out } = terminal;
  const columns = (): number => Number.POSITIVE_INFINITY;
  const progress = new RunProgress(clock);
  const lines = new RunLines({ progress, paint, columns });
  const output = new StepOutput(paint);
  const lastProgress = new Map<string, number>();
  const all = (some: readonly string[]): void => some.forEach((line) => out(line));

  const started = ({ nodeId, reason, attempt }: Extract<RunEvent, { kind: "step-started" }>): void => {
    lastProgress.set(nodeId, clock.monotonic());
    const text = plainLine(reason.text) + (attempt > 1 ? ` (attempt ${attempt})` : "");
    const row = { symbol: "◌", style: "dim", name: nodeId, verb: "running", text, right: "" } as const;
    out(formatStepRow(row, { paint, nameWidth: progress.nameWidth, columns: columns(), cut: false }));
  };
  const advanced = (nodeId: string): void => {
    const now = clock.monotonic();
    if (now - (lastProgress.get(nodeId) ?? 0) < PROGRESS_EVERY_MS) return;
    lastProgress.set(nodeId, now);
    const reached = progress.progressOf(nodeId);
    if (reached !== undefined) out(`  … ${nodeId}  ${progressBar(reached)}`);
  };

  return {
    observe(event) {
      progress.observe(event);
      if (event.kind === "step-started") started(event);
      if (event.kind === "step-progress") advanced(event.nodeId);
      if (event.kind === "step-output" && !quiet) all(output.write(event.nodeId, event.stream, event.text));
      if ("nodeId" in event && isEnd(event) && event.nodeId !== undefined) all(output.end(event.nodeId));
      all(lines.of(event));
    },
    line: out,
    end: () => undefined,
  };
}

/** Whether an event ends an attempt of a step, so that what it wrote is whole. */
export function isEnd({ kind }: RunEvent): boolean {
  return kind === "step-computed" || kind === "step-failed" || kind === "step-canceled" || kind === "step-retry";
}
