import type { Digest } from "../encoding/digest.ts";
import type { CacheKey } from "../encoding/key-tree.ts";

/** The key under which the tree of a code identity is kept: its digest. */
export function codeKey(identity: Digest): CacheKey {
  return identity as string as CacheKey;
}
