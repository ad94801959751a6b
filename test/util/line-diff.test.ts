import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, diffText } from "../../src/util/line-diff.ts";

const shown = (before: string, after: string): readonly string[] => diffLines(before, after).map(diffText);

test("a changed line stands between the lines around it", () => {
  expect(shown("a\nb\nc\nd\ne\nf", "a\nb\nc\nD\ne\nf")).toEqual(["  b", "  c", "- d", "+ D", "  e", "  f"]);
});

test("what lies between two changes is left out", () => {
  const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  const after = lines.map((line, n) => (n === 1 || n === 18 ? `${line}!` : line));
  expect(shown(lines.join("\n"), after.join("\n"))).toEqual([
    "  line 0",
    "- line 1",
    "+ line 1!",
    "  line 2",
    "  line 3",
    "…",
    "  line 16",
    "  line 17",
    "- line 18",
    "+ line 18!",
    "  line 19",
  ]);
});

test("equal texts have no difference; added and removed lines are told alone", () => {
  expect(shown("a\nb", "a\nb")).toEqual([]);
  expect(shown("a", "a\nb")).toEqual(["  a", "+ b"]);
  expect(shown("a\nb", "b")).toEqual(["- a", "  b"]);
  expect(shown("", "x")).toEqual(["-", "+ x"]);
});

test("both texts can be read off the lines, and no shorter edit exists for small ones", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before.join("\n"), after.join("\n")).filter(({ kind }) => kind !== "skipped");
      if (before.join() === after.join()) {
        expect(lines).toEqual([]);
        return;
      }
      const removed = lines.filter(({ kind }) => kind === "removed").map(({ text: line }) => line);
      const added = lines.filter(({ kind }) => kind === "added").map(({ text: line }) => line);
      expect(removed.length + added.length).toBe(before.length + after.length - 2 * longestCommon(before, after));
      expect(
        isWithin(
          lines.filter(({ kind }) => kind !== "added"),
          before,
        ),
      ).toBe(true);
      expect(
        isWithin(
          lines.filter(({ kind }) => kind !== "removed"),
          after,
        ),
      ).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("texts without anything in common are told as replaced, in time", () => {
  const many = (word: string): string => Array.from({ length: 5_000 }, (_, n) => `${word} ${n}`).join("\n");
  const lines = diffLines(many("old"), many("new"));
  expect(lines.filter(({ kind }) => kind === "removed")).toHaveLength(5_000);
  expect(lines.filter(({ kind }) => kind === "added")).toHaveLength(5_000);
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  if (a[0] === b[0]) return 1 + longestCommon(a.slice(1), b.slice(1));
  return Math.max(longestCommon(a.slice(1), b), longestCommon(a, b.slice(1)));
}

/** Whether the lines stand in the text, in this order. */
function isWithin(lines: readonly { readonly text: string }[], text: readonly string[]): boolean {
  let at = 0;
  return lines.every((line) => {
    at = text.indexOf(line.text, at) + 1;
    return at > 0;
  });
}
