/** How a path was written to. */
export type WriteKind = "replaced" | "appended" | "made" | "removed";

export interface ObservedWrite {
  /** Absolute path. */
  readonly path: string;
  readonly kind: WriteKind;
  /** What lies behind a link was there before. */
  readonly through?: "symlink";
}
