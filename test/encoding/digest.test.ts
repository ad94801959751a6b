import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createDigester,
  digestFromBytes,
  digestOf,
  digestToBytes,
  isDigest,
  parseDigest,
} from "../../src/encoding/digest.ts";
import { EncodingError } from "../../src/errors.ts";

const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("digests", () => {
  it("are the published SHA-256 values", () => {
    expect(digestOf("")).toBe(EMPTY);
    expect(digestOf("abc")).toBe(ABC);
    expect(digestOf(Uint8Array.of(97, 98, 99))).toBe(ABC);
    expect(createDigester().digest()).toBe(EMPTY);
  });

  it("take a text as UTF-8, and only the visible part of a view", () => {
    expect(digestOf("é🌡")).toBe(digestOf(Buffer.from("é🌡", "utf8")));
    expect(digestOf(Buffer.from("xabcx").subarray(1, 4))).toBe(ABC);
  });

  it("refuse a lone surrogate, which UTF-8 would turn into another text", () => {
    for (const text of ["\ud800", "a\udc00b"]) {
      expect(() => digestOf(text)).toThrow(EncodingError);
      expect(() => createDigester().update(text)).toThrow(EncodingError);
    }
  });

  it("do not depend on where the pieces are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const digester = createDigester();
        for (const piece of pieces) digester.update(piece);
        const whole = Buffer.concat(pieces);
        const digest = digester.digest();
        expect(digest).toBe(digestOf(whole));
        expect(digest).toBe(createHash("sha256").update(whole).digest("hex"));
      }),
    );
  });

  it("become 32 bytes and come back", () => {
    const bytes = digestToBytes(parseDigest(ABC));
    expect(bytes.byteLength).toBe(32);
    expect(bytes.buffer.byteLength).toBe(32);
    expect(digestFromBytes(bytes)).toBe(ABC);
    expect(digestFromBytes(Buffer.concat([Buffer.of(1), bytes]).subarray(1))).toBe(ABC);
    expect(() => digestFromBytes(new Uint8Array(31))).toThrow("A digest has 32 bytes, and 31 were given.");
    expect(() => digestFromBytes(new Uint8Array(33))).toThrow(EncodingError);
  });

  it.each(["", "abc", ABC.toUpperCase(), ABC.slice(1), `${ABC}0`, ` ${ABC}`, `${ABC}\n`, ABC.replace("b", "g")])(
    "are not %j",
    (text) => {
      expect(isDigest(text)).toBe(false);
      expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: "WS_BAD_ENCODING" }));
    },
  );
});
