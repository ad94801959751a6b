import fc from "fast-check";
import { expect, test } from "vitest";
import { valueDifferences } from "../../src/repository/value-differences.ts";

const of = (before: unknown, after: unknown): unknown => valueDifferences(before, after, 20).items;

test.each<[string, unknown, unknown, readonly object[]]>([
  ["a number", 1, 2, [{ path: "", before: "1", after: "2" }]],
  ["NaN beside NaN", { a: Number.NaN }, { a: Number.NaN }, []],
  ["0 and -0", [0], [-0], [{ path: "[0]", before: "0", after: "-0" }]],
  ["1 and 1n", 1, 1n, [{ path: "", before: "1", after: "1n" }]],
  [
    "a nested one",
    { rates: [{ at: 1 }, { at: 2 }] },
    { rates: [{ at: 1 }, { at: 3 }] },
    [{ path: "rates[1].at", before: "2", after: "3" }],
  ],
  [
    "what came and went",
    { a: 1, b: 2 },
    { a: 1, c: 3 },
    [
      { path: "b", before: "2" },
      { path: "c", after: "3" },
    ],
  ],
  ["undefined and absent", { a: undefined }, {}, [{ path: "a", before: "undefined" }]],
  ["a longer list", [1], [1, 2], [{ path: "[1]", after: "2" }]],
  [
    "the order of properties",
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    [{ path: "order of the properties", before: '["a", "b"]', after: '["b", "a"]' }],
  ],
  ["a Map's value", new Map([["late", 1]]), new Map([["late", 2]]), [{ path: 'get("late")', before: "1", after: "2" }]],
  [
    "a Map's order",
    {
      m: new Map([
        [1, 1],
        [2, 2],
      ]),
    },
    {
      m: new Map([
        [2, 2],
        [1, 1],
      ]),
    },
    [{ path: "order of the entries of m", before: "[1, 2]", after: "[2, 1]" }],
  ],
  [
    "a Set",
    { s: new Set([1, 2]) },
    { s: new Set([1, 3]) },
    [
      { path: "members of s", before: "2" },
      { path: "members of s", after: "3" },
    ],
  ],
  [
    "a Set's order",
    new Set([1, 2]),
    new Set([2, 1]),
    [{ path: "order of the members", before: "[1, 2]", after: "[2, 1]" }],
  ],
  [
    "a Map with objects as keys",
    new Map([[{ a: 1 }, 1]]),
    new Map([[{ a: 2 }, 1]]),
    [{ path: "[0][0].a", before: "1", after: "2" }],
  ],
  [
    "a Date",
    new Date(0),
    new Date(1),
    [{ path: "", before: "1970-01-01T00:00:00.000Z", after: "1970-01-01T00:00:00.001Z" }],
  ],
  ["invalid Dates", new Date(Number.NaN), new Date(Number.NaN), []],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3]), [{ path: "[1]", before: "2", after: "3" }]],
  [
    "numbers of a typed array",
    new Float64Array([Number.NaN, 1]),
    new Float64Array([Number.NaN, 2, 3]),
    [
      { path: "[1]", before: "1", after: "2" },
      { path: "length", before: "2", after: "3" },
    ],
  ],
  ["a kind for another", new Map(), {}, [{ path: "", before: "Map {}", after: "{}" }]],
  ["a line of a text", "one\ntwo\nthree", "one\nTwo\nthree", [{ path: "line 2", before: '"two"', after: '"Two"' }]],
])("%s", (_, before, after, expected) => {
  expect(of(before, after)).toEqual(expected);
});

test("a long text is shown from shortly before where it parts", () => {
  const [found] = valueDifferences({ t: `${"x".repeat(500)}a` }, { t: `${"x".repeat(500)}b` }, 20).items;
  expect(found?.path).toBe("t line 1");
  expect(found?.before).toMatch(/^"x{24}a"$/);
  expect(found?.after).toMatch(/^"x{24}b"$/);
});

test("values that hold themselves end", () => {
  const [left, right]: [Record<string, unknown>, Record<string, unknown>] = [{ n: 1 }, { n: 2 }];
  left["self"] = left;
  right["self"] = right;
  expect(of(left, right)).toEqual([{ path: "n", before: "1", after: "2" }]);
});

test("no more than the limit, and it says so", () => {
  const found = valueDifferences([1, 2, 3], [4, 5, 6], 2);
  expect(found.items).toHaveLength(2);
  expect(found.more).toBe(true);
  expect(valueDifferences([1, 2], [4, 5], 2).more).toBe(false);
});

test("none between equal values, and some wherever plain data differs", () => {
  const data = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(data, data, (left, right) => {
      expect(of(left, structuredClone(left))).toEqual([]);
      if (JSON.stringify(left) !== JSON.stringify(right)) expect(of(left, right)).not.toEqual([]);
    }),
  );
});
