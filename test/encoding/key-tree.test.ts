import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalDigest } from "../../src/encoding/canonical.ts";
import { digestOf, digestToBytes } from "../../src/encoding/digest.ts";
import {
  decodeKeyTree,
  diffKeyTrees,
  encodeKeyTree,
  formatLeafPath,
  keyOf,
  keyTree,
  mergeKeyTrees,
} from "../../src/encoding/key-tree.ts";
import type { KeyLeaf } from "../../src/encoding/key-tree.ts";
import { EncodingError } from "../../src/errors.ts";

const leaf = (path: string, value: unknown, shown?: string): KeyLeaf => {
  const digest = canonicalDigest(value);
  return shown === undefined ? { path: path.split("/"), digest } : { path: path.split("/"), digest, shown };
};

const segment = fc.oneof(
  fc.constantFrom("", "a", "b", "a/b", "a\\", "\\/", "/", "\ud800", "\ufffd", "\n", "\\n", "\\u000a", "u000a"),
  fc.string({ maxLength: 4 }),
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 });
const digest = fc.constantFrom("0", "1", "2").map((text) => digestOf(text));
const leaves: fc.Arbitrary<KeyLeaf[]> = fc.uniqueArray(
  fc.oneof(fc.record({ path, digest }), fc.record({ path, digest, shown: fc.string() })),
  { maxLength: 8, selector: (item) => JSON.stringify(item.path) },
);

describe("key trees", () => {
  it("are sorted by path, segment by segment, a shorter path first", () => {
    const tree = keyTree(["b", "a/b", "a-", "a", "a/a/z", "A", "a/a"].map((text) => leaf(text, text)));
    expect(tree.leaves.map((item) => item.path.join("/"))).toEqual(["A", "a", "a/a", "a/a/z", "a/b", "a-", "b"]);
    expect(tree.version).toBe(1);
  });

  it("leave the given list as it was", () => {
    const given = Object.freeze([leaf("b", 1), leaf("a", 2)]);
    keyTree(given);
    expect(given.map((item) => item.path)).toEqual([["b"], ["a"]]);
  });

  it("refuse a path that is there twice, and an empty one", () => {
    expect(() => keyTree([leaf("config/a", 1), leaf("b", 1), leaf("config/a", 1)])).toThrow(
      "Two leaves of a key tree have the path `config/a`.",
    );
    expect(() => keyTree([{ path: [], digest: digestOf("") }])).toThrow(EncodingError);
    expect(() => mergeKeyTrees(keyTree([leaf("a", 1)]), keyTree([leaf("a", 1)]))).toThrow(EncodingError);
  });

  it("merge to the tree of all leaves", () => {
    fc.assert(
      fc.property(leaves, fc.nat(8), (all, cut) => {
        const merged = mergeKeyTrees(keyTree(all.slice(cut)), keyTree(all.slice(0, cut)));
        expect(merged).toEqual(keyTree(all));
      }),
    );
    const other = { version: 2, leaves: [] };
    expect(() => mergeKeyTrees(keyTree([]), other)).toThrow("Key trees of versions 1 and 2 cannot be merged.");
  });
});

describe("keys", () => {
  it("do not depend on order or on previews", () => {
    fc.assert(
      fc.property(leaves, fc.string(), (all, shown) => {
        const key = keyOf(keyTree(all));
        expect(key).toMatch(/^[0-9a-f]{64}$/);
        expect(keyOf(keyTree(all.toReversed()))).toBe(key);
        expect(keyOf(keyTree(all.map((item) => ({ ...item, shown }))))).toBe(key);
      }),
    );
  });

  it("are equal exactly when the trees have no difference", () => {
    const one = fc.tuple(leaves, leaves);
    const near = fc.tuple(leaves, fc.nat(), fc.nat(), digest, path).map(([all, at, what, other, moved]) => {
      const index = at % Math.max(1, all.length);
      const kept = all.filter((_, place) => place !== index);
      const chosen = all[index];
      if (chosen === undefined || what % 4 === 0) return [all, kept] as const;
      if (what % 4 === 1) return [all, [...kept, { ...chosen, digest: other }]] as const;
      const taken = kept.some((item) => JSON.stringify(item.path) === JSON.stringify(moved));
      return [all, taken ? kept : [...kept, { ...chosen, path: moved }]] as const;
    });
    fc.assert(
      fc.property(fc.oneof(one, near), ([before, after]) => {
        const [a, b] = [keyTree(before), keyTree(after)];
        expect(keyOf(a) === keyOf(b)).toBe(diffKeyTrees(a, b).length === 0);
      }),
      { numRuns: 5000 },
    );
  });

  it("keep paths apart whose segments join to the same text", () => {
    const paths = [
      ["a", "b"],
      ["a/b"],
      ["ab"],
      ["a", "", "b"],
      ["a", "b", ""],
      ["", "a", "b"],
      ["a\0b"],
      ["\ud800"],
      ["\ufffd"],
    ];
    const keys = paths.map((item) => keyOf(keyTree([{ path: item, digest: digestOf("") }])));
    expect(new Set(keys).size).toBe(paths.length);
    expect(new Set(paths.map(formatLeafPath)).size).toBe(paths.length);
  });

  it("depend on the version", () => {
    expect(keyOf({ version: 2, leaves: [] })).not.toBe(keyOf({ version: 1, leaves: [] }));
  });

  it("hash the bytes that the format says, worked out by hand", () => {
    const tree = keyTree([{ path: ["config", "a"], digest: digestOf("x"), shown: "1" }]);
    const frame = "4b 00000001 00000001 00000002 73 00000006 636f6e666967 73 00000001 61".replaceAll(" ", "");
    expect(keyOf(tree)).toBe(digestOf(Buffer.concat([Buffer.from(frame, "hex"), digestToBytes(digestOf("x"))])));
  });

  it("refuse something that is not a digest instead of hashing part of it", () => {
    for (const bad of ["", "zz".repeat(32), `${digestOf("")}00`]) {
      expect(() => keyOf({ version: 1, leaves: [{ path: ["a"], digest: bad as KeyLeaf["digest"] }] })).toThrow(
        RangeError,
      );
    }
  });
});

describe("differences", () => {
  it("name what was added, removed and changed, in order", () => {
    const before = keyTree([
      leaf("code", 1),
      leaf("config/rounds", 100, "100"),
      leaf("env/TZ", "UTC"),
      leaf("same", 1, "x"),
    ]);
    const after = keyTree([
      leaf("code", 1),
      leaf("config/depth", 3),
      leaf("config/rounds", 200, "200"),
      leaf("same", 1, "y"),
    ]);
    expect(diffKeyTrees(before, after)).toEqual([
      { kind: "added", path: ["config", "depth"], after: leaf("config/depth", 3) },
      {
        kind: "changed",
        path: ["config", "rounds"],
        before: leaf("config/rounds", 100, "100"),
        after: leaf("config/rounds", 200, "200"),
      },
      { kind: "removed", path: ["env", "TZ"], before: leaf("env/TZ", "UTC") },
    ]);
  });

  it("turn one tree into the other", () => {
    fc.assert(
      fc.property(leaves, leaves, (before, after) => {
        const kept = new Map(before.map((item) => [JSON.stringify(item.path), item.digest]));
        for (const { kind, path: place, after: now } of diffKeyTrees(keyTree(before), keyTree(after))) {
          if (now === undefined) kept.delete(JSON.stringify(place));
          else kept.set(JSON.stringify(place), now.digest);
          expect(kind === "removed").toBe(now === undefined);
        }
        expect(kept).toEqual(new Map(after.map((item) => [JSON.stringify(item.path), item.digest])));
      }),
    );
  });
});

describe("the stored form", () => {
  it("is versioned JSON and comes back", () => {
    fc.assert(
      fc.property(leaves, (all) => {
        const tree = keyTree(all);
        expect(decodeKeyTree(encodeKeyTree(tree))).toEqual(tree);
        expect(keyOf(decodeKeyTree(encodeKeyTree(tree)))).toBe(keyOf(tree));
      }),
    );
    const text = encodeKeyTree(keyTree([{ path: ["a", "b"], digest: digestOf("abc"), shown: "1" }]));
    expect(text).toBe(`{"keyTree":1,"leaves":[[["a","b"],"${digestOf("abc")}","1"]]}`);
  });

  it("of a newer version is refused with a cure", () => {
    const read = (): unknown => decodeKeyTree('{"keyTree":2,"other":true}');
    expect(read).toThrow("A stored key tree has version 2, and this Warmstart reads up to version 1.");
    expect(read).toThrow(expect.objectContaining({ code: "WS_FORMAT_NEWER" }));
  });

  const good = JSON.stringify(digestOf(""));
  it.each([
    "",
    "null",
    "[]",
    "{}",
    '{"keyTree":1}',
    '{"keyTree":0,"leaves":[]}',
    '{"keyTree":"1","leaves":[]}',
    '{"keyTree":1.5,"leaves":[]}',
    '{"keyTree":1,"leaves":{}}',
    '{"keyTree":1,"leaves":[{}]}',
    '{"keyTree":1,"leaves":[[["a"]]]}',
    '{"keyTree":1,"leaves":[[["a"],"abc"]]}',
    '{"keyTree":1,"leaves":[[["a"],7]]}',
    `{"keyTree":1,"leaves":[["a",${good}]]}`,
    `{"keyTree":1,"leaves":[[[],${good}]]}`,
    `{"keyTree":1,"leaves":[[[1],${good}]]}`,
    `{"keyTree":1,"leaves":[[["a"],${good},7]]}`,
    `{"keyTree":1,"leaves":[[["a"],${good},"x","y"]]}`,
  ])("refuses %s", (text) => {
    expect(() => decodeKeyTree(text)).toThrow(expect.objectContaining({ code: "WS_BAD_ENCODING" }));
  });

  it("refuses a path that is there twice", () => {
    expect(() => decodeKeyTree(`{"keyTree":1,"leaves":[[["a"],${good}],[["a"],${good}]]}`)).toThrow(EncodingError);
  });
});

describe("paths for people", () => {
  it("are joined by slashes, escaped where needed", () => {
    expect(formatLeafPath(["config", "rounds"])).toBe("config/rounds");
    expect(formatLeafPath(["reads", "file:project:data/x.csv"])).toBe("reads/file:project:data\\/x.csv");
    expect(formatLeafPath(["a\\b", "two\nlines\u001b[31m"])).toBe("a\\\\b/two\\u000alines\\u001b[31m");
  });

  it("are never the same for two paths", () => {
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(formatLeafPath(a) === formatLeafPath(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 5000 },
    );
  });
});
