import type { ExplainedDifference } from "../cache/explain-differences.ts";
import type { Acceptance } from "../model/acceptance.ts";
import type { UnseenActivity } from "../model/reads.ts";
import type { SourceLocation } from "../model/source-location.ts";

/** What would become of one node if the pipeline were run now. */
export interface PlannedNode {
  readonly id: string;
  readonly step: string;
  /** `depends`: on the bytes of something that would be computed first. */
  readonly verdict: "reuse" | "compute" | "depends";
  /** `reused from run 14`, `rounds: 100 → 200`, `depends on the bytes of train`. */
  readonly text: string;
  /** For `reuse`: the run that computed it, and how old that is. */
  readonly origin?: {
    readonly runId: number;
    readonly ageMs: number;
    /** Where other code computed it: how far that was verified. */
    readonly accepted?: Acceptance["verified"];
  };
  /** Milliseconds: what a reuse saves, or what computing took lately; undefined when the step never ran. */
  readonly typicalMs: number | undefined;
  /** For `compute`, where it was asked for: the nearest earlier execution, and every difference to it. */
  readonly comparedWith?: { readonly execution: number; readonly run: number; readonly node: string };
  readonly differences?: readonly ExplainedDifference[];
  /** A stored result would be reused if somebody vouched for this. */
  readonly unvouched?: readonly UnseenActivity[];
  /** Where the step is defined: what people edit to change its settings. */
  readonly definedAt?: SourceLocation;
}

export interface RunPlan {
  readonly pipeline: string;
  readonly nodes: readonly PlannedNode[];
  /** Milliseconds of what is sure to be computed, and with all that depends on it; undefined where a duration is unknown. */
  readonly estimatedMs: { readonly least: number; readonly most: number } | undefined;
}
