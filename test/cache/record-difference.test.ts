import { expect, test } from "vitest";
import { recordDifferences } from "../../src/cache/record-difference.ts";
import { describeDifferences } from "../../src/cache/describe-difference.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { previewValue } from "../../src/encoding/preview.ts";

const of = (before: unknown, after: unknown): unknown => recordDifferences(previewValue(before), previewValue(after));

test("names the entries that differ, whatever brackets, commas and quotes the others hold", () => {
  const before = { rate: 0.1, layers: [32, 16], note: 'a, "b": {', inner: { x: 1, y: 2 } };
  expect(of(before, { ...before, rate: 0.2 })).toEqual([{ name: "rate", before: "0.1", after: "0.2" }]);
  expect(of(before, { ...before, layers: [32, 8] })).toEqual([
    { name: "layers", before: "[32, 16]", after: "[32, 8]" },
  ]);
  expect(of(before, { ...before, note: "," })).toEqual([
    { name: "note", before: previewValue(before.note), after: '","' },
  ]);
});

test("says nothing where it cannot be sure", () => {
  expect(of({ a: 1 }, { a: 1, b: 2 })).toBeUndefined();
  expect(of({ a: 1 }, [1])).toBeUndefined();
  expect(of({ a: "x".repeat(500) }, { a: "y" })).toBeUndefined();
  expect(of({ a: 1 }, { a: 1 })).toBeUndefined();
});

test("a reason names the entry and not the whole record", () => {
  const leaf = (value: unknown) => ({
    path: ["config", "settings"],
    digest: digestOf(JSON.stringify(value)),
    shown: previewValue(value),
  });
  const [before, after] = [leaf({ rate: 0.1, epochs: 8 }), leaf({ rate: 0.2, epochs: 9 })];
  const text = describeDifferences([{ kind: "changed", path: ["config", "settings"], before, after }]);
  expect(text).toBe("settings.rate: 0.1 → 0.2, settings.epochs: 8 → 9");
});
