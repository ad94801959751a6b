import type { Opaque, Output, Primitive, Refused } from "./output.ts";

type Result<R> =
  R extends Output<unknown>
    ? R
    : R extends Refused<string>
      ? Output<unknown>
      : R extends Primitive | Opaque
        ? Refused<"a pipeline gives back outputs of steps: return this from a step, and give back what its call gives">
        : { readonly [K in keyof R]: Result<R[K]> };

/**
 * What a pipeline's builder may give back: a record of handles, which may sit in arrays and records. Written over the
 * returned type itself, so that the compiler points at the entry that is in the way and says why.
 */
export type Results<R> = {
  readonly [K in Exclude<keyof R, never>]: R extends PromiseLike<unknown>
    ? Refused<"a builder only connects steps and cannot be async: move what it awaits into a step">
    : R extends Output<unknown> | readonly unknown[]
      ? Refused<"a pipeline gives back a record: return { name: output }">
      : Result<R[K]>;
};

/**
 * Parameters are exactly as declared: an inner pipeline that takes a step's result declares `rows: Output<Row[]>`,
 * since its builder never sees the rows.
 */
type Build<P, R> = {} extends P ? (params?: P) => R : (params: P) => R;

/** A pipeline: run by a repository, or called inside the builder of another, whose nodes it joins. */
export type Pipeline<P, R> = Build<P, R> & { readonly name: string; readonly params?: P };

/** The parameters that a pipeline takes. */
export type ParametersOf<T> = T extends { readonly params?: infer P } ? P : never;
