import type { Digest } from "../encoding/digest.ts";

/**
 * One thing that a step was observed to read, and what was there.
 *
 * `name` is a rooted path (`project:data/x.csv`, `package:zod@4.1.0/locale.json`, `home:…`, `temp:…`, or an absolute
 * path as it is) or the name of an environment variable. A `directory` counts with everything below it, a `listing`
 * by its names alone, a `folder` by being one, a `presence` by whether anything is there,
 * a `size` by that of a file which is too large to be read for having been asked about.
 */
export interface ReadRecord {
  readonly kind:
    | "file"
    | "absent"
    | "directory"
    | "listing"
    | "folder"
    | "presence"
    | "size"
    | "link"
    | "env"
    | "source";
  readonly name: string;
  /** Of the bytes, of the sorted names (`listing`), of where a link leads, of the value (HMAC); for `absent` the digest of nothing. */
  readonly digest: Digest;
}

/** What can be said about a read before it is known what is there now: enough to look again. */
export interface ReadQuestion {
  readonly kind: Exclude<ReadRecord["kind"], "absent">;
  readonly name: string;
}

/** The questions that one execution asked, in a fixed order without repeats. */
export interface PathSet {
  readonly questions: readonly ReadQuestion[];
}

/** A file that an execution created or overwrote outside its temporary directory, and what it left there. */
export interface SideEffect {
  /** Rooted path. */
  readonly path: string;
  /**
   * `removed` when the execution deleted it. `present` for a folder that it made and for a file that it began by
   * appending: something must be there, whatever was added since.
   */
  readonly state:
    | { readonly kind: "file"; readonly digest: Digest }
    | { readonly kind: "present" }
    | { readonly kind: "removed" };
}

/** Every kind of what cannot be seen to change; words of `trust`. */
export const unseenKinds = ["network", "native", "child", "thread", "environment", "code", "in-process"] as const;

export type UnseenKind = (typeof unseenKinds)[number];

/** Something that an execution did and that cannot be seen to change. */
export interface UnseenActivity {
  readonly kind: UnseenKind;
  /**
   * What exactly; shown, and matched by `trust: ["network:api.example.com"]`. `network`: the host without port,
   * `localhost` for this machine, `incoming` for what others send here, or the path of a socket. `native`: the package.
   * `child`: the program, or `sh` for a line that may start several. `thread`: its file or package, or `eval`.
   */
  readonly name: string;
  /** Where and why, for people. */
  readonly note?: string;
  /** The line of the project's code that did it first, where it is known: `notes.ts:12`. */
  readonly at?: string;
}
