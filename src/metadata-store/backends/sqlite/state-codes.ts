import type { ArtifactState, ExecutionState, RunState } from "../../../model/states.ts";
import { damagedStore } from "../../store-error.ts";

/** States as the numbers that MLMD gives them. */
export const executionCodes: Readonly<Record<ExecutionState, number>> = {
  NEW: 1,
  RUNNING: 2,
  COMPLETE: 3,
  FAILED: 4,
  CACHED: 5,
  CANCELED: 6,
};

export const artifactCodes: Readonly<Record<ArtifactState, number>> = {
  PENDING: 1,
  LIVE: 2,
  MARKED_FOR_DELETION: 3,
  DELETED: 4,
};

/** A run is no execution of MLMD, and takes its numbers all the same. */
export const runCodes: Readonly<Record<RunState, number>> = { RUNNING: 2, COMPLETE: 3, FAILED: 4, CANCELED: 6 };

/** @throws MetadataError WS_METADATA_STORE for a number that stands for no state. */
export function stateOf<State extends string>(codes: Readonly<Record<State, number>>, code: number): State {
  for (const state of Object.keys(codes) as State[]) if (codes[state] === code) return state;
  throw damagedStore(`${code} stands for no state`);
}
