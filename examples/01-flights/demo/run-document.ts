/** One step of a run, as the closing table needs it. */
export interface StepSummary {
  readonly step: string;
  readonly reused: boolean;
  /** Why it was computed or reused, in Warmstart's own words. */
  readonly reason: string;
  /** What it took to compute, or what reusing it saved. */
  readonly seconds: number;
}

/** Picks the steps out of the document that `warmstart show <run> --json` prints. */
export function readSteps(text: string): StepSummary[] {
  const document = JSON.parse(text) as { readonly executions?: readonly ExecutionEntry[] };
  if (!Array.isArray(document.executions)) throw new Error(`this is no document of a run: ${text.slice(0, 200)}`);
  return (document.executions as readonly ExecutionEntry[]).map((execution) => {
    const reused = execution.state === "CACHED";
    const milliseconds = reused ? execution.savedMs : execution.durationMs;
    return { step: execution.step, reused, reason: execution.reason.text, seconds: milliseconds / 1000 };
  });
}

interface ExecutionEntry {
  readonly step: string;
  readonly state: string;
  readonly reason: { readonly text: string };
  readonly durationMs: number;
  readonly savedMs: number;
}
