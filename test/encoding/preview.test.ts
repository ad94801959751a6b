import { MessageChannel } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeUnprintable, previewValue } from "../../src/encoding/preview.ts";
import { keyable } from "./keyable-arbitrary.ts";

class Model {
  readonly depth = 3;
}
const cyclic: unknown[] = [1];
cyclic.push(cyclic);
const trap = (): never => expect.fail("the value's own code ran");

const previews: readonly (readonly [value: unknown, text: string])[] = [
  [100, "100"],
  ["late", '"late"'],
  [-0, "-0"],
  [10n, "10n"],
  [null, "null"],
  [undefined, "undefined"],
  [[], "[]"],
  [{}, "{}"],
  [{ depth: 3, tags: ["a", "b"] }, '{ depth: 3, tags: ["a", "b"] }'],
  [{ "odd key": 1 }, '{ "odd key": 1 }'],
  [new Map([["a", 1]]), 'Map { "a" => 1 }'],
  [new Set([1, 2]), "Set { 1, 2 }"],
  [new Map(), "Map {}"],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [new Date(NaN), "Invalid Date"],
  [new Uint8Array(3), "<Uint8Array, 3 bytes>"],
  [Buffer.from("abc"), "<Buffer, 3 bytes>"],
  [new Model(), "Model { depth: 3 }"],
  [Object.create(null), "{}"],
  [/x/, "<RegExp>"],
  [new TypeError("x"), "<TypeError>"],
  [Promise.resolve(1), "<Promise>"],
  [new URL("https://example.org/a"), "<URL https://example.org/a>"],
  [trap, "<function trap>"],
  [Symbol("x"), "Symbol(x)"],
  [
    {
      get a(): number {
        return trap();
      },
      b: 1,
    },
    "{ a: <getter>, b: 1 }",
  ],
  [{ toJSON: trap, b: 1 }, "{ toJSON: <function trap>, b: 1 }"],
  [new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap }), "<Proxy>"],
  [cyclic, "[1, [1, [1, [1, …]]]]"],
  [Object.assign([], { length: 2 }), "[<empty>, <empty>]"],
  ["two\nlines \u001b[31m \u202e \ud800", '"two\\nlines \\u001b[31m \\u202e \\ud800"'],
  [10n ** 5000n, "<huge bigint>"],
];

describe("previews", () => {
  // Not `it.each`, which would itself run the values' code to write the test's name.
  for (const [value, text] of previews) {
    it(`show ${escapeUnprintable(text)}`, () => expect(previewValue(value)).toBe(text));
  }

  it("leave out what does not fit", () => {
    expect(previewValue({ depth: 3, tags: ["a".repeat(10), "b".repeat(80)] }, 40)).toBe(
      '{ depth: 3, tags: ["aaaaaaaaaa", …] }',
    );
    expect(previewValue({ depth: 3, tags: Array.from({ length: 100 }, () => "a") }, 40)).toBe(
      '{ depth: 3, tags: ["a", "a", "a", …] }',
    );
    expect(previewValue("x".repeat(500))).toBe(`"${"x".repeat(78)}…`);
    expect(
      previewValue(
        Array.from({ length: 1_000_000 }, (_, index) => index),
        20,
      ),
    ).toMatch(/^\[0, 1, 2, 3, 4, …\]$/);
  });

  it("are never longer than the limit, nor hold what a terminal obeys", () => {
    fc.assert(
      fc.property(fc.oneof(keyable, fc.anything()), fc.integer({ min: 1, max: 100 }), (value, limit) => {
        const text = previewValue(value, limit);
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}]/u);
      }),
      { numRuns: 3000 },
    );
  });

  it("escape what a terminal obeys", () => {
    expect(escapeUnprintable("a\u009bb\u{e0001}\u2028é🌡")).toBe("a\\u009bb\\u{e0001}\\u2028é🌡");
  });

  it("never throw for hostile objects", () => {
    const detached = new DataView(new ArrayBuffer(4));
    new MessageChannel().port1.postMessage(null, [detached.buffer as ArrayBuffer]);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const inherits = Object.create(new Proxy({}, { get: trap, getPrototypeOf: trap })) as unknown;
    const named = {
      constructor: {
        get name(): string {
          return trap();
        },
      },
    };
    for (const value of [
      detached,
      proxy,
      inherits,
      named,
      Object.create(Date.prototype),
      Object.create(URL.prototype),
    ]) {
      expect(typeof previewValue([value, { value }])).toBe("string");
    }
  });
});
