import type { Digest } from "../../encoding/digest.ts";
import type { UnseenActivity } from "../../model/reads.ts";

/** A function by the file that it stands in and its path there (`FunctionEntry.path`): `step(train)`, `makeStep/return`. */
export interface SymbolRoot {
  /** Real path. */
  readonly file: string;
  readonly functionPath: string;
}

/** Code that reads what no key holds: the clock, unseeded randomness, the machine. A warning, never a reason to compute. */
export interface CodeWarning {
  readonly kind: "clock" | "random" | "locale" | "system";
  /** `Date.now`, `Math.random`, `os.cpus`. */
  readonly name: string;
  /** `src/model.ts:12`. */
  readonly at: string;
}

/** Everything that one function can reach, and every top-level effect that can touch it. */
export interface SymbolClosure {
  /** Merkle digest of the function, as in its `CodeRecord`. */
  readonly digest: Digest;
  /** Digests of the top-level effects that touch nothing in particular and so belong to every step of the program, sorted. */
  readonly ambient: readonly Digest[];
  /** Installed packages that the closure and the ambient effects lead to: folder, and the files of it that are imported. */
  readonly packages: readonly { readonly folder: string; readonly path: string }[];
  /** Real paths of the modules in which something of the closure or of the ambient effects stands. */
  readonly modules: readonly string[];
  /** What cannot be decided: `eval`, computed imports, unresolved imports. `note` is `src/a.ts:12 …`. */
  readonly unseen: readonly UnseenActivity[];
  readonly warnings: readonly CodeWarning[];
  /** Names of environment variables that it reads, with their place. */
  readonly environment: readonly { readonly name: string; readonly at: string }[];
  /** Module-level variables that code outside of the closure's own evaluation may set while the program runs, with the place of the write. */
  readonly state: readonly { readonly name: string; readonly at: string; readonly writtenAt: string }[];
  /** It names `Date` (beyond `now` and `UTC`), `Intl`, `localeCompare` or `toLocale…`. */
  readonly localeSensitive: boolean;
  /**
   * Native code that it imports itself, by the names under which people vouch for it, sorted: `node:sqlite`,
   * `native/sum.node`. Packages are asked apart.
   */
  readonly natives: readonly string[];
  /**
   * Nothing that it does can be seen by a step that runs in the same thread afterwards: it reaches no package, no
   * module-level object that is written, writes no global and no environment, starts nothing.
   */
  readonly contained: boolean;
}
