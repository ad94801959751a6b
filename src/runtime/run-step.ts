import type { ArtifactRecord } from "../model/artifact.ts";
import type { Reason } from "../model/execution.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import { computeStep } from "./compute-step.ts";
import type { ComputeOutcome, StepPlace } from "./compute-step.ts";
import type { NodeOutputs } from "./node-outputs.ts";
import { ResultGroups } from "./result-groups.ts";
import type { RunSession } from "./run-session.ts";
import { StepDriver } from "./step-driver.ts";
import { StepIdentities } from "./step-identities.ts";
import type { ComputePlan, ReusePlan, StepPlan } from "./step-plan.ts";
import { StepPublisher } from "./step-publisher.ts";
import { pipelineModuleOf } from "./step-task.ts";

/**
 * The life of a step, in order: the driver keys a batch and looks it up; a hit is bound to its stored artifacts without
 * reading them; a miss is executed; the publisher records what came of it, bytes before rows.
 */
export class StepRunner {
  readonly #session: RunSession;
  readonly #driver: StepDriver;
  readonly #publisher: StepPublisher;
  readonly #identities: StepIdentities;
  readonly #groups = new ResultGroups();

  constructor(session: RunSession, outputs: NodeOutputs) {
    this.#session = session;
    this.#identities = new StepIdentities(session.identifier, pipelineModuleOf(session));
    this.#driver = new StepDriver(session, outputs, this.#identities);
    this.#publisher = new StepPublisher(session);
  }

  plan(nodes: readonly NodeSpec[]): Promise<readonly StepPlan[]> {
    return this.#driver.plan(nodes);
  }

  async reuse(plan: ReusePlan): Promise<readonly { readonly name: string; readonly artifact: ArtifactRecord }[]> {
    const { entry, node } = plan;
    await this.#publisher.reused(plan);
    const ageMs = this.#session.clock.now() - entry.computedAt;
    const { accepted } = entry;
    const verified = accepted === undefined ? {} : { accepted: accepted.verified };
    const origin = { executionId: entry.executionId, runId: entry.runId, ageMs, ...verified };
    const { outputs, durationMs: savedMs } = entry;
    this.#session.emit({ kind: "step-reused", nodeId: node.id, origin, savedMs, outputs });
    return outputs;
  }

  compute(plan: ComputePlan, place: StepPlace): Promise<ComputeOutcome> {
    const [session, publisher, identities, groups] = [this.#session, this.#publisher, this.#identities, this.#groups];
    return computeStep(plan, { session, publisher, identities, groups, place });
  }

  async cancel(node: NodeSpec, reason: Reason): Promise<void> {
    await this.#publisher.canceled(node.id, node.step, reason);
    this.#session.emit({ kind: "step-canceled", nodeId: node.id, reason });
  }

  /** Sources are looked at again for whatever is planned from now on. */
  forgetSources(): void {
    this.#identities.forget();
  }

  flush(): Promise<void> {
    return this.#publisher.flush();
  }
}
