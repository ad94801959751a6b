import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CodeIdentity, IdentifiedModule } from "../code-identity/code-identity.ts";
import { canonicalDigest } from "../encoding/canonical.ts";
import type { ExecutorKind } from "../pipeline/step-options.ts";
import { askDataVersion } from "./data-version.ts";
import type { ResultGroup } from "./result-groups.ts";
import type { RunSession } from "./run-session.ts";
import type { StepIdentities } from "./step-identities.ts";
import type { KeyedNode } from "./step-plan.ts";

export interface ChangedMeanwhileInit {
  readonly session: RunSession;
  readonly identities: StepIdentities;
  /** Results that are checked together. */
  readonly group?: ResultGroup;
}

/** What entered the key and is not what it was when the step began; then the result is used now and not offered. */
export async function changedMeanwhile(
  node: KeyedNode,
  executor: ExecutorKind,
  { session, identities, group }: ChangedMeanwhileInit,
): Promise<string | undefined> {
  const { keyed, step, inputs, unkeyed } = node;
  if (keyed === undefined) return unkeyed?.text;
  const now = await identities.again(step, inputs.values(), group).catch(() => undefined);
  if (now?.digest !== keyed.identity.digest) return "its code";
  if (executor === "in-process" && !isRunHere(now, node, identities)) return "its code";
  const leaf = keyed.tree.leaves.find(({ path: [head] }) => head === "dataVersion");
  if (leaf === undefined) return undefined;
  const answer = await askDataVersion(step, node.node, inputs, session);
  return answer?.kind === "answered" && canonicalDigest(answer.value) === leaf.digest ? undefined : "its dataVersion";
}

/** Whether this process, which loaded everything once, runs what the identity says. */
function isRunHere(identity: CodeIdentity, { step, inputs }: KeyedNode, identities: StepIdentities): boolean {
  return !changedSinceStart(identity.modules) && identities.isRunHere(identity, step, inputs.values());
}

/** What this process loaded is not stamped: a source that was written after it began may not be what it runs. */
function changedSinceStart(modules: readonly IdentifiedModule[]): boolean {
  return modules.some(({ url }) => {
    const stats = statSync(fileURLToPath(url), { throwIfNoEntry: false });
    return stats === undefined || stats.ctimeMs >= performance.timeOrigin;
  });
}
