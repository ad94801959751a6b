import type { EffectivePolicy } from "../cache/cache-policy.ts";
import type { Comparison } from "../cache/miss-reason.ts";
import type { CodeIdentity } from "../code-identity/code-identity.ts";
import type { CacheKey, KeyTree } from "../encoding/key-tree.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { CacheEntry, Reason } from "../model/execution.ts";
import type { UnseenActivity } from "../model/reads.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import type { StepDefinition } from "../pipeline/step-table.ts";

/** What is known of a node whose inputs are there, before it is decided. */
export interface KeyedNode {
  readonly node: NodeSpec;
  readonly step: StepDefinition;
  /** By label. */
  readonly inputs: ReadonlyMap<string, ArtifactRecord>;
  readonly policy: EffectivePolicy;
  readonly trust: ReadonlySet<string>;
  /** Absent when the step could not be keyed: then it is computed and never offered. */
  readonly keyed: { readonly identity: CodeIdentity; readonly key: CacheKey; readonly tree: KeyTree } | undefined;
  readonly unkeyed: Reason | undefined;
}

/** The driver's decision. */
export type StepPlan =
  | ({ readonly kind: "reuse"; readonly entry: CacheEntry; readonly tree: KeyTree } & KeyedNode)
  | ({
      readonly kind: "compute";
      readonly reason: Reason;
      /** What alone keeps a stored result from being reused. */
      readonly unvouched?: readonly UnseenActivity[];
      /** With the nearest earlier execution, where the reason is that the key is another. */
      readonly comparison?: Comparison;
    } & KeyedNode);

export type ComputePlan = Extract<StepPlan, { kind: "compute" }>;
export type ReusePlan = Extract<StepPlan, { kind: "reuse" }>;
