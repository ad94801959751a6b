import { createHmac } from "node:crypto";
import { parseDigest } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { absentDigest } from "./data-digests.ts";

/**
 * What is kept of a variable's value: an HMAC under the repository's key, so that the store never holds the value and
 * nobody without the key can try values against it.
 */
export function environmentDigest(key: string, name: string, value: string | undefined): Digest {
  if (value === undefined) return absentDigest;
  return parseDigest(createHmac("sha256", key).update(`${name.length}:${name}=`).update(value).digest("hex"));
}
