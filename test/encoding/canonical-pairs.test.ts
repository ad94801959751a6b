import { describe, expect, it } from "vitest";
import { canonicalDigest, decodeCanonical, encodeCanonical } from "../../src/encoding/canonical.ts";
import { digestOf } from "../../src/encoding/digest.ts";

const hexOf = (value: unknown): string => Buffer.from(encodeCanonical(value)).toString("hex");
const roundTrip = (value: unknown): unknown => decodeCanonical(encodeCanonical(value));
const eight = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const epoch = new Date(0);

/** Within a row every value is different from every other. */
const different: Readonly<Record<string, readonly unknown[]>> = {
  "one, in all kinds": [1, "1", 1n, true, "true", "1n", [1], new Set([1]), { 1: 1 }, new Date(1)],
  nothing: [null, undefined, "null", "undefined", "", 0, false, NaN, [], {}, new Map(), new Set(), 0n],
  "nothing, in an array": [[], [null], [undefined], [[]], [{}], [""], [undefined, undefined]],
  "null and absent": [{ a: null }, {}, { a: "" }, { a: false }],
  "zeros and infinities": [0, -0, 0n, "0", "-0", Infinity, -Infinity, NaN, Number.MIN_VALUE],
  "close numbers": [0.1 + 0.2, 0.3, 1e21, 1e21 + 131072, 2 ** 53, 2 ** 53 - 1],
  bigints: [1n, -1n, 256n, 0x0100_00n, 255n, -255n, 2n ** 64n, 2n ** 64n - 1n],
  "large numbers and bigints": [2 ** 64, 2n ** 64n, String(2n ** 64n)],
  "lone surrogates": ["\ud800", "\ud801", "\udc00", "\ufffd", "\ud800\ud800", "\udc00\ud800", "\ud800\udc00", "?"],
  "a UTF-16 text and the UTF-8 text with its bytes": ["\udc00", "\0\u00dc", Buffer.from("\udc00", "utf16le")],
  "text is not normalised": ["é", "e\u0301", "É", "e"],
  "Map, object and entries": [new Map([["a", 1]]), { a: 1 }, [["a", 1]], new Set([["a", 1]]), new Map([["a", "1"]])],
  "Set, Map and array": [new Set(["a", "b"]), ["a", "b"], new Map([["a", "b"]]), { a: "b" }, { 0: "a", 1: "b" }],
  "order in Map": [
    new Map([
      ["a", 1],
      ["b", 2],
    ]),
    new Map([
      ["b", 2],
      ["a", 1],
    ]),
  ],
  "order in Set and array": [new Set([1, 2]), new Set([2, 1]), [1, 2], [2, 1]],
  "keys of a Map": [new Map<unknown, number>([[1, 1]]), new Map<unknown, number>([["1", 1]]), new Map([[[1], 1]])],
  dates: [epoch, 0, epoch.toISOString(), new Date(1), new Date(NaN), NaN, { date: 0 }],
  urls: [new URL("http://x/"), "http://x/", new URL("http://x/?"), new URL("http://x/#"), { href: "http://x/" }],
  "the same 8 bytes": [
    eight,
    new Int8Array(eight.buffer),
    new Uint8ClampedArray(eight.buffer),
    new Int16Array(eight.buffer),
    new Uint16Array(eight.buffer),
    new Int32Array(eight.buffer),
    new Uint32Array(eight.buffer),
    new Float16Array(eight.buffer),
    new Float32Array(eight.buffer),
    new Float64Array(eight.buffer),
    new BigInt64Array(eight.buffer),
    new BigUint64Array(eight.buffer),
    new DataView(eight.buffer),
    eight.buffer,
    Buffer.from(eight),
    [...eight],
    String.fromCharCode(...eight),
  ],
  "empty bytes": [new Uint8Array(), new ArrayBuffer(0), Buffer.alloc(0), new DataView(new ArrayBuffer(0)), [], ""],
  "zeros in Float64Array": [Float64Array.of(0), Float64Array.of(-0), Float64Array.of(NaN), Float64Array.of()],
  "keys that look like tags": [1n, { $i: "1" }, { "+": "1" }, { bigint: "1" }, ["+", "1"], ["Map", []], { s: 1 }, "s1"],
  "text moved between key and value": [{ a: "1b2", b: "3" }, { a: "1", b: "2b3" }, { a1b: "2", b: "3" }, { ab: "13" }],
  "text moved between items": [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["a", "b", "c"]],
  "text with separators": [["a,b"], ["a", "b"], ['a","b'], { "a:1,b": 2 }, { a: "1,b:2" }, { a: 1, b: 2 }],
  "text with frames in it": ["a", "a\0", "\0a", `s\0\0\0\u0001a`, ["a"], `a\0\0\0\u0001s\0\0\0\u0001a`],
  "nested empties": [[[], []], [[[]]], [[]], [[[], []]], [{}, []], [[], {}], { a: {} }, { a: [] }, [[], [], []]],
  "one begins the other": [[1], [1, 1], [1, [1]], { a: 1 }, { a: 1, b: 1 }, "a", "aa", [1, 1, 1]],
  "nesting of objects": [{ a: { b: 1 } }, { a: 1, b: 1 }, { "a.b": 1 }, { a: [["b", 1]] }, { b: { a: 1 } }],
  "the key __proto__": [JSON.parse('{"__proto__":{"a":1}}'), {}, { a: 1 }, { proto: { a: 1 } }],
  "long texts around the two ways of writing": [39, 40, 41].flatMap((size) => ["a".repeat(size), "é".repeat(size)]),
};

/** Within a row every value has the same bytes. */
const equal: Readonly<Record<string, readonly unknown[]>> = {
  "insertion order": [
    { a: 1, b: { c: 2, d: 3 } },
    { b: { d: 3, c: 2 }, a: 1 },
  ],
  "keys that look like numbers": [
    { 2: "b", 10: "a", x: 1 },
    { x: 1, 10: "a", 2: "b" },
  ],
  "undefined and absent properties": [{ a: 1 }, { a: 1, b: undefined }, { b: undefined, a: 1, c: undefined }],
  "null prototype": [{ a: 1 }, Object.assign(Object.create(null) as object, { a: 1 })],
  "every NaN": [NaN, -NaN, 0 / 0, new Float64Array(Uint8Array.of(1, 0, 0, 0, 0, 0, 0xf0, 0xff).buffer)[0]],
  "every invalid Date": [new Date(NaN), new Date("x"), new Date(8.64e15 + 1)],
  "shared and repeated": [
    [epoch, epoch],
    [new Date(0), new Date(0)],
  ],
  "a view and its visible bytes": [eight.subarray(2, 4), Uint8Array.of(3, 4), new Uint8Array(eight.buffer, 2, 2)],
  "a URL and its normal form": [new URL("HTTP://X:80/a/../b c"), new URL("http://x/b%20c")],
  "-0 as a Map key": [new Map([[-0, 1]]), new Map([[0, 1]])],
  frozen: [Object.freeze({ a: [1] }), { a: Object.freeze([1]) }],
  "not enumerable": [Object.defineProperty({ a: 1 }, "hidden", { value: 2 }), { a: 1 }],
};

describe("values that are easily confused", () => {
  it.each(Object.entries(different))("tells apart: %s", (_, row) => {
    // NaN stands twice in no row, so a plain count of the encodings is enough.
    expect(new Set(row.map(hexOf)).size).toBe(row.length);
    expect(new Set(row.map((value) => hexOf([value]))).size).toBe(row.length);
    expect(new Set(row.map((value) => hexOf(new Map([[0, value]])))).size).toBe(row.length);
  });

  it.each(Object.entries(equal))("does not tell apart: %s", (_, row) => {
    expect(new Set(row.map(hexOf)).size).toBe(1);
    expect(new Set(row.map((value) => canonicalDigest(value))).size).toBe(1);
  });
});

describe("what is delivered", () => {
  it("keeps `__proto__` an own property that sets nothing", () => {
    const given: unknown = JSON.parse('{"__proto__":{"polluted":true},"b":1}');
    const decoded = roundTrip(given) as Record<string, unknown>;
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.keys(decoded)).toEqual(["__proto__", "b"]);
    expect(decoded["polluted"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("gives properties in the order of their keys, and drops undefined ones", () => {
    expect(Object.keys(roundTrip({ b: 1, a: 2, c: undefined, "\ud800": 3, é: 4 }) as object)).toEqual([
      "a",
      "b",
      "é",
      "\ud800",
    ]);
  });

  it("gives a plain object for a null prototype", () => {
    expect(Object.getPrototypeOf(roundTrip(Object.create(null)))).toBe(Object.prototype);
  });

  it("survives names that Object.prototype has", () => {
    const given = { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4 };
    expect(Object.entries(roundTrip(given) as object)).toEqual([
      ["constructor", 1],
      ["hasOwnProperty", 3],
      ["toString", 2],
      ["valueOf", 4],
    ]);
  });

  it("gives two values for an object that stood in two places", () => {
    const shared = { a: 1 };
    const [first, second] = roundTrip([shared, shared]) as [object, object];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });

  it("gives binary values a buffer of their own, with nothing of their neighbours in it", () => {
    const secret = Buffer.from("secret-abc-secret");
    for (const given of [secret.subarray(7, 10), new Uint8Array(secret.buffer, secret.byteOffset + 7, 3)]) {
      const bytes = encodeCanonical(given);
      const decoded = decodeCanonical(bytes) as Uint8Array;
      expect(Buffer.from(bytes).includes("secret")).toBe(false);
      expect(decoded.buffer.byteLength).toBe(3);
      expect(Buffer.isBuffer(decoded)).toBe(Buffer.isBuffer(given));
      bytes.fill(0);
      expect(Buffer.from(decoded).toString()).toBe("abc");
    }
  });

  it("gives bytes that later encodings leave alone", () => {
    const first = encodeCanonical("first");
    const copy = Uint8Array.from(first);
    encodeCanonical("other");
    expect(first).toEqual(copy);
    expect(first.buffer.byteLength).toBe(first.byteLength);
  });

  it("is the digest of the bytes", () => {
    const value = { a: [1, "é", new Map([[1n, epoch]])] };
    expect(canonicalDigest(value)).toBe(digestOf(encodeCanonical(value)));
  });

  it("runs no code of the value's own", () => {
    const trap = (): never => expect.fail("the value's own code ran");
    const given = { date: new Date(5), list: [1] };
    const expected = hexOf(given);
    for (const name of ["toJSON", "valueOf", "toString", "length"]) {
      expect(hexOf(Object.defineProperty({ ...given }, name, { get: trap }))).toBe(expected);
      expect(hexOf(Object.defineProperty({ ...given }, name, { value: trap }))).toBe(expected);
    }
  });
});

describe("holes", () => {
  class Handle {
    readonly label: string;
    constructor(label: string) {
      this.label = label;
    }
  }
  const hole = (value: unknown): string | undefined => (value instanceof Handle ? value.label : undefined);

  it("stand for values that are given back when decoding", () => {
    const bytes = encodeCanonical({ rows: new Handle("load.out"), all: [new Handle("a"), 1] }, { hole });
    const filled = decodeCanonical(bytes, { fill: (label) => ({ from: label }) });
    expect(filled).toEqual({ rows: { from: "load.out" }, all: [{ from: "a" }, 1] });
  });

  it("differ by their label", () => {
    const of = (label: string): string => canonicalDigest([new Handle(label)], { hole });
    expect(new Set(["", "a", "b", "\ud800", "\ufffd"].map(of)).size).toBe(5);
  });

  it("cannot be forged by a plain value", () => {
    const real = Buffer.from(encodeCanonical(new Handle("a"), { hole })).toString("hex");
    const body = real.slice(2);
    const forgeries: unknown[] = ["a", { hole: "a" }, ["h", "a"], { h: "a" }, new Map([["h", "a"]]), { label: "a" }];
    forgeries.push(Buffer.from(body, "hex"), Buffer.from(body, "hex").toString("latin1"), `h${"\0".repeat(3)}\u0001a`);
    for (const forged of forgeries) {
      expect(Buffer.from(encodeCanonical(forged, { hole })).toString("hex")).not.toBe(real);
      const fill = (): never => expect.fail("a plain value was taken for a hole");
      decodeCanonical(encodeCanonical(forged, { hole }), { fill });
    }
  });

  it("are asked for before the value is touched, so that a handle may throw on any access", () => {
    const trap = (): never => expect.fail("the handle was touched");
    const handle = new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap });
    const bytes = encodeCanonical([handle], { hole: (value) => (value === handle ? "x" : undefined) });
    expect(decodeCanonical(bytes, { fill: (label) => label })).toEqual(["x"]);
  });

  it("may be functions and symbols, and are never asked for other primitives", () => {
    const asked: unknown[] = [];
    const mark = Symbol("mark");
    const label = (value: unknown): string | undefined => {
      asked.push(value);
      return typeof value === "object" ? undefined : "x";
    };
    const list = [1, "a", null, undefined, true, 1n, mark, trapless];
    encodeCanonical(list, { hole: label });
    expect(asked).toEqual([list, mark, trapless]);
  });

  it("may encode another value meanwhile", () => {
    const nested = encodeCanonical(["before", new Handle("a"), "after"], {
      hole: (value) => (value instanceof Handle ? canonicalDigest({ long: "x".repeat(10_000) }) : undefined),
    });
    const label = canonicalDigest({ long: "x".repeat(10_000) });
    expect(decodeCanonical(nested, { fill: (text) => text })).toEqual(["before", label, "after"]);
  });

  it("are refused as a Map key or Set member, where their value might be another's", () => {
    expect(() => encodeCanonical({ s: new Set([new Handle("a")]) }, { hole })).toThrow(
      /`s\.values\(\)\[0\]` is an output/,
    );
    expect(() => encodeCanonical(new Map([[new Handle("a"), 1]]), { hole })).toThrow(/`keys\(\)\[0\]` is an output/);
    const inValue = encodeCanonical(new Map([["a", new Handle("b")]]), { hole });
    expect(decodeCanonical(inValue, { fill: (label) => label })).toEqual(new Map([["a", "b"]]));
  });

  it("are refused by a reader that cannot fill them", () => {
    expect(() => decodeCanonical(encodeCanonical(new Handle("a"), { hole }))).toThrow(/nothing was given to fill it/);
  });
});

function trapless(): void {}
