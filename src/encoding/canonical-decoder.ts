import { EncodingError } from "../errors.ts";
import { buildBinary } from "./binary-value.ts";
import { ByteReader } from "./byte-reader.ts";
import { CANONICAL_VERSION, MAX_BYTES, MAX_DEPTH, TAG } from "./canonical-format.ts";

/** Gives the value for a hole's label. */
export type HoleFill = (label: string) => unknown;

/** Decodes one value. Only what the encoder would have written is accepted: one value, one encoding. */
export class CanonicalDecoder {
  readonly #in: ByteReader;
  readonly #fill: HoleFill | undefined;
  #depth = 0;

  constructor(bytes: Uint8Array, fill: HoleFill | undefined) {
    this.#in = new ByteReader(bytes);
    this.#fill = fill;
  }

  decode(): unknown {
    if (this.#in.remaining > MAX_BYTES) this.#in.fail("they are larger than any encoding");
    this.#version(this.#in.byte());
    const value = this.#value(this.#in.byte());
    this.#in.end();
    return value;
  }

  #version(version: number): void {
    if (version === CANONICAL_VERSION) return;
    if (version === 0 || version > 0x1f) this.#in.fail(`they begin with ${version}, which is no format version`);
    throw new EncodingError({
      code: "WS_FORMAT_NEWER",
      message: `These bytes are in version ${version} of the canonical encoding, and this Warmstart reads version ${CANONICAL_VERSION}.`,
      hint: "Use the Warmstart release that wrote them, or a newer one.",
      details: { version, known: CANONICAL_VERSION },
    });
  }

  #value(tag: number): unknown {
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.true:
        return true;
      case TAG.false:
        return false;
      case TAG.undefined:
        return undefined;
      case TAG.number:
        return this.#in.float64();
      case TAG.string:
      case TAG.illFormedString:
        return this.#in.textAfter(tag);
      case TAG.array:
        return this.#nested(() => this.#array());
      case TAG.object:
        return this.#nested(() => this.#object());
      default:
        return this.#rare(tag);
    }
  }

  #rare(tag: number): unknown {
    switch (tag) {
      case TAG.positiveBigint:
        return this.#magnitude();
      case TAG.negativeBigint:
        return -this.#magnitude() || this.#in.fail("zero is written as a negative bigint");
      case TAG.map:
        return this.#nested(() => this.#map());
      case TAG.set:
        return this.#nested(() => this.#set());
      case TAG.date:
        return this.#date();
      case TAG.url:
        return this.#url();
      case TAG.binary:
        return this.#binary();
      case TAG.hole:
        return this.#hole();
      default:
        return this.#in.fail(`${tag} is no kind of value`);
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#in.fail(`values nest more than ${MAX_DEPTH} levels deep`);
    const value = read();
    this.#depth--;
    return value;
  }

  #array(): unknown[] {
    const count = this.#in.count(1);
    const items: unknown[] = [];
    for (let index = 0; index < count; index++) items.push(this.#value(this.#in.byte()));
    return items;
  }

  #object(): Record<string, unknown> {
    const count = this.#in.count(6);
    const object: Record<string, unknown> = {};
    let previous: string | undefined;
    for (let index = 0; index < count; index++) {
      const key = this.#in.text();
      if (previous !== undefined && key <= previous) this.#in.fail("keys are not in order");
      const tag = this.#in.byte();
      if (tag === TAG.undefined) this.#in.fail("a property is undefined instead of absent");
      define(object, key, this.#value(tag));
      previous = key;
    }
    return object;
  }

  #map(): Map<unknown, unknown> {
    const count = this.#in.count(2);
    const map = new Map<unknown, unknown>();
    for (let index = 0; index < count; index++) {
      const key = this.#member(map);
      map.set(key, this.#value(this.#in.byte()));
    }
    return map;
  }

  #set(): Set<unknown> {
    const count = this.#in.count(1);
    const set = new Set<unknown>();
    for (let index = 0; index < count; index++) set.add(this.#member(set));
    return set;
  }

  #member(collection: { has(member: unknown): boolean }): unknown {
    const tag = this.#in.byte();
    if (tag === TAG.hole) this.#in.fail("a hole is a Map key or Set member");
    const member = this.#value(tag);
    if (Object.is(member, -0)) this.#in.fail("-0 is a Map key or Set member, where it is always 0");
    if (collection.has(member)) this.#in.fail("a Map key or Set member is there twice");
    return member;
  }

  #magnitude(): bigint {
    const magnitude = this.#in.bytes(this.#in.uint32());
    if (magnitude.byteLength === 0) return 0n;
    if (magnitude[0] === 0) this.#in.fail("a bigint has leading zeros");
    try {
      return BigInt(`0x${magnitude.toString("hex")}`);
    } catch {
      return this.#in.fail("a bigint is larger than this machine's largest");
    }
  }

  #date(): Date {
    const time = this.#in.float64();
    const date = new Date(time);
    if (!Object.is(date.getTime(), time)) this.#in.fail(`${time} is no time of a Date`);
    return date;
  }

  #url(): URL {
    const href = this.#in.text();
    const url = URL.parse(href);
    return url?.href === href ? url : this.#in.fail("a URL is not in its normal form");
  }

  #binary(): object {
    const kind = this.#in.byte();
    const bytes = this.#in.bytes(this.#in.uint32());
    return buildBinary(kind, bytes) ?? this.#in.fail(`there is no binary kind ${kind} of ${bytes.byteLength} bytes`);
  }

  #hole(): unknown {
    const label = this.#in.text();
    if (this.#fill === undefined) this.#in.fail("a hole is left and nothing was given to fill it");
    return this.#fill(label);
  }
}

/** Plain assignment would call `__proto__`'s setter, and trip over a frozen Object.prototype. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (!(key in object)) object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
