import type { Digest } from "../encoding/digest.ts";

/**
 * One piece of code as identities know it: a function, class, variable or statement, with what it leads to. Kept once per
 * digest, so that two identities are compared by going down from their roots where digests differ.
 */
export interface CodeRecord {
  /** Of this piece and of everything that it leads to: equal exactly where nothing below differs. */
  readonly digest: Digest;
  /** Of what it says itself, names of locals, comments, types and layout left out. Differs where the piece was edited. */
  readonly own: Digest;
  /** `parseDate`, `statement`, `package zod`, `defaults.json`. */
  readonly name: string;
  /** Rooted name of its file and the line it begins in: `project:src/dates.ts`, 12. Absent for packages. */
  readonly file?: string;
  readonly line?: number;
  /**
   * Digests of the records that it leads to, each once: what it names, in the order in which it does, then what
   * changes what it holds, by name.
   */
  readonly uses: readonly Digest[];
  /** Its text when it was first recorded, for a source diff. */
  readonly text?: string;
}
