import { join } from "node:path";
import { isDigest } from "../../../encoding/digest.ts";
import type { Digest } from "../../../encoding/digest.ts";
import { badDigest } from "../../artifact-failure.ts";

/** Changes together with anything that an older Warmstart would misread. */
export const formatVersion = 1;

const shardPattern = /^[0-9a-f]{2}$/;
const restPattern = /^[0-9a-f]{62}$/;
const objectsPattern = /^objects-v([1-9][0-9]{0,8})$/;

/** `objects-v1`. */
export const objectsName: string = `objects-v${formatVersion}`;

/** The version in the name of an objects folder, or undefined for another name. */
export function objectsVersion(name: string): number | undefined {
  const match = objectsPattern.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/**
 * The folder of a blob under the objects folder, `ab`, and its name in there, the other 62 characters.
 *
 * @throws ArtifactError when the text is no digest: nothing else may become part of a path.
 */
export function blobPlace(digest: Digest): { readonly shard: string; readonly rest: string } {
  if (!isDigest(digest)) throw badDigest(digest);
  return { shard: digest.slice(0, 2), rest: digest.slice(2) };
}

export function blobPath(objects: string, digest: Digest): string {
  const { shard, rest } = blobPlace(digest);
  return join(objects, shard, rest);
}

export function isShardName(name: string): boolean {
  return shardPattern.test(name);
}

/** The digest of the blob `rest` in `shard`, or undefined for a file that is none of ours. */
export function digestAt(shard: string, rest: string): Digest | undefined {
  return restPattern.test(rest) ? ((shard + rest) as Digest) : undefined;
}
