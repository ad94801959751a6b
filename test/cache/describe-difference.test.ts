import { expect, test } from "vitest";
import { describeDifferences, describeEach } from "../../src/cache/describe-difference.ts";
import { formatAge } from "../../src/cache/format-age.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { diffKeyTrees, keyTree } from "../../src/encoding/key-tree.ts";
import type { KeyDifference } from "../../src/encoding/key-tree.ts";

type Leaves = Readonly<Record<string, string>>;

/** Leaves by path, with the shown text as content. */
function between(before: Leaves, after: Leaves): readonly KeyDifference[] {
  const tree = (leaves: Leaves): ReturnType<typeof keyTree> =>
    keyTree(Object.entries(leaves).map(([name, shown]) => ({ path: name.split("|"), digest: digestOf(shown), shown })));
  return diffKeyTrees(tree(before), tree(after));
}

test.each<[Leaves, Leaves, readonly string[]]>([
  [{ "config|rounds": "100" }, { "config|rounds": "200" }, ["rounds: 100 → 200"]],
  [{}, { "config|rounds": "200" }, ["rounds: 200 is new"]],
  [{ "config|rounds": "200" }, {}, ["rounds: 200 is gone"]],
  [{ "inputs|rows": "a" }, { "inputs|rows": "b" }, ["its input `rows` changed"]],
  [{ "code|file:project:src/x.ts": "a" }, { "code|file:project:src/x.ts": "b" }, ["src/x.ts changed"]],
  [{ "code|package:zod@4.1.0": "" }, { "code|package:zod@4.2.0": "" }, ["package zod 4.1.0 → 4.2.0"]],
  [{}, { "code|package:@a/b@1.0.0": "" }, ["package @a/b@1.0.0 is new"]],
  [{ "reads|file:project:data/x.csv": "a" }, { "reads|file:project:data/x.csv": "b" }, ["data/x.csv changed"]],
  [{ "env|MODE": "a" }, { "env|MODE": "b" }, ["environment variable MODE changed"]],
  [{ "runtime|node": "24" }, { "runtime|node": "26" }, ["Node: 24 → 26"]],
  [{ version: "1" }, { version: "2" }, ["version: 1 → 2"]],
])("%j, %j", (before, after, texts) => {
  expect(describeEach(between(before, after))).toEqual(texts);
});

test("more than three are counted", () => {
  const leaves = (shown: string): Leaves =>
    Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [`config|${name}`, shown]));
  expect(describeDifferences(between(leaves("1"), leaves("2")))).toBe("a: 1 → 2; b: 1 → 2; c: 1 → 2; and 2 more");
});

test.each([
  [-5, "0 s"],
  [999, "0 s"],
  [1000, "1 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [86_399_999, "23 h"],
  [200_000_000, "2 d"],
])("an age of %i ms is %s", (milliseconds, text) => {
  expect(formatAge(milliseconds)).toBe(text);
});
