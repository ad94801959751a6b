import { canonicalDigest } from "../../encoding/canonical.ts";
import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";
import { EncodingError } from "../../errors.ts";

/**
 * The digest of what importing a data file gives: of a JSON file its value, so that layout and the order of keys do not count;
 * of anything else, broken JSON among it, its bytes.
 *
 * @example dataDigest("a.json", bytes('{"a":1,"b":2}')) === dataDigest("a.json", bytes('{ "b": 2, "a": 1 }')) // true
 */
export function dataDigest(path: string, bytes: Uint8Array): Digest {
  const value = path.endsWith(".json") ? jsonDigest(bytes) : undefined;
  return value ?? digestOf(bytes);
}

function jsonDigest(bytes: Uint8Array): Digest | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // Framed apart from bytes: a file that holds the canonical form of another is not the other.
    return canonicalDigest(["json", JSON.parse(text) as unknown]);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof EncodingError) return undefined;
    throw error;
  }
}
