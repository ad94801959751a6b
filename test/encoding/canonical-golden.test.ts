import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalDigest, decodeCanonical, encodeCanonical } from "../../src/encoding/canonical.ts";
import { BINARY_KINDS, CANONICAL_VERSION, MAX_DEPTH, TAG } from "../../src/encoding/canonical-format.ts";
import { keyOf, keyTree } from "../../src/encoding/key-tree.ts";
import { goldenValues } from "./golden-values.ts";
import { sameKeyable } from "./reference-equality.ts";

interface Golden {
  readonly version: number;
  readonly values: Readonly<Record<string, string>>;
  readonly hole: string;
  readonly key: string;
}

const file = new URL("../fixtures/encoding/v1.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("version 1 of the encoding, for ever", () => {
  it("has a fixed set of values", () => {
    expect(golden.version).toBe(CANONICAL_VERSION);
    expect(Object.keys(goldenValues)).toEqual(Object.keys(golden.values));
  });

  it.each(Object.entries(golden.values))("%s", (name, hex) => {
    const value = goldenValues[name];
    expect(hexOf(encodeCanonical(value))).toBe(hex);
    const decoded = decodeCanonical(Buffer.from(hex, "hex"));
    expect(sameKeyable(decoded, value)).toBe(true);
    expect(hexOf(encodeCanonical(decoded))).toBe(hex);
  });

  it("has a fixed hole and a fixed key", () => {
    const handle = new Proxy({}, {});
    const hole = (value: unknown): string | undefined => (value === handle ? "load.rows" : undefined);
    expect(hexOf(encodeCanonical({ rows: handle }, { hole }))).toBe(golden.hole);
    const leaves = Object.entries(goldenValues).map(([name, value]) => ({
      path: ["config", name],
      digest: canonicalDigest(value),
    }));
    expect(keyOf(keyTree(leaves))).toBe(golden.key);
  });

  it("is written as the format says, worked out by hand", () => {
    const parts = [
      "01", // version
      "6f 00000003", // an object of 3 properties
      "73 00000001 61", // "a"
      "61 00000002 74 6e", // an array of true and null
      "73 00000001 62", // "b"
      "64 3ff0000000000000", // 1
      "77 00000002 00d8", // a lone surrogate, UTF-16 little-endian
      "62 04 00000004 01000200", // a Uint16Array of 1 and 2
    ];
    const value = { b: 1, "\ud800": Uint16Array.of(1, 2), a: [true, null] };
    expect(hexOf(encodeCanonical(value))).toBe(parts.join("").replaceAll(" ", ""));
  });

  it("has constants that nobody edits", () => {
    expect(TAG).toMatchInlineSnapshot(`
      {
        "array": 97,
        "binary": 98,
        "date": 68,
        "false": 102,
        "hole": 104,
        "illFormedString": 119,
        "map": 109,
        "negativeBigint": 45,
        "null": 110,
        "number": 100,
        "object": 111,
        "positiveBigint": 43,
        "set": 101,
        "string": 115,
        "true": 116,
        "undefined": 117,
        "url": 85,
      }
    `);
    expect(BINARY_KINDS.map(({ name, width }) => `${name}:${width}`).join(" ")).toMatchInlineSnapshot(
      `"Int8Array:1 Uint8Array:1 Uint8ClampedArray:1 Int16Array:2 Uint16Array:2 Int32Array:4 Uint32Array:4 Float32Array:4 Float64Array:8 BigInt64Array:8 BigUint64Array:8 Float16Array:2 DataView:1 ArrayBuffer:1 Buffer:1"`,
    );
    expect(MAX_DEPTH).toBe(1000);
  });
});
