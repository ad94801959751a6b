import type { SourceLocation } from "../model/source-location.ts";
import type { OutputSpec } from "./pipeline-spec.ts";
import type { StepContext } from "./step-context.ts";
import type { StepOptions } from "./step-options.ts";

/** A step's function as Warmstart calls it: types were checked where it was defined. */
export type StepFunction = (inputs: never, ctx: StepContext) => unknown;

/** Finds a step again in another thread that evaluates the same module. */
export interface StepAddress {
  /** The name given to `step(…)`, also where `.with({ id })` gave another. */
  readonly name: string;
  readonly definedAt: SourceLocation;
  /**
   * 0 for the first step made at that place in the course of module evaluation, 1 for the next, …
   * -1 for one made inside a builder or a running step, which no other thread can find.
   */
  readonly occurrence: number;
}

/** One `step(…)` call, or what `.with(…)` made of it. */
export interface StepDefinition {
  /** What people see, and what its nodes are called by. */
  readonly name: string;
  readonly fn: StepFunction;
  /** Its settings, checked and frozen. */
  readonly options: StepOptions;
  /** One output called `output` unless several are declared. */
  readonly outputs: readonly OutputSpec[];
  /** Whether `outputs` is declared: the function returns a record of them. */
  readonly manyOutputs: boolean;
  readonly definedAt: SourceLocation;
  readonly occurrence: number;
  readonly address: StepAddress;
}

/** The functions behind a spec's nodes, by `stepKey`. */
export type StepTable = ReadonlyMap<string, StepDefinition>;
