import { CanonicalDecoder } from "./canonical-decoder.ts";
import { encodeWith } from "./canonical-encoder.ts";
import { digestOf } from "./digest.ts";
import type { Digest } from "./digest.ts";

export interface EncodeOptions {
  /**
   * Asked for each object, function and symbol before anything of it is touched. A label puts a hole in the value's
   * place, under a tag that no plain value can produce; undefined encodes the value as it is.
   */
  readonly hole?: (value: unknown) => string | undefined;
  /** What the path in an error begins with, for example the parameter's name. */
  readonly path?: string;
}

export interface DecodeOptions {
  /** Gives the value for a hole's label. Without it, an encoding with a hole is refused. */
  readonly fill?: (hole: string) => unknown;
}

/**
 * The bytes that stand for a value: equal values have equal bytes, different values have different bytes, and no
 * encoding is the beginning of another. The bytes may change only together with the version, their first byte.
 *
 * | value | rule |
 * |---|---|
 * | `null`, `true`, `false` | one value each |
 * | `undefined` | kept as such in arrays, Maps, Sets and alone; a property that is undefined is the same as an absent one, and is delivered as absent |
 * | number | its 8 bytes; every `NaN` is one value; `-0` is not `0` |
 * | bigint | not the number: `1n` is not `1` |
 * | string | exact, never normalised; lone surrogates are kept |
 * | array | order counts; a hole is refused |
 * | plain object, null-prototype object | own enumerable string keys, whose order does not count; both are delivered as plain objects; `__proto__` is an ordinary key |
 * | Map, Set | order counts; keys and members of any kind; not the object or array of the same content |
 * | Date | its time; an invalid Date is a value of its own; not the number or text of the same time |
 * | URL | its `href` |
 * | typed arrays, DataView, ArrayBuffer, Buffer | kind and visible bytes, little-endian: NaN payloads count, the rest of the underlying buffer does not, nor do properties hung on a typed array or buffer; delivered over a buffer of its own |
 * | the same object in two places | as two values: identity is not kept |
 * | cycles, more than 1,000 levels, more than 256 MiB | refused |
 * | symbol keys, getters and setters, properties hung on an array, Map, Set, Date or URL | refused |
 * | functions, symbols, class instances, subclasses of the above, Proxy, RegExp, Error, Promise, boxed primitives, WeakMap, shared, resizable or detached buffers | refused |
 *
 * No code of the value's own is run: no getter, `toJSON`, iterator or proxy trap.
 *
 * @throws EncodingError (`WS_NOT_KEYABLE`) for what is refused; the message names the path and what was found, the hint
 * says what to do, and `details` has `path` and `found`.
 * @example
 * encodeCanonical({ b: 1, a: [true] }); // the same bytes as for { a: [true], b: 1 }
 * encodeCanonical({ rates: [{ when: /x/ }] }); // throws: `rates[0].when` is a RegExp, …
 */
export function encodeCanonical(value: unknown, options: EncodeOptions = {}): Uint8Array {
  return encodeWith(value, options.hole, options.path, (out) => out.copy());
}

/**
 * The value that canonical bytes stand for, built afresh; encoding it again gives the same bytes.
 *
 * Any other bytes are refused, whether damaged, cut short, followed by more, or not in canonical form. What is allocated
 * is bounded by the number of bytes given.
 *
 * @throws EncodingError (`WS_BAD_ENCODING`, or `WS_FORMAT_NEWER` for bytes of a later version).
 * @example decodeCanonical(encodeCanonical(new Map([["a", 1n]]))); // Map { "a" => 1n }
 */
export function decodeCanonical(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  return new CanonicalDecoder(bytes, options.fill).decode();
}

/**
 * The digest of a value's canonical bytes, without making a copy of them.
 *
 * @throws EncodingError as `encodeCanonical` does.
 * @example canonicalDigest({ a: 1, b: 2 }) === canonicalDigest({ b: 2, a: 1 }) // true
 */
export function canonicalDigest(value: unknown, options: EncodeOptions = {}): Digest {
  return encodeWith(value, options.hole, options.path, (out) => digestOf(out.view()));
}
