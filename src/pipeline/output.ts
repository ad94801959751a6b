import type { SpecialValue } from "./value-kinds.ts";

declare const valueType: unique symbol;

/**
 * A handle to what a step will return. It exists only while a pipeline is being built: it can be handed to other steps
 * and given back as a result, and nothing else; there is no value in it yet.
 */
export interface Output<T> {
  readonly [valueType]: T;
}

declare const refused: unique symbol;

declare const secretType: unique symbol;

/** Stands for a text that only the running step gets; `secret(name)` makes one. */
export interface Secret {
  readonly [secretType]: true;
}

/** What a type becomes where it cannot be used; the compiler shows the reason. */
export interface Refused<Why extends string> {
  readonly [refused]: Why;
}

/** Types whose values are one thing: nothing is lifted inside them. */
export type Opaque =
  | ((...args: never[]) => unknown)
  | Date
  | URL
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBuffer
  | ArrayBufferView
  | SpecialValue;

export type Primitive = string | number | boolean | bigint | symbol | null | undefined;

/**
 * A value, an `Output` of it (for a text also a `secret`), or an array or plain record that holds `Output`s. An instance
 * of a class fails to match as soon as the class has a method, so lifting stops there.
 */
export type Lifted<T> =
  | T
  | Output<T>
  | (string extends T ? Secret : never)
  | (T extends Primitive | Opaque
      ? never
      : T extends readonly (infer E)[]
        ? number extends T["length"]
          ? readonly Lifted<E>[]
          : { readonly [K in keyof T]: Lifted<T[K]> }
        : T extends object
          ? { readonly [K in keyof T]: Lifted<T[K]> }
          : never);

/** What a step is called with inside a pipeline: each input as a value or as an upstream `Output`. */
export type LiftedInputs<I> = { readonly [K in keyof I]: Lifted<I[K]> };

/** What a value that cannot be kept as it is becomes. */
export type NotStorable =
  Refused<"not storable: a function or an object with methods needs `output: value<T>({ materializer })`">;

/**
 * What is kept without a materializer: data. A function, or an object with a method, is not; the property that is in
 * the way becomes `NotStorable`.
 */
export type Storable<T> = unknown extends T
  ? T
  : T extends Primitive | Exclude<Opaque, (...args: never[]) => unknown>
    ? T
    : T extends (...args: never[]) => unknown
      ? NotStorable
      : T extends readonly (infer E)[]
        ? readonly Storable<E>[]
        : { readonly [K in keyof T]: Storable<T[K]> };
