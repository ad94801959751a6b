import type { RunId } from "../model/ids.ts";
import type { Reason, ErrorRecord } from "../model/execution.ts";
import type { RunCounts } from "../model/run.ts";
import type { SourceLocation } from "../model/source-location.ts";
import type { ShownRemarks } from "../runtime/code-notices.ts";
import type { Origin, RunEvent } from "../runtime/run-event.ts";
import type { Clock } from "../util/clock.ts";
import { choicesFor } from "./render/choices.ts";
import type { Choice } from "./render/choices.ts";
import { outputDocuments } from "./json-document.ts";
import type { OutputDocument } from "./json-document.ts";

/** One step in the document of `warmstart run --json`. */
export interface StepDocument {
  readonly node: string;
  readonly step: string;
  /** MLMD's states: COMPLETE was computed, CACHED was reused; FAILED, CANCELED; RUNNING when the run broke off. */
  readonly state: string;
  readonly reason?: Reason;
  readonly durationMs: number;
  readonly savedMs: number;
  /** For CACHED: where it was computed. */
  readonly origin?: {
    readonly run: number;
    readonly execution: number;
    readonly ageMs: number;
    readonly accepted?: Origin["accepted"];
  };
  readonly outputs: readonly OutputDocument[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  /** What the code of a computed step does that no key holds: every place. */
  readonly remarks?: ShownRemarks;
  /** Why the result is stored and will not be offered, where it will not. */
  readonly notOffered?: NotOfferedDocument;
  readonly error?: ErrorRecord;
}

/** Why a stored result is not offered, and the words of which any one would change that. */
export interface NotOfferedDocument {
  readonly text: string;
  readonly unseen: readonly {
    readonly kind: string;
    readonly name: string;
    readonly note?: string;
    readonly at?: string;
  }[];
  readonly choices: readonly Choice[];
}

/** The body of the document of `warmstart run --json`, beside `repository`, `pipeline` and, where it failed, `error`. */
export interface RunBody {
  readonly run?: number;
  readonly state: string;
  readonly durationMs: number;
  readonly counts: RunCounts;
  readonly steps: readonly StepDocument[];
  readonly results: readonly OutputDocument[];
  readonly notices: readonly { readonly level: string; readonly text: string; readonly node?: string }[];
}

const noCounts: RunCounts = { reused: 0, computed: 0, failed: 0, canceled: 0, savedMs: 0 };

/** Gathers a run's events into one document. */
export class RunDocumentBuilder {
  readonly #clock: Clock;
  readonly #began: number;
  readonly #steps = new Map<string, StepDocument>();
  readonly #definedAt = new Map<string, SourceLocation | undefined>();
  readonly #notices: { level: string; text: string; node?: string }[] = [];
  #end: Extract<RunEvent, { kind: "run-finished" }> | undefined;
  runId: RunId | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  /** Whether the run came to an end of its own, good or bad. */
  get finished(): boolean {
    return this.#end !== undefined;
  }

  observe(event: RunEvent): void {
    switch (event.kind) {
      case "run-started":
        this.runId = event.runId;
        for (const { id, step, definedAt } of event.nodes) {
          this.#steps.set(id, newStep(id, step));
          this.#definedAt.set(id, definedAt);
        }
        break;
      case "notice":
        this.#notices.push({
          level: event.level,
          text: event.text,
          ...(event.nodeId === undefined ? {} : { node: event.nodeId }),
        });
        break;
      case "run-finished":
        this.#end = event;
        break;
      default:
        this.#observeStep(event);
    }
  }

  document(): RunBody {
    const end = this.#end;
    return {
      ...(this.runId === undefined ? {} : { run: this.runId }),
      state: end?.state ?? "FAILED",
      durationMs: end?.durationMs ?? this.#clock.monotonic() - this.#began,
      counts: end?.counts ?? noCounts,
      steps: [...this.#steps.values()],
      results: outputDocuments((end?.results ?? []).map(({ path, artifact }) => ({ name: path, artifact }))),
      notices: this.#notices,
    };
  }

  #observeStep(event: Exclude<RunEvent, { kind: "run-started" | "run-finished" | "notice" }>): void {
    const step = this.#steps.get(event.nodeId);
    if (step !== undefined)
      this.#steps.set(event.nodeId, { ...step, ...changeOf(event, this.#definedAt.get(event.nodeId)) });
  }
}

function newStep(node: string, step: string): StepDocument {
  return { node, step, state: "NEW", durationMs: 0, savedMs: 0, outputs: [], metrics: {}, warnings: [] };
}

function changeOf(
  event: Exclude<RunEvent, { kind: "run-started" | "run-finished" | "notice" }>,
  definedAt: SourceLocation | undefined,
): Partial<StepDocument> {
  switch (event.kind) {
    case "step-started":
      return { state: "RUNNING", reason: event.reason };
    case "step-reused": {
      const { origin, savedMs, outputs } = event;
      const verified = origin.accepted === undefined ? {} : { accepted: origin.accepted };
      const from = { run: origin.runId, execution: origin.executionId, ageMs: origin.ageMs, ...verified };
      const reason: Reason = { kind: "hit", text: `reused from run ${origin.runId}` };
      return { state: "CACHED", reason, origin: from, savedMs, outputs: outputDocuments(outputs) };
    }
    case "step-computed": {
      const { reason, durationMs, outputs, metrics, warnings, notOffered, remarks } = event;
      const more = {
        ...(remarks === undefined ? {} : { remarks }),
        ...(notOffered === undefined
          ? {}
          : { notOffered: { ...notOffered, choices: choicesFor(notOffered.unseen, definedAt) } }),
      };
      return { state: "COMPLETE", reason, durationMs, outputs: outputDocuments(outputs), metrics, warnings, ...more };
    }
    case "step-failed":
      return { state: "FAILED", reason: event.reason, durationMs: event.durationMs, error: event.error };
    case "step-canceled":
      return { state: "CANCELED", reason: event.reason };
    default:
      return {};
  }
}
