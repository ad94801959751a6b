/**
 * Every error that Warmstart throws on purpose: one class per area, one code per situation.
 *
 * A message says what happened and where; `hint` says what to do next. Expected outcomes (a hit, a miss, a skipped
 * step) are values and never pass through here.
 */

/** What an error is made of. `details` is plain data for programs; the message already says it to people. */
export interface ErrorInit {
  readonly message: string;
  /** What to do next, as one or two sentences. */
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

const mark = Symbol.for("warmstart.error");

/** The base class. `instanceof` also holds across two copies of the package, since it asks for a mark and not for a prototype. */
export class WarmstartError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, init: ErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.hint = init.hint;
    this.details = init.details ?? {};
    this.name = new.target.name;
    Object.defineProperty(this, mark, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== WarmstartError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && mark in value;
  }
}

/** A value that cannot enter a key, or bytes that are no canonical encoding. */
export class EncodingError extends WarmstartError {
  constructor(init: ErrorInit & { readonly code?: "WS_NOT_KEYABLE" | "WS_BAD_ENCODING" | "WS_FORMAT_NEWER" }) {
    super(init.code ?? "WS_NOT_KEYABLE", init);
  }
}

/** What is wrong with the definition of a step or a pipeline. */
export type PipelineErrorCode =
  | "WS_HANDLE_MISUSED"
  | "WS_OUTSIDE_PIPELINE"
  | "WS_STEP_IN_STEP"
  | "WS_FOREIGN_HANDLE"
  | "WS_ASYNC_BUILDER"
  | "WS_BAD_RESULT"
  | "WS_BAD_INPUT"
  | "WS_BAD_OPTION"
  | "WS_BAD_NAME"
  | "WS_DUPLICATE_ID"
  | "WS_CYCLE"
  | "WS_BAD_PARAMETER"
  | "WS_UNKNOWN_STEP"
  | "WS_UNKNOWN_PIPELINE"
  | "WS_DUPLICATE_MATERIALIZER"
  | "WS_BAD_REFERENCE"
  | "WS_TWO_RELEASES";

export class PipelineError extends WarmstartError {
  constructor(code: PipelineErrorCode, init: ErrorInit) {
    super(code, init);
  }
}

/** A value that cannot be stored, or stored bytes that cannot become a value. */
export class MaterializerError extends WarmstartError {
  constructor(
    code: "WS_NOT_STORABLE" | "WS_LAZY_VALUE" | "WS_NO_MATERIALIZER" | "WS_BAD_STORED_VALUE" | "WS_FORMAT_NEWER",
    init: ErrorInit,
  ) {
    super(code, init);
  }
}

/** Bytes that are missing, damaged, or in a place where no artifact may be. */
export class ArtifactError extends WarmstartError {
  constructor(
    code: "WS_ARTIFACT_MISSING" | "WS_ARTIFACT_DAMAGED" | "WS_ARTIFACT_STORE" | "WS_NO_SPACE" | "WS_READ_ONLY",
    init: ErrorInit,
  ) {
    super(code, init);
  }
}

/** The metadata store refused or could not be used. */
export class MetadataError extends WarmstartError {
  constructor(
    code:
      | "WS_METADATA_BUSY"
      | "WS_METADATA_STORE"
      | "WS_NOT_FOUND"
      | "WS_FORMAT_NEWER"
      | "WS_NO_SPACE"
      | "WS_READ_ONLY",
    init: ErrorInit,
  ) {
    super(code, init);
  }
}

/** A step's code could not be found, read or parsed. */
export class CodeIdentityError extends WarmstartError {
  constructor(code: "WS_SOURCE_NOT_FOUND" | "WS_SOURCE_SYNTAX" | "WS_SOURCE_UNREADABLE", init: ErrorInit) {
    super(code, init);
  }
}

/** A run could not be started, or ended without its results. */
export class RunError extends WarmstartError {
  constructor(
    code:
      | "WS_STEP_FAILED"
      | "WS_STEP_TIMEOUT"
      | "WS_STRICT"
      | "WS_ABORTED"
      | "WS_WOULD_COMPUTE"
      | "WS_EXECUTOR"
      | "WS_NOT_COMPUTED",
    init: ErrorInit,
  ) {
    super(code, init);
  }
}

/** The repository folder or the configuration is not usable. */
export class RepositoryError extends WarmstartError {
  constructor(
    code:
      | "WS_REPOSITORY_FOREIGN"
      | "WS_FORMAT_NEWER"
      | "WS_REPOSITORY_UNUSABLE"
      | "WS_REPOSITORY_GONE"
      | "WS_READ_ONLY"
      | "WS_NO_SPACE"
      | "WS_BAD_CONFIG"
      | "WS_NODE_TOO_OLD"
      | "WS_MODULE_FAILED"
      | "WS_NOT_FOUND"
      | "WS_USAGE",
    init: ErrorInit,
  ) {
    super(code, init);
  }
}
