import type { Output } from "../../src/pipeline/output.ts";
import type { Pipeline } from "../../src/pipeline/pipeline-types.ts";

/** The shapes of running a pipeline, so that what pipelines promise to it is checked down here. */
type Loaded<R> =
  R extends Output<infer T>
    ? { load(): Promise<T>; readonly digest: string }
    : { readonly [K in keyof R]: Loaded<R[K]> };
type LoadedValues<R> = R extends Output<infer T> ? T : { readonly [K in keyof R]: LoadedValues<R[K]> };
type RunArguments<P> = {} extends P ? [params?: P] : [params: P];

export declare class Repository implements AsyncDisposable {
  static open(): Promise<Repository>;
  run<P, R>(pipeline: Pipeline<P, R>, ...rest: RunArguments<P>): Promise<{ readonly outputs: Loaded<R> }>;
  [Symbol.asyncDispose](): Promise<void>;
}
export declare function run<P, R>(pipeline: Pipeline<P, R>, ...rest: RunArguments<P>): Promise<LoadedValues<R>>;
