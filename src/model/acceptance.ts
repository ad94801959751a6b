import type { Digest } from "../encoding/digest.ts";
import type { ExecutionId } from "./ids.ts";

/**
 * Why a result is offered for code that did not compute it: somebody said that a change of the code is equivalent.
 * Never dropped: whatever is reused from such a result carries it.
 */
export interface Acceptance {
  /** Name of the user. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /**
   * `own`: the new code was run on this result's own inputs, and every output was equal by content. `others`: only on
   * the inputs of others. `none`: on nobody's.
   */
  readonly verified: "own" | "others" | "none";
  /** The identity of the code that computed the result. */
  readonly code: Digest;
  readonly evidence: AcceptanceEvidence;
}

export interface AcceptanceEvidence {
  /** How many results were compared and equal, and how many were adopted. */
  readonly compared: number;
  readonly adopted: number;
  /** Some of those that were compared; on a hit none, they are found at its origin. */
  readonly executions: readonly ComparedExecution[];
}

/** An execution on whose inputs the new code gave these contents again. */
export interface ComparedExecution {
  readonly id: ExecutionId;
  readonly outputs: readonly { readonly name: string; readonly digest: Digest }[];
}

/** What a hit carries of it. */
export function acceptanceOfHit({ evidence, ...rest }: Acceptance): Acceptance {
  return { ...rest, evidence: { ...evidence, executions: [] } };
}
