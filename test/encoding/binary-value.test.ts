import { describe, expect, it } from "vitest";
import { buildBinary, swapOnBigEndian } from "../../src/encoding/binary-value.ts";
import { BINARY_KINDS } from "../../src/encoding/canonical-format.ts";

describe("binary values", () => {
  it("are little-endian on a big-endian machine too", () => {
    const swapped = (width: number): number[] => {
      const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
      swapOnBigEndian(bytes, width, "BE");
      return [...bytes];
    };
    expect(swapped(1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(swapped(2)).toEqual([1, 0, 3, 2, 5, 4, 7, 6]);
    expect(swapped(4)).toEqual([3, 2, 1, 0, 7, 6, 5, 4]);
    expect(swapped(8)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it("stay as they are on a little-endian machine", () => {
    const bytes = Uint8Array.of(0, 1, 2, 3);
    swapOnBigEndian(bytes, 4, "LE");
    expect([...bytes]).toEqual([0, 1, 2, 3]);
  });

  it("are not built from part of an element, nor for an unknown kind", () => {
    for (const [kind, { width }] of BINARY_KINDS.entries()) {
      expect(buildBinary(kind, new Uint8Array(width))).toBeDefined();
      if (width > 1) expect(buildBinary(kind, new Uint8Array(width + 1))).toBeUndefined();
    }
    expect(buildBinary(BINARY_KINDS.length, new Uint8Array(8))).toBeUndefined();
  });
});
