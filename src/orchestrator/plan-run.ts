import { isRead, readDifferences } from "../cache/read-differences.ts";
import { NodeOutputs } from "../runtime/node-outputs.ts";
import type { PlannedNode, RunPlan } from "../runtime/run-plan.ts";
import type { RunSession } from "../runtime/run-session.ts";
import { StepRunner } from "../runtime/run-step.ts";
import type { StepPlan } from "../runtime/step-plan.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import { Scheduler } from "./scheduler.ts";
import { needsOf } from "./selection.ts";
import type { Selection } from "./selection.ts";

/**
 * Says what a run would reuse and compute, and computes nothing: whatever needs the outcome of something that would be
 * computed depends on its bytes, and is not guessed.
 */
export async function planRun(
  session: RunSession,
  selection: Selection,
  { explain }: { readonly explain: boolean },
): Promise<RunPlan> {
  const outputs = new NodeOutputs(session.named);
  const runner = new StepRunner(session, outputs);
  const scheduler = new Scheduler(selection.nodes.map((node) => ({ id: node.id, needs: needsOf(node) })));
  const byId = new Map(selection.nodes.map((node) => [node.id, node]));
  const plans = new Map<string, StepPlan>();
  const once = new FirstOfKey();
  for (let ids = scheduler.take(); ids.length > 0; ids = scheduler.take()) {
    for (const plan of await runner.plan(ids.flatMap((id) => byId.get(id) ?? []))) {
      plans.set(plan.node.id, plan);
      once.add(plan);
      if (plan.kind === "compute") continue;
      outputs.set(plan.node.id, plan.entry.outputs);
      scheduler.done(plan.node.id);
    }
  }
  const typical = await session.metadata.typicalDurations([...new Set(selection.nodes.map(({ step }) => step))]);
  const bare = selection.nodes.map((node) => planned(node, plans, typical, once, session.clock.now()));
  const nodes = explain ? await explained(bare, plans, session) : bare;
  return { pipeline: session.spec.name, nodes, estimatedMs: estimate(nodes) };
}

/** A run computes one key once: further nodes of it wait for the first, and look it up again. */
class FirstOfKey {
  readonly #byKey = new Map<string, string>();

  add(plan: StepPlan): void {
    const key = keyOfWaiting(plan);
    if (key !== undefined && !this.#byKey.has(key)) this.#byKey.set(key, plan.node.id);
  }

  /** The other node that is computed first. */
  before(plan: StepPlan): string | undefined {
    const key = keyOfWaiting(plan);
    const first = key === undefined ? undefined : this.#byKey.get(key);
    return first === plan.node.id ? undefined : first;
  }
}

function keyOfWaiting(plan: StepPlan): string | undefined {
  return plan.kind === "compute" && plan.policy.mode === "use" ? plan.keyed?.key : undefined;
}

function planned(
  node: NodeSpec,
  plans: ReadonlyMap<string, StepPlan>,
  typical: ReadonlyMap<string, number>,
  once: FirstOfKey,
  now: number,
): PlannedNode {
  const { id, step } = node;
  const plan = plans.get(id);
  const typicalMs = typical.get(step);
  if (plan === undefined) {
    const open = needsOf(node).filter((need) => plans.get(need)?.kind !== "reuse");
    return { id, step, verdict: "depends", text: `depends on the bytes of ${open.join(", ")}`, typicalMs };
  }
  const same = once.before(plan);
  if (same !== undefined)
    return { id, step, verdict: "depends", text: `the same as ${same}, which is computed first`, typicalMs };
  if (plan.kind === "compute") return { ...computed(plan), typicalMs };
  const { runId, computedAt, durationMs, accepted } = plan.entry;
  const verified = accepted === undefined ? {} : { accepted: accepted.verified };
  const origin = { runId, ageMs: now - computedAt, ...verified };
  return { id, step, verdict: "reuse", text: `reused from run ${runId}`, origin, typicalMs: durationMs };
}

async function explained(
  nodes: readonly PlannedNode[],
  plans: ReadonlyMap<string, StepPlan>,
  { metadata, revalidation }: RunSession,
): Promise<readonly PlannedNode[]> {
  const { explainDifferences } = await import("../cache/explain-differences.ts");
  const all: PlannedNode[] = [];
  for (const node of nodes) {
    const plan = plans.get(node.id);
    const comparison = plan?.kind === "compute" ? plan.comparison : undefined;
    if (plan === undefined || comparison === undefined) {
      all.push(node);
      continue;
    }
    const { execution, differences } = comparison;
    const read = differences.some(isRead) ? [] : await readDifferences(execution, revalidation, metadata);
    const inputs = [...plan.inputs].map(([name, artifact]) => ({ name, artifactId: artifact.id }));
    const identity = execution.codeIdentity;
    const key = { inputs, ...(identity === undefined ? {} : { codeIdentity: identity }) };
    all.push({
      ...node,
      comparedWith: { execution: execution.id, run: execution.runId, node: execution.nodeId },
      differences: await explainDifferences([...differences, ...read], key, metadata),
    });
  }
  return all;
}

function computed({
  node,
  step,
  reason,
  unvouched,
}: Extract<StepPlan, { kind: "compute" }>): Omit<PlannedNode, "typicalMs"> {
  const base = { id: node.id, step: node.step, verdict: "compute", text: reason.text } as const;
  return unvouched === undefined ? base : { ...base, unvouched, definedAt: step.definedAt };
}

function estimate(nodes: readonly PlannedNode[]): RunPlan["estimatedMs"] {
  const open = nodes.filter(({ verdict }) => verdict !== "reuse");
  if (open.some(({ typicalMs }) => typicalMs === undefined)) return undefined;
  const sum = (some: readonly PlannedNode[]): number => some.reduce((total, { typicalMs = 0 }) => total + typicalMs, 0);
  return { least: sum(open.filter(({ verdict }) => verdict === "compute")), most: sum(open) };
}
