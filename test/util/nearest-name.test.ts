import { expect, test } from "vitest";
import { editDistance, nearestName } from "../../src/util/nearest-name.ts";

test.each([
  ["tiemout", "timeout"],
  ["Timeout", "timeout"],
  ["retr", "retry"],
  ["cahce", "cache"],
  ["xyz", undefined],
  ["", undefined],
  ["parallelism", undefined],
])("%s means %s", (wanted, meant) => {
  expect(nearestName(wanted, ["timeout", "retry", "cache", "trust"])).toBe(meant);
});

test.each([
  ["", "", 0],
  ["a", "", 1],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["ab", "ba", 1],
  ["same", "same", 0],
])("from %s to %s there are %d edits", (left, right, edits) => {
  expect(editDistance(left, right)).toBe(edits);
  expect(editDistance(right, left)).toBe(edits);
});
