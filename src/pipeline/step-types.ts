import type { NotStorable, LiftedInputs, Output, Refused, Storable } from "./output.ts";
import type { StepContext } from "./step-context.ts";
import type { StepOptions } from "./step-options.ts";
import type { ValueType } from "./value.ts";

/** What a step declares when it has several outputs: each is an artifact of its own. */
export type DeclaredOutputs = Readonly<Record<string, ValueType<unknown>>>;

/** What a step is defined with: its settings, and what it gives out. */
export interface StepDefinitionOptions extends StepOptions {
  /** Several outputs by name; the function returns a record of them. */
  readonly outputs?: DeclaredOutputs;
  /** The single output, where it has a name or a materializer. */
  readonly output?: ValueType<unknown>;
}

/** What a step is called with besides its inputs. */
export interface CallOptions {
  /** The node's id; without it, the step's name, numbered from the second call on. */
  readonly id?: string;
  /** What must be done before, for its effects. */
  readonly after?: readonly (Output<unknown> | Readonly<Record<string, Output<unknown>>>)[];
}

/** The handles of several declared outputs. */
export type Outputs<S> = { readonly [K in keyof S]: S[K] extends ValueType<infer T> ? Output<T> : never };

/** What the function of a step with these options must return. */
export type ExpectedValue<O> = O extends { readonly outputs: infer S extends DeclaredOutputs }
  ? { readonly [K in keyof S]: S[K] extends ValueType<infer T> ? T : never }
  : O extends { readonly output: ValueType<infer T> }
    ? T
    : unknown;

/**
 * The handle of an output that declares nothing. The check sits on the handle: on the function it would break the
 * inference of `V` or be circular. So the first use of the step says it, not its definition.
 */
export type Handle<V> = unknown extends V ? Output<V> : [V] extends [Storable<V>] ? Output<V> : NotStorable;

/** What a call of a step with these options gives. */
export type Handles<O, V> = O extends { readonly outputs: infer S extends DeclaredOutputs }
  ? Outputs<S>
  : O extends { readonly output: ValueType<infer T> }
    ? Output<T>
    : Handle<V>;

/** Refuses options that do not exist, which a type parameter alone would let through. */
export type KnownOptions<O> = {
  readonly [K in Exclude<keyof O, keyof StepDefinitionOptions>]: Refused<`\`${K & string}\` is no option of a step`>;
};

type Call<I, R> = {} extends I
  ? (inputs?: LiftedInputs<I>, options?: CallOptions) => R
  : (inputs: LiftedInputs<I>, options?: CallOptions) => R;

/** A step: called inside a pipeline it adds a node and gives the handles of its outputs. */
export type Step<I, V, R> = Call<I, R> & {
  /** The name that its nodes are called by. */
  readonly id: string;
  /** The same function with other settings, and under another name if `id` is given. */
  with(options: StepOptions & { readonly id?: string }): Step<I, V, R>;
  /**
   * Calls the plain function, for a unit test: nothing is recorded or reused. Without a context it gets one that
   * records in memory.
   */
  run(inputs: I, ctx?: StepContext): Promise<V>;
};
