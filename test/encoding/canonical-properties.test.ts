import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCanonical, encodeCanonical } from "../../src/encoding/canonical.ts";
import { EncodingError } from "../../src/errors.ts";
import { keyable } from "./keyable-arbitrary.ts";
import { nearMiss, reinserted } from "./near-miss.ts";
import type { Pick } from "./near-miss.ts";
import { sameKeyable } from "./reference-equality.ts";

const hexOf = (value: unknown): string => Buffer.from(encodeCanonical(value)).toString("hex");
const picks: fc.Arbitrary<Pick> = fc.infiniteStream(fc.nat()).map((stream) => (below) => {
  const { value } = stream.next();
  return (value ?? 0) % below;
});

/** A generator of small numbers for the large rounds, where fast-check's own would take most of the time. */
function picksFrom(seed: number): Pick {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe("canonical encoding, over arbitrary values", () => {
  it("does not depend on the order in which keys were inserted, nor on a null prototype", () => {
    fc.assert(
      fc.property(keyable, picks, (value, pick) => {
        const again = reinserted(value, pick);
        expect(sameKeyable(value, again)).toBe(true);
        expect(hexOf(again)).toBe(hexOf(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("gives back an equal value, which has the same bytes again", () => {
    fc.assert(
      fc.property(keyable, (value) => {
        const bytes = encodeCanonical(value);
        const decoded = decodeCanonical(bytes);
        expect(sameKeyable(decoded, value)).toBe(true);
        expect(Buffer.from(encodeCanonical(decoded)).equals(bytes)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("never changes the value", () => {
    fc.assert(
      fc.property(keyable, (value) => {
        const before = decodeCanonical(encodeCanonical(value));
        encodeCanonical(value);
        expect(sameKeyable(before, value)).toBe(true);
      }),
    );
  });

  it("agrees with the reference equality on 100,000 near misses", { timeout: 120_000 }, () => {
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const pick = picksFrom(seed);
    let different = 0;
    for (const value of fc.sample(keyable, { numRuns: 20_000, seed })) {
      const hex = hexOf(value);
      for (let round = 0; round < 5; round++) {
        const other = nearMiss(value, pick);
        const same = sameKeyable(value, other);
        if (!same) different++;
        if (same !== (hexOf(other) === hex)) expect.fail(`seed ${seed}: ${hex} against ${hexOf(other)}`);
      }
    }
    expect(different).toBeGreaterThan(50_000);
  });

  it("agrees with the reference equality on a million pairs of small values", { timeout: 120_000 }, () => {
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const values = fc.sample(keyable, { numRuns: 1500, seed }).map((value) => ({ value, hex: hexOf(value) }));
    for (const [index, a] of values.entries()) {
      for (const b of values.slice(index + 1)) {
        if (sameKeyable(a.value, b.value) !== (a.hex === b.hex)) expect.fail(`seed ${seed}: ${a.hex} against ${b.hex}`);
      }
    }
  });

  it("has no encoding that begins another", { timeout: 120_000 }, () => {
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const pick = picksFrom(seed);
    const values = fc.sample(keyable, { numRuns: 10_000, seed });
    const all = new Set([...values, ...values.map((value) => nearMiss(value, pick))].map(hexOf));
    // In sorted order, whatever begins another text stands right before one that it begins.
    const sorted = [...all].sort();
    for (const [index, hex] of sorted.entries()) {
      if (sorted[index + 1]?.startsWith(hex) === true) expect.fail(`seed ${seed}: ${hex} begins ${sorted[index + 1]}`);
    }
    expect(sorted.length).toBeGreaterThan(5000);
  });

  it("accepts only canonical bytes: a flipped byte is refused, or is another value's one encoding", () => {
    fc.assert(
      fc.property(keyable, fc.nat(), fc.nat(255), (value, place, byte) => {
        const bytes = encodeCanonical(value);
        bytes[place % bytes.length] = byte;
        expectStrict(bytes);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("decoding bytes from anywhere", () => {
  const readable = fc.constantFrom(..."ntfud+-swaoemDUbh".split("").map((tag) => tag.charCodeAt(0)), 0, 1, 2, 3, 8);

  it("refuses every truncation and every extension", () => {
    fc.assert(
      fc.property(keyable, fc.uint8Array({ minLength: 1, maxLength: 4 }), (value, more) => {
        const bytes = encodeCanonical(value);
        for (let size = 0; size < bytes.length; size++) {
          expect(() => decodeCanonical(bytes.subarray(0, size))).toThrow(EncodingError);
        }
        expect(() => decodeCanonical(Buffer.concat([bytes, more]))).toThrow(EncodingError);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses random bytes with an EncodingError, or they are canonical", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => expectStrict(bytes)),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.array(readable, { maxLength: 40 }), (rest) => expectStrict(Uint8Array.from([1, ...rest]))),
      { numRuns: 50_000 },
    );
  });

  it.each("swaoem".split(""))("allocates nothing for a %s that announces 4 GiB", (tag) => {
    const bytes = Buffer.from([1, tag.charCodeAt(0), 0xff, 0xff, 0xff, 0xff]);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 100; round++) expect(() => decodeCanonical(bytes)).toThrow(EncodingError);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it("refuses nesting that would overflow the stack", () => {
    const level = [0x61, 0, 0, 0, 1];
    const bytes = Uint8Array.from([1, ...Array.from({ length: 100_000 }, () => level).flat(), 0x6e]);
    expect(() => decodeCanonical(bytes)).toThrow(/nest more than 1000 levels/);
  });

  it("tells a newer version from damage", () => {
    expect(() => decodeCanonical(Uint8Array.of(2, 0x6e))).toThrow(expect.objectContaining({ code: "WS_FORMAT_NEWER" }));
    expect(() => decodeCanonical(Uint8Array.of(0x7b, 0x7d))).toThrow(
      expect.objectContaining({ code: "WS_BAD_ENCODING" }),
    );
    expect(() => decodeCanonical(new Uint8Array())).toThrow(expect.objectContaining({ code: "WS_BAD_ENCODING" }));
  });
});

function expectStrict(bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = decodeCanonical(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(EncodingError);
    return;
  }
  expect(Buffer.from(encodeCanonical(value)).equals(bytes)).toBe(true);
}
