import { describe, expect, it } from "vitest";
import { decodeCanonical, encodeCanonical } from "../../src/encoding/canonical.ts";

const KEY_A = "73 00000001 61";
const ONE = "64 3ff0000000000000";

/** Bytes that a lenient reader would take, and that no encoder writes. */
const refused: readonly (readonly [hex: string, why: RegExp])[] = [
  [`6f 00000002 ${KEY_A} 6e ${KEY_A} 6e`, /keys are not in order/],
  [`6f 00000002 73 00000001 62 6e ${KEY_A} 6e`, /keys are not in order/],
  [`6f 00000001 ${KEY_A} 75`, /undefined instead of absent/],
  [`6f 00000001 ${ONE} 6e`, /a text was expected/],
  ["65 00000001 64 8000000000000000", /-0 is a Map key or Set member/],
  ["6d 00000001 64 8000000000000000 6e", /-0 is a Map key or Set member/],
  [`65 00000002 ${ONE} ${ONE}`, /is there twice/],
  [`6d 00000002 ${KEY_A} 6e ${KEY_A} 6e`, /is there twice/],
  [`65 00000001 68 ${KEY_A}`, /a hole is a Map key or Set member/],
  ["2d 00000000", /zero is written as a negative bigint/],
  ["2b 00000002 0001", /leading zeros/],
  ["64 7ff8000000000001", /a NaN has a payload/],
  ["44 8000000000000000", /no time of a Date/],
  ["44 3fe0000000000000", /no time of a Date/],
  ["44 7ff0000000000000", /no time of a Date/],
  ["55 73 00000008 687474703a2f2f78", /not in its normal form/],
  ["55 73 00000001 78", /not in its normal form/],
  ["73 00000002 c080", /not UTF-8/],
  ["73 00000003 eda080", /not UTF-8/],
  ["77 00000002 6100", /well-formed text is written as UTF-16/],
  ["77 00000001 61", /odd number of bytes/],
  ["62 04 00000001 00", /no binary kind 4 of 1 bytes/],
  ["62 0f 00000001 00", /no binary kind 15/],
  ["61 00000003 6e6e", /more items are announced than bytes are left/],
  ["6e 6e", /1 bytes follow the value/],
  ["7a", /122 is no kind of value/],
];

describe("strict decoding", () => {
  it.each(refused)("refuses %s", (hex, why) => {
    const bytes = Buffer.from(`01${hex.replaceAll(" ", "")}`, "hex");
    const fill = (): null => null;
    expect(() => decodeCanonical(bytes, { fill })).toThrow(expect.objectContaining({ code: "WS_BAD_ENCODING" }));
    expect(() => decodeCanonical(bytes, { fill })).toThrow(why);
  });

  it("counts depth, and not the number of containers", () => {
    const wide = Array.from({ length: 3000 }, () => [[]]);
    expect(decodeCanonical(encodeCanonical(wide))).toEqual(wide);
  });
});
