import { createHmac } from "node:crypto";
import { parseDigest } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { absentDigest } from "./data-digests.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's value; undefined for what every object inherits, as `toString`. */
export function variableOf(environment: Environment, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

/**
 * What is kept of a variable's value: an HMAC under the repository's key, so that the store never holds the value and
 * nobody without the key can try values against it.
 */
export function environmentDigest(key: string, name: string, value: string | undefined): Digest {
  if (value === undefined) return absentDigest;
  return parseDigest(createHmac("sha256", key).update(`${name.length}:${name}=`).update(value).digest("hex"));
}
