import type { UnseenKind } from "../model/reads.ts";

/** A length of time: `"500ms"`, `"30s"`, `"2h"`, `"30d"`; a bare number is milliseconds. */
export type Duration = string | number;

/** What a look-up does. `off`: neither look up nor store for later. `refresh`: compute, and retire what was there. */
export type CachePolicy = "use" | "refresh" | "off" | { readonly ttl: Duration };

/** What the author vouches for: a kind, or a kind with what exactly (`network:api.openai.com`). */
export type Trust = UnseenKind | `${UnseenKind}:${string}`;

export type ExecutorKind = "worker-thread" | "in-process";

export interface RetryOptions {
  /** Attempts after the first. */
  readonly times: number;
  /** Wait before the first retry, doubled for each further one (at most `maxDelay`). 1 s unless told. */
  readonly delay?: Duration;
  /** 60 s unless told. */
  readonly maxDelay?: Duration;
}

/** A handle's digest and value, as `dataVersion` may ask for them. */
export interface LazyInput {
  readonly digest: string;
  load(): Promise<unknown>;
}

export interface StepOptions {
  /** Policy of the look-up, no part of the key. */
  readonly cache?: CachePolicy;
  readonly trust?: readonly Trust[];
  /**
   * How the code is identified: by what the function can reach (`symbols`, unless told), by the bytes of its files and of
   * all that they import (`files`), or by your word alone.
   */
  readonly code?: "symbols" | "files" | { readonly version: string };
  /** A leaf of the key that you bump by hand. */
  readonly version?: string;
  /** Inputs left out of the key; they stay edges of the lineage. */
  readonly ignore?: readonly string[];
  readonly salt?: string;
  /** Asked at every look-up; its answer is a leaf of the key. Gets configuration values and lazy inputs. */
  readonly dataVersion?: (inputs: Readonly<Record<string, unknown>>) => unknown;
  /**
   * Fails the step, with `WS_STRICT`, when it does what nobody vouched for, reads what it did not declare through `ctx`, or
   * leaves something behind. Judges what is computed, not what is reused; the repository's word counts where a step says nothing.
   */
  readonly strict?: boolean;
  readonly executor?: ExecutorKind;
  readonly timeout?: Duration;
  readonly retry?: number | RetryOptions;
}
