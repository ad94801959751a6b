import type { ExecutionRecord } from "../model/execution.ts";
import { didYouMean, usageError } from "./usage-error.ts";

/**
 * The executions of a run that a name means: a node's, or those of every node of a step.
 *
 * @throws RepositoryError (`WS_USAGE`) for a name that the run does not have.
 */
export function executionsNamed(name: string, all: readonly ExecutionRecord[]): readonly ExecutionRecord[] {
  const named = all.map((execution) => ({ id: execution.nodeId, step: execution.step, execution }));
  return namedAmong(name, named, "The run").map(({ execution }) => execution);
}

/**
 * The nodes that a name means: its own, or every node of the step. `whose` begins the message: `The pipeline`.
 *
 * @throws RepositoryError (`WS_USAGE`) for a name that is none of theirs.
 */
export function namedAmong<T extends { readonly id: string; readonly step: string }>(
  name: string,
  all: readonly T[],
  whose: string,
): readonly T[] {
  const found = all.filter(({ id, step }) => id === name || step === name);
  if (found.length > 0) return found;
  const known = [...new Set(all.flatMap(({ id, step }) => [id, step]))];
  const some = known.slice(0, 20).join(", ");
  throw usageError(`${whose} has no step \`${name}\`.`, didYouMean(name, known, `It has ${some}.`));
}
