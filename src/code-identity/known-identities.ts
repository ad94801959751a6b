import type { Digest } from "../encoding/digest.ts";
import type { CodeIdentity, IdentifiedModule } from "./code-identity.ts";
import type { StoredGuards } from "./guarded-memo.ts";
import type { FileDigests } from "./module-stamps.ts";
import { isUnchanged } from "./program-manifest.ts";
import type { ProgramManifest } from "./program-manifest.ts";
import { restoreIdentities, storeDetails, storeHead } from "./restored-identity.ts";
import type { StoredDetails, StoredHead } from "./restored-identity.ts";

/** One version of a program, and the identities that were found out under it. */
export interface StoredProgram {
  readonly digest: Digest;
  /** Missing where stamps alone cannot tell whether it is unchanged. */
  readonly manifest?: ProgramManifest;
  readonly heads: readonly StoredHead[];
  readonly details: () => StoredDetails;
}

/** A program that was looked at: what its closure says. */
export interface LookedProgram {
  /** Over everything that is in the program or decides what is in it. */
  readonly digest: Digest;
  readonly modules: readonly IdentifiedModule[];
  /** Undefined where bytes count that are in none of its files. */
  readonly files: ProgramManifest["files"] | undefined;
}

export interface KnownIdentitiesInit {
  readonly digests: FileDigests;
  /** What the answers of this round hang on; undefined when that cannot be said. */
  readonly guards: () => StoredGuards | undefined;
  /** Versions of a program that are kept from earlier processes, the newest first. */
  readonly load: (key: string) => readonly StoredProgram[];
}

const MOST_VERSIONS = 4;
/** More identities than these are not kept for one version of a program. */
const MOST_IDENTITIES = 20_000;

/**
 * Identities by the program that they were found out in and by the function that they are of. Nothing here goes stale: a
 * program's digest is over all that its identities follow from, and an undone edit finds what was there before.
 *
 * Whether a program is still the one that was looked at is told by stamps, once per round.
 */
export class KnownIdentities {
  readonly #init: KnownIdentitiesInit;
  readonly #versions = new Map<string, KnownProgram[]>();
  readonly #round = new Map<string, KnownProgram | undefined>();
  /** Looked at in this round: what they hang on is complete when the round ends. */
  readonly #looked = new Map<KnownProgram, LookedProgram>();
  readonly #changed = new Set<string>();

  constructor(init: KnownIdentitiesInit) {
    this.#init = init;
  }

  /** The program as it is now; undefined when stamps do not tell, so that it must be looked at. */
  unchanged(key: string): KnownProgram | undefined {
    if (!this.#round.has(key)) this.#round.set(key, this.#unchangedOf(key));
    return this.#round.get(key);
  }

  /** The program as it was found to be in this round. */
  lookedAt(key: string, looked: LookedProgram): KnownProgram {
    const versions = this.#versionsOf(key);
    const known = versions.find(({ digest }) => digest === looked.digest);
    const program = known ?? new KnownProgram(looked.digest, () => this.#changed.add(key));
    this.#versions.set(key, [program, ...versions.filter((other) => other !== program)].slice(0, MOST_VERSIONS));
    this.#round.set(key, program);
    this.#looked.set(program, looked);
    if (known?.manifest !== undefined) this.#changed.add(key);
    return program;
  }

  /** Ends the round: programs are asked for their stamps again. */
  forget(): void {
    this.#settle();
    this.#round.clear();
  }

  /** Hands out what came to be known since the last time, by program. */
  takeChanged(): readonly (readonly [key: string, programs: readonly StoredProgram[]])[] {
    this.#settle();
    const changed = [...this.#changed].map(
      (key) => [key, this.#versionsOf(key).map((program) => program.toStored())] as const,
    );
    this.#changed.clear();
    return changed;
  }

  #unchangedOf(key: string): KnownProgram | undefined {
    return this.#versionsOf(key).find(({ manifest }) => manifest && isUnchanged(manifest, this.#init.digests));
  }

  #versionsOf(key: string): readonly KnownProgram[] {
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const restored = this.#init.load(key).map((stored) => {
      return new KnownProgram(stored.digest, () => this.#changed.add(key), stored);
    });
    this.#versions.set(key, restored);
    return restored;
  }

  #settle(): void {
    if (this.#looked.size === 0) return;
    const guards = this.#init.guards();
    for (const [program, { files, modules }] of this.#looked) {
      program.modules = modules;
      program.manifest = files && guards && { files, ...guards };
    }
    this.#looked.clear();
  }
}

/** One version of a program. */
export class KnownProgram {
  readonly digest: Digest;
  readonly #identities: Map<string, CodeIdentity>;
  readonly #noteChange: () => void;
  manifest: ProgramManifest | undefined;
  modules: readonly IdentifiedModule[] | undefined;
  readonly #stored: StoredProgram | undefined;

  constructor(digest: Digest, noteChange: () => void, stored?: StoredProgram) {
    this.digest = digest;
    this.#noteChange = noteChange;
    this.#stored = stored;
    this.#identities = new Map(stored && restoreIdentities(stored.heads, digest, stored.details));
    this.manifest = stored?.manifest;
  }

  /** By whatever tells a function, and what it captured, from all others of the program. */
  get(key: string): CodeIdentity | undefined {
    return this.#identities.get(key);
  }

  add(key: string, identity: CodeIdentity): CodeIdentity {
    this.#identities.set(key, identity);
    this.#noteChange();
    return identity;
  }

  toStored(): StoredProgram {
    const entries = [...this.#identities].slice(-MOST_IDENTITIES);
    const modules = this.modules ?? this.#stored?.details().modules ?? [];
    return {
      digest: this.digest,
      ...(this.manifest === undefined ? {} : { manifest: this.manifest }),
      heads: entries.map(([key, identity]) => storeHead(key, identity)),
      details: () =>
        storeDetails(
          entries.map(([, identity]) => identity),
          modules,
        ),
    };
  }
}
