import type { Acceptance } from "../model/acceptance.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { ErrorRecord, Reason } from "../model/execution.ts";
import type { ExecutionId, RunId } from "../model/ids.ts";
import type { RunCounts } from "../model/run.ts";
import type { SourceLocation } from "../model/source-location.ts";
import type { ShownRemarks } from "./code-notices.ts";
import type { UnseenActivity } from "../model/reads.ts";

/** Where a reused result came from. */
export interface Origin {
  readonly executionId: ExecutionId;
  readonly runId: RunId;
  /** Milliseconds since it was computed. */
  readonly ageMs: number;
  /** Where other code computed it: how far that was verified. */
  readonly accepted?: Acceptance["verified"];
}

/** A node of a run that begins. */
export interface StartedNode {
  readonly id: string;
  readonly step: string;
  /** Where the step is defined: what people edit to change its settings. */
  readonly definedAt?: SourceLocation;
}

/** What happens in a run, in order, for those who watch (terminal, server). Plain data; nobody calls back in. */
export type RunEvent =
  | {
      readonly kind: "run-started";
      readonly runId: RunId;
      readonly pipeline: string;
      readonly nodes: readonly StartedNode[];
    }
  | { readonly kind: "step-started"; readonly nodeId: string; readonly reason: Reason; readonly attempt: number }
  | { readonly kind: "step-progress"; readonly nodeId: string; readonly done: number; readonly total?: number }
  | {
      readonly kind: "step-output";
      readonly nodeId: string;
      readonly stream: "stdout" | "stderr" | "log";
      readonly text: string;
    }
  | {
      readonly kind: "step-retry";
      readonly nodeId: string;
      readonly attempt: number;
      readonly error: ErrorRecord;
      readonly delayMs: number;
    }
  | {
      readonly kind: "step-reused";
      readonly nodeId: string;
      readonly origin: Origin;
      readonly savedMs: number;
      readonly outputs: readonly NamedArtifact[];
    }
  | {
      readonly kind: "step-computed";
      readonly nodeId: string;
      readonly reason: Reason;
      readonly durationMs: number;
      readonly outputs: readonly NamedArtifact[];
      readonly metrics: Readonly<Record<string, number>>;
      /** Why the result will not be offered later, where it will not: shown at the end of the run. */
      readonly notOffered?: { readonly text: string; readonly unseen: readonly UnseenActivity[] };
      readonly warnings: readonly string[];
      /** What its code does that no key holds, with its places. */
      readonly remarks?: ShownRemarks;
    }
  | {
      readonly kind: "step-failed";
      readonly nodeId: string;
      readonly reason: Reason;
      readonly error: ErrorRecord;
      readonly durationMs: number;
    }
  | { readonly kind: "step-canceled"; readonly nodeId: string; readonly reason: Reason }
  | { readonly kind: "notice"; readonly level: "info" | "warning"; readonly text: string; readonly nodeId?: string }
  | {
      readonly kind: "run-finished";
      readonly runId: RunId;
      readonly state: "COMPLETE" | "FAILED" | "CANCELED";
      readonly counts: RunCounts;
      readonly durationMs: number;
      readonly results: readonly RunResult[];
    };

export interface NamedArtifact {
  readonly name: string;
  readonly artifact: ArtifactRecord;
}

export interface RunResult {
  /** `model`, or `folds/0` inside arrays and records. */
  readonly path: string;
  readonly artifact: ArtifactRecord;
}

export type RunObserver = (event: RunEvent) => void;
