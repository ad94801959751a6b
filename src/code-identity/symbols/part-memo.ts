import type { Digest } from "../../encoding/digest.ts";
import type { KeyLeaf } from "../../encoding/key-tree.ts";
import type { UnseenActivity } from "../../model/reads.ts";
import { lazy } from "../../util/lazy.ts";
import type { CodeRemarks } from "../code-identity.ts";

/** A part of an identity without the functions and modules that it is asked for with. */
export interface PartFacts {
  readonly own: readonly KeyLeaf[];
  readonly leaves: readonly KeyLeaf[];
  readonly unseen: readonly UnseenActivity[];
  readonly localeSensitive: boolean;
  readonly native: boolean;
  /** Digests of leaves that stand for pieces of code. */
  readonly pieces: readonly Digest[];
  readonly remarks: CodeRemarks;
}

/** Leaves are shared by many parts and stored once: places in `leaves`. */
export interface StoredParts {
  readonly leaves: readonly KeyLeaf[];
  readonly parts: readonly (readonly [
    key: string,
    own: readonly number[],
    leaves: readonly number[],
    rest: Omit<PartFacts, "own" | "leaves">,
  ])[];
}

/** More than these are not kept between processes. */
const MOST = 20_000;

/**
 * Parts of identities by what they follow from: every file, package and option of the program, the functions and what they
 * captured. So nothing here goes stale, and an undone edit finds what was there before.
 */
export class PartMemo {
  readonly #parts: () => Map<Digest, PartFacts>;
  #changed = false;

  /** `load` is called when a part is first asked for: a thread that only compares captures never does. */
  constructor(load: () => StoredParts | undefined) {
    this.#parts = lazy(() => restoreParts(load()));
  }

  get changed(): boolean {
    return this.#changed;
  }

  get(key: Digest, compute: () => PartFacts): PartFacts {
    const known = this.#parts().get(key);
    if (known !== undefined) return known;
    const part = compute();
    this.#parts().set(key, part);
    this.#changed = true;
    return part;
  }

  toStored(): StoredParts {
    this.#changed = false;
    const places = new Map<string, number>();
    const leaves: KeyLeaf[] = [];
    const placeOf = (leaf: KeyLeaf): number => {
      const name = JSON.stringify(leaf);
      const known = places.get(name);
      if (known !== undefined) return known;
      places.set(name, leaves.length);
      return leaves.push(leaf) - 1;
    };
    const parts = [...this.#parts()]
      .slice(-MOST)
      .map(([key, { own, leaves: reached, ...rest }]) => [key, own.map(placeOf), reached.map(placeOf), rest] as const);
    return { leaves, parts };
  }
}

function restoreParts(stored: StoredParts | undefined): Map<Digest, PartFacts> {
  const at = (places: readonly number[]): readonly KeyLeaf[] => places.flatMap((place) => stored?.leaves[place] ?? []);
  const parts = stored?.parts ?? [];
  return new Map(
    parts.map(([key, own, leaves, rest]) => [key as Digest, { own: at(own), leaves: at(leaves), ...rest }]),
  );
}
