import type { ErrorRecord } from "../model/execution.ts";
import type { RunCounts } from "../model/run.ts";
import type { NodeOutputs } from "../runtime/node-outputs.ts";
import type { RunSession } from "../runtime/run-session.ts";
import type { Selection } from "./selection.ts";

export interface OrchestrateOptions {
  readonly selection: Selection;
  /** How many steps compute at the same time. */
  readonly parallel: number;
  /** `fail-fast`: nothing new is started after a failure, what runs is finished. `continue`: independent branches go on. */
  readonly onFailure: "fail-fast" | "continue";
}

export interface OrchestrationResult {
  readonly state: "COMPLETE" | "FAILED" | "CANCELED";
  readonly counts: RunCounts;
  readonly failures: readonly { readonly nodeId: string; readonly error: ErrorRecord }[];
  readonly outputs: NodeOutputs;
}

/**
 * Decides which steps run when. Obligations: a step starts only when everything it needs is done; at most `parallel`
 * compute at once; the abort of the session's signal ends the run within the bound of its executors; whatever happens,
 * everything that was computed is recorded before it resolves.
 */
export interface Orchestrator {
  run(session: RunSession, options: OrchestrateOptions): Promise<OrchestrationResult>;
}
