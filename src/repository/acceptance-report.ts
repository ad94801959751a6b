import type { Acceptance } from "../model/acceptance.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { Duration } from "../pipeline/step-options.ts";
import type { LeftResult } from "./adoption-candidates.ts";
import type { OutputDifference } from "./output-differences.ts";

/** What an acceptance may be told; everything is optional. */
export interface AcceptOptions {
  /** Runs the new code on so many stored results' inputs, and adopts the others on that evidence; on all unless told. */
  readonly verify?: number;
  /** Runs nothing: what is adopted is marked so for ever. */
  readonly unverified?: boolean;
  /** How long results are compared; 10 minutes unless told. What was not compared until then is not adopted. */
  readonly budget?: Duration;
  /** Also runs steps that wrote files: they write them again. */
  readonly sideEffects?: boolean;
  /** Who says so; the system's user unless told. */
  readonly by?: string;
  readonly parallel?: number;
  readonly signal?: AbortSignal;
}

export interface AdoptedResult {
  /** The execution that was recorded, and the one whose result it offers. */
  readonly execution: number;
  readonly origin: number;
  /** The run of the origin. */
  readonly run: number;
  readonly node: string;
  readonly verified: Acceptance["verified"];
}

/** A stored result that the new code does not give again on the same inputs. */
export interface DifferingResult {
  readonly execution: number;
  readonly run: number;
  readonly node: string;
  readonly outputs: readonly OutputDifference[];
  readonly error?: ErrorRecord;
}

export interface AcceptReport {
  readonly step: string;
  /** `different`: something differs, so nothing was adopted. `nothing`: there was nothing that could be. */
  readonly outcome: "adopted" | "different" | "nothing";
  /** Under which the acceptance is recorded, where something was adopted. */
  readonly run?: number;
  readonly by: string;
  readonly compared: number;
  readonly adopted: readonly AdoptedResult[];
  readonly differing: readonly DifferingResult[];
  /** What was not adopted otherwise, and why. */
  readonly left: readonly LeftResult[];
  /** What nobody has looked at, in one sentence. */
  readonly risk: string;
  /** Milliseconds. */
  readonly durationMs: number;
}

export interface UndoReport {
  readonly step: string;
  /** The acceptance that was undone; absent when there was none in force. */
  readonly run?: number;
  /** How many results are no longer offered. */
  readonly retired: number;
}
