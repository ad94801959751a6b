import { isUtf8 } from "node:buffer";
import { EncodingError } from "../errors.ts";
import { TAG } from "./canonical-format.ts";

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Reads what a ByteWriter wrote, strictly: a length beyond the end is found before anything is allocated, and a form
 * that the writer would never choose is refused.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.byteLength - this.#position;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** A number of items, each of which takes at least `least` bytes. */
  count(least: number): number {
    const count = this.uint32();
    if (count * least > this.remaining) this.fail("more items are announced than bytes are left");
    return count;
  }

  float64(): number {
    const at = this.#take(8);
    const value = this.#bytes.readDoubleBE(at);
    if (Number.isNaN(value) && this.#bytes.readBigUInt64BE(at) !== 0x7ff8000000000000n)
      this.fail("a NaN has a payload");
    return value;
  }

  /** A view of the next bytes; the caller copies what it keeps. */
  bytes(size: number): Buffer {
    const at = this.#take(size);
    return this.#bytes.subarray(at, at + size);
  }

  text(): string {
    return this.textAfter(this.byte());
  }

  textAfter(tag: number): string {
    if (tag === TAG.string) return this.#utf8();
    if (tag === TAG.illFormedString) return this.#utf16();
    return this.fail("a text was expected");
  }

  end(): void {
    if (this.remaining > 0) this.fail(`${this.remaining} bytes follow the value`);
  }

  fail(what: string): never {
    throw new EncodingError({
      code: "WS_BAD_ENCODING",
      message: `These bytes are not a canonical encoding: ${what} (at byte ${this.#position}).`,
      hint: "They were damaged or written by something else. Compute the value again.",
      details: { position: this.#position },
    });
  }

  #utf8(): string {
    const bytes = this.bytes(this.uint32());
    if (!isUtf8(bytes)) this.fail("a text is not UTF-8");
    return bytes.toString("utf8");
  }

  #utf16(): string {
    const size = this.uint32();
    if (size % 2 !== 0) this.fail("a UTF-16 text has an odd number of bytes");
    const text = this.bytes(size).toString("utf16le");
    if (!loneSurrogate.test(text)) this.fail("a well-formed text is written as UTF-16");
    return text;
  }

  #take(size: number): number {
    if (size > this.remaining) this.fail(`${size} bytes were expected and ${this.remaining} are left`);
    const at = this.#position;
    this.#position += size;
    return at;
  }
}
