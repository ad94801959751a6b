import { createHash, hash } from "node:crypto";
import { EncodingError } from "../errors.ts";

declare const brand: unique symbol;

/** A SHA-256 digest as 64 lower-case hexadecimal characters. */
export type Digest = string & { readonly [brand]: "Digest" };

/** Takes bytes piece by piece. Once `digest` was called, neither method may be called again. */
export interface Digester {
  update(bytes: Uint8Array | string): void;
  digest(): Digest;
}

const digestPattern = /^[0-9a-f]{64}$/;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * The SHA-256 digest of bytes, or of a text's UTF-8 bytes.
 *
 * @throws EncodingError when a text holds a lone surrogate: it has no UTF-8 form, and the usual replacement character
 * would give two different texts one digest.
 * @example digestOf("abc") // "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
 */
export function digestOf(bytes: Uint8Array | string): Digest {
  return hash("sha256", hashable(bytes), "hex") as Digest;
}

/**
 * The digest of the bytes that a text was decoded from as UTF-8; undefined where the text does not tell them, since
 * something in them was no valid UTF-8. Spares a search for lone surrogates, which decoding never makes.
 */
export function digestOfDecoded(text: string): Digest | undefined {
  return text.includes("\ufffd") ? undefined : (hash("sha256", text, "hex") as Digest);
}

/** Whether a text has the form of a digest. */
export function isDigest(text: string): text is Digest {
  return digestPattern.test(text);
}

/**
 * Reads a digest written by someone else.
 *
 * @throws EncodingError when the text is not 64 lower-case hexadecimal characters.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new EncodingError({
    code: "WS_BAD_ENCODING",
    message: `${JSON.stringify(text.slice(0, 80))} is not a digest.`,
    hint: "Expected 64 lower-case hexadecimal characters.",
  });
}

/** The 32 bytes of a digest. */
export function digestToBytes(digest: Digest): Uint8Array {
  return new Uint8Array(Buffer.from(digest, "hex"));
}

/**
 * The digest that 32 bytes stand for.
 *
 * @throws EncodingError when there are not exactly 32 bytes.
 */
export function digestFromBytes(bytes: Uint8Array): Digest {
  if (bytes.byteLength !== 32) {
    throw new EncodingError({
      code: "WS_BAD_ENCODING",
      message: `A digest has 32 bytes, and ${bytes.byteLength} were given.`,
    });
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString("hex") as Digest;
}

/**
 * A digest of bytes that arrive in pieces; where the pieces are cut makes no difference.
 *
 * @example
 * const digester = createDigester();
 * for await (const chunk of stream) digester.update(chunk);
 * const digest = digester.digest();
 */
export function createDigester(): Digester {
  const state = createHash("sha256");
  return {
    update: (bytes) => void state.update(hashable(bytes)),
    digest: () => state.digest("hex") as Digest,
  };
}

function hashable(bytes: Uint8Array | string): Uint8Array | string {
  if (typeof bytes !== "string" || !loneSurrogate.test(bytes)) return bytes;
  throw new EncodingError({
    message: "A text with a lone surrogate has no UTF-8 form and cannot be digested as text.",
    hint: "Digest its canonical encoding (`canonicalDigest`) or its bytes.",
  });
}
