import { MAX_BYTES, TAG } from "./canonical-format.ts";
import type { Digest } from "./digest.ts";

const FIRST_CAPACITY = 4096;
const KEPT_CAPACITY = 1 << 20;
/** Up to here a loop over the characters beats a call into Node. */
const SHORT_TEXT = 40;
const loneSurrogate = /\p{Surrogate}/u;

let spare: Buffer | undefined;

/**
 * Grows a buffer and writes frames into it. Integers are big-endian.
 *
 * One buffer is kept between uses: `release` gives it back, and a nested writer simply makes its own.
 */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;
  readonly #onOverflow: () => never;

  constructor(onOverflow: () => never) {
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(FIRST_CAPACITY);
    spare = undefined;
    this.#onOverflow = onOverflow;
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#putUint32(this.#length, value);
    this.#length += 4;
  }

  /** Fills in a length that was not known when its place was written. */
  uint32At(position: number, value: number): void {
    this.#putUint32(position, value);
  }

  /** IEEE 754, with the one quiet NaN whose payload is empty: the machine's own NaN may have any. */
  float64(value: number): void {
    this.#reserve(8);
    if (Number.isNaN(value)) {
      this.#putUint32(this.#length, 0x7ff80000);
      this.#putUint32(this.#length + 4, 0);
    } else {
      this.#buffer.writeDoubleBE(value, this.#length);
    }
    this.#length += 8;
  }

  /** Copies raw bytes, unframed, and returns where they now are. */
  bytes(value: Uint8Array): Uint8Array {
    this.#reserve(value.byteLength);
    const from = this.#length;
    this.#buffer.set(value, from);
    this.#length += value.byteLength;
    return this.#buffer.subarray(from, this.#length);
  }

  /** Tag, length in bytes, UTF-8; a text with lone surrogates has its own tag and is UTF-16, little-endian. */
  text(value: string): void {
    if (value.length <= SHORT_TEXT && this.#shortAscii(value)) return;
    const utf8 = Buffer.byteLength(value, "utf8");
    this.#reserve(5 + utf8);
    if (utf8 !== value.length && loneSurrogate.test(value)) return this.#illFormedText(value);
    this.#buffer.write(value, this.#length + 5, "utf8");
    this.#frame(TAG.string, utf8);
  }

  /** The 32 bytes of a digest. They need no length. */
  digest(digest: Digest): void {
    this.#reserve(32);
    const written = digest.length === 64 ? this.#buffer.write(digest, this.#length, 32, "hex") : 0;
    if (written !== 32) throw new RangeError("A digest has 64 hex digits.");
    this.#length += 32;
  }

  /** What was written so far. It is only valid until the next write or `release`. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** A copy of what was written so far, in an ArrayBuffer of its own. */
  copy(): Uint8Array {
    return new Uint8Array(this.view());
  }

  release(): void {
    if (this.#buffer.byteLength <= KEPT_CAPACITY) spare = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
  }

  #shortAscii(value: string): boolean {
    const size = value.length;
    this.#reserve(5 + size);
    const buffer = this.#buffer;
    const from = this.#length + 5;
    for (let index = 0; index < size; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      buffer[from + index] = code;
    }
    this.#frame(TAG.string, size);
    return true;
  }

  #illFormedText(value: string): void {
    this.#reserve(5 + value.length * 2);
    this.#buffer.write(value, this.#length + 5, "utf16le");
    this.#frame(TAG.illFormedString, value.length * 2);
  }

  #frame(tag: number, size: number): void {
    this.#buffer[this.#length] = tag;
    this.#putUint32(this.#length + 1, size);
    this.#length += 5 + size;
  }

  #putUint32(position: number, value: number): void {
    const buffer = this.#buffer;
    buffer[position] = value >>> 24;
    buffer[position + 1] = value >>> 16;
    buffer[position + 2] = value >>> 8;
    buffer[position + 3] = value;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed > this.#buffer.byteLength) this.#grow(needed);
  }

  #grow(needed: number): void {
    if (needed > MAX_BYTES) this.#onOverflow();
    const larger = Buffer.allocUnsafeSlow(Math.min(MAX_BYTES, Math.max(needed, this.#buffer.byteLength * 2)));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
