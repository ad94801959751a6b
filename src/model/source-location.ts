/** A place in a source as its author wrote it (never in transformed code). */
export interface SourceLocation {
  /** A `file:` URL, or whatever the stack named when it was no file. */
  readonly url: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}
