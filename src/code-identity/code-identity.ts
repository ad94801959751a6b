import type { Digest } from "../encoding/digest.ts";
import type { KeyLeaf } from "../encoding/key-tree.ts";
import type { UnseenActivity } from "../model/reads.ts";
import type { SourceLocation } from "../model/source-location.ts";
import type { CodeWarning, SymbolClosure } from "./symbols/symbol-closure.ts";

/** A function whose code is to be identified, and where it was given to Warmstart. */
export interface FunctionSource {
  readonly fn: (...args: never[]) => unknown;
  /** Where `step(…)` or `materializer(…)` was called. */
  readonly definedAt: SourceLocation;
}

/** How code is identified: by what the function can reach, by the bytes of its files, or by the author's word. */
export type CodeMode = "symbols" | "files" | { readonly version: string };

export interface IdentifyRequest {
  readonly step: FunctionSource;
  /** `load`, `is` and `save` of the materializers that decode the step's inputs or store its outputs, by materializer id. */
  readonly materializers: readonly { readonly id: string; readonly functions: readonly FunctionSource[] }[];
  /** The module whose `pipeline(…)` call the run is of: its effect-only imports count. */
  readonly pipelineModule: string | undefined;
  readonly mode: CodeMode;
}

/** A project module that took part in an identity: what a worker must have loaded, byte for byte. */
export interface IdentifiedModule {
  /** `file:` URL of the real path. */
  readonly url: string;
  /** Rooted path, as in keys. */
  readonly name: string;
  readonly digest: Digest;
}

/** What a thread loads before it can find a step: the modules that it is told to import, and all that they reach. */
export interface LoadedProgram {
  /**
   * Over sources, packages, what imports lead to and compiler options. A thread that began to load under another one may
   * hold other code.
   */
  readonly digest: Digest;
  /** `file:` URLs of its project modules. Whatever else is evaluated was found by no text, and counts for every step. */
  readonly modules: readonly string[];
}

/** A value that a function closes over, or the function's own place, as it is compared in a worker. */
export interface CapturedValue {
  /** `k`, or `f.k` for what a captured function captures; `function` for the place. */
  readonly name: string;
  readonly digest: Digest;
}

/** What is worth knowing of code and is no part of its identity. */
export interface CodeRemarks {
  readonly warnings: readonly CodeWarning[];
  /** Environment variables that the code names, and where. */
  readonly environment: readonly { readonly name: string; readonly at: string }[];
  /** State of modules that other code may set while the program runs. */
  readonly state: SymbolClosure["state"];
  /** Whether another step may run in the same thread afterwards without seeing anything of it. */
  readonly contained: boolean;
}

/** What a step's code is. Equal digests mean: the same function, over the same modules, packages and captured values. */
export interface CodeIdentity {
  readonly digest: Digest;
  /** Leaves under `code/…`, for the key tree. */
  readonly leaves: readonly KeyLeaf[];
  readonly modules: readonly IdentifiedModule[];
  /** Undefined with `code: { version }`, and where no file holds the pipeline. */
  readonly program: LoadedProgram | undefined;
  readonly captures: readonly CapturedValue[];
  /** Whether the place of the `step(…)` call alone says which function it is, so that nothing else has to be compared. */
  readonly literal: boolean;
  /** Non-empty when something could not be identified: the result is stored and not offered. */
  readonly unseen: readonly UnseenActivity[];
  /** True when the closure or a package that it reaches names `Date`, `Intl`, `localeCompare`, `toLocale…`: time zone, locale and ICU enter the key. */
  readonly localeSensitive: boolean;
  /** True when a reached package holds a native addon. */
  readonly native: boolean;
  /** Digests of leaves that stand for pieces of code, of which there are records; none but with `symbols`. */
  readonly pieces: readonly Digest[];
  /** With `symbols`; empty otherwise. */
  readonly remarks: CodeRemarks;
}
