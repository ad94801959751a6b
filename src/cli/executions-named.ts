import type { ExecutionRecord } from "../model/execution.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/**
 * The executions of a run that a name means: a node's, or those of every node of a step.
 *
 * @throws RepositoryError (`WS_USAGE`) for a name that the run does not have.
 */
export function executionsNamed(name: string, all: readonly ExecutionRecord[]): readonly ExecutionRecord[] {
  const found = all.filter(({ nodeId, step }) => nodeId === name || step === name);
  if (found.length > 0) return found;
  const known = all.flatMap(({ nodeId, step }) => [nodeId, step]);
  throw usageError(
    `The run has no step \`${name}\`.`,
    didYouMean(name, known, `It has ${[...new Set(known)].join(", ")}.`),
  );
}
