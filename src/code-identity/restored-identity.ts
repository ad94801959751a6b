import type { Digest } from "../encoding/digest.ts";
import type { KeyLeaf } from "../encoding/key-tree.ts";
import { lazy } from "../util/lazy.ts";
import type { CodeIdentity, IdentifiedModule, LoadedProgram } from "./code-identity.ts";

/** What of an identity every run asks for. */
export type StoredHead = readonly [
  key: string,
  digest: Digest,
  literal: boolean,
  localeSensitive: boolean,
  native: boolean,
];

/** The rest of it: for misses and explanations. Leaves are shared by many identities and stored once. */
type StoredRest = readonly [
  leaves: readonly number[],
  rest: Pick<CodeIdentity, "captures" | "unseen" | "pieces" | "remarks">,
];

/** What the identities of one program have besides their heads, in the same order. */
export interface StoredDetails {
  readonly modules: readonly IdentifiedModule[];
  readonly leaves: readonly KeyLeaf[];
  readonly identities: readonly StoredRest[];
}

export function storeHead(key: string, { digest, literal, localeSensitive, native }: CodeIdentity): StoredHead {
  return [key, digest, literal, localeSensitive, native];
}

export function storeDetails(identities: readonly CodeIdentity[], modules: readonly IdentifiedModule[]): StoredDetails {
  const places = new Map<string, number>();
  const leaves: KeyLeaf[] = [];
  const placeOf = (leaf: KeyLeaf): number => {
    const name = JSON.stringify(leaf);
    const place = places.get(name) ?? leaves.push(leaf) - 1;
    places.set(name, place);
    return place;
  };
  const stored = identities.map(
    ({ leaves: own, captures, unseen, pieces, remarks }): StoredRest => [
      own.map(placeOf),
      { captures, unseen, pieces, remarks },
    ],
  );
  return { modules, leaves, identities: stored };
}

/** The identities that were stored by `storeHead` and `storeDetails`; details are read when one of them is asked for. */
export function restoreIdentities(
  heads: readonly StoredHead[],
  program: Digest,
  readDetails: () => StoredDetails,
): ReadonlyMap<string, CodeIdentity> {
  const details = lazy(readDetails);
  // A plain object, since it is handed to threads.
  const loaded: LoadedProgram = {
    digest: program,
    get modules() {
      return details().modules.map(({ url }) => url);
    },
  };
  return new Map(heads.map((head, index) => [head[0], new RestoredIdentity(head, index, loaded, details)]));
}

class RestoredIdentity implements CodeIdentity {
  readonly digest: Digest;
  readonly literal: boolean;
  readonly localeSensitive: boolean;
  readonly native: boolean;
  readonly program: LoadedProgram;
  readonly #index: number;
  readonly #details: () => StoredDetails;

  constructor(
    [, digest, literal, localeSensitive, native]: StoredHead,
    index: number,
    program: LoadedProgram,
    details: () => StoredDetails,
  ) {
    this.digest = digest;
    this.literal = literal;
    this.localeSensitive = localeSensitive;
    this.native = native;
    this.program = program;
    this.#index = index;
    this.#details = details;
  }

  get leaves(): CodeIdentity["leaves"] {
    const { leaves } = this.#details();
    return this.#stored[0].flatMap((place) => leaves[place] ?? []);
  }

  get modules(): CodeIdentity["modules"] {
    return this.#details().modules;
  }

  get captures(): CodeIdentity["captures"] {
    return this.#stored[1].captures;
  }

  get unseen(): CodeIdentity["unseen"] {
    return this.#stored[1].unseen;
  }

  get pieces(): CodeIdentity["pieces"] {
    return this.#stored[1].pieces;
  }

  get remarks(): CodeIdentity["remarks"] {
    return this.#stored[1].remarks;
  }

  get #stored(): StoredRest {
    const stored = this.#details().identities[this.#index];
    if (stored === undefined) throw new Error("an identity was stored without its details");
    return stored;
  }
}
