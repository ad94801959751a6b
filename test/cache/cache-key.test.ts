import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KEY_FORMAT, randomSeed, readLeaves, weakKeyTree } from "../../src/cache/cache-key.ts";
import type { NodeKeyInit } from "../../src/cache/cache-key.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { diffKeyTrees, keyOf } from "../../src/encoding/key-tree.ts";
import type { ArtifactRecord } from "../../src/model/artifact.ts";
import type { ArtifactId } from "../../src/model/ids.ts";
import type { NodeSpec } from "../../src/pipeline/pipeline-spec.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { pipeline } from "../../src/pipeline/pipeline.ts";
import { secret } from "../../src/pipeline/secret.ts";
import { step } from "../../src/pipeline/step.ts";

const rows = step("rows", () => [1, 2, 3]);
const train = step("train", (inputs: object) => inputs);

/** The spec of one node of `train` that is given these properties; `rows` is an upstream handle. */
async function nodeOf(make: (handle: unknown) => object, call: object = {}, name = "p"): Promise<NodeSpec> {
  const { spec } = await compilePipeline(
    pipeline(name, () => ({ a: train(make(rows()) as never, call) })),
    {},
  );
  return spec.nodes.at(-1) as NodeSpec;
}

const artifact: ArtifactRecord = {
  id: 7 as ArtifactId,
  state: "LIVE",
  createdAt: 1,
  type: { id: "structured", version: 1 },
  digest: digestOf("rows"),
  blobs: [{ digest: digestOf("rows"), size: 4 }],
  size: 4,
  traits: [],
};

const plain = await nodeOf((handle) => ({ rows: handle, rounds: 100, key: secret("KEY") }));

function init(change: Partial<NodeKeyInit> = {}): NodeKeyInit {
  return {
    step: { code: digestOf("code"), localeSensitive: false, native: false, options: {}, outputTypes: new Map() },
    node: plain,
    runtime: { nodeMajor: "24", timeZone: "UTC", locale: "en-US", icu: "78", architecture: "linux x64 glibc 2.39" },
    inputs: new Map([["rows", artifact]]),
    secretValue: () => "value",
    secretKey: "repository key",
    ...change,
  };
}

function stepWith(change: Partial<NodeKeyInit["step"]>): Pick<NodeKeyInit, "step"> {
  return { step: { ...init().step, ...change } };
}

function runtimeWith(change: Partial<NodeKeyInit["runtime"]>): Pick<NodeKeyInit, "runtime"> {
  return { runtime: { ...init().runtime, ...change } };
}

function changed(change: Partial<NodeKeyInit>, base: NodeKeyInit = init()): readonly string[] {
  const [one, two] = [weakKeyTree(base), weakKeyTree({ ...base, ...change })];
  const paths = diffKeyTrees(one, two).map(({ path: leaf }) => leaf.join("/"));
  expect(keyOf(one) === keyOf(two)).toBe(paths.length === 0);
  return paths;
}

describe("what changes the key, and nothing beside it", () => {
  const other = (change: Partial<ArtifactRecord>): Partial<NodeKeyInit> => ({
    inputs: new Map([["rows", { ...artifact, ...change }]]),
  });

  test.each<[string, Partial<NodeKeyInit>, readonly string[]]>([
    ["code", stepWith({ code: digestOf("other code") }), ["code"]],
    ["an input's bytes", other({ digest: digestOf("other rows") }), ["inputs/rows"]],
    ["an input's type", other({ type: { id: "late-model", version: 1 } }), ["inputs/rows"]],
    ["an input's type version", other({ type: { id: "structured", version: 2 } }), ["inputs/rows"]],
    [
      "an output's materializer",
      stepWith({ outputTypes: new Map([["output", { id: "m", version: 1 }]]) }),
      ["outputs/output"],
    ],
    ["version", stepWith({ options: { version: "2" } }), ["version"]],
    ["salt", stepWith({ options: { salt: "x" } }), ["salt"]],
    ["dataVersion", { dataVersion: { value: 5 } }, ["dataVersion"]],
    ["ignore", stepWith({ options: { ignore: ["rounds"] } }), ["config/rounds", "ignore"]],
    ["Node's major version", runtimeWith({ nodeMajor: "26" }), ["runtime/node"]],
  ])("%s", (_, change, expected) => {
    expect(changed(change)).toEqual(expected);
  });

  test("the version of an output's materializer, and what dataVersion answered", () => {
    const typed = (version: number): Partial<NodeKeyInit> =>
      stepWith({ outputTypes: new Map([["output", { id: "m", version }]]) });
    expect(changed(typed(2), init(typed(1)))).toEqual(["outputs/output"]);
    expect(changed({ dataVersion: { value: "b" } }, init({ dataVersion: { value: "a" } }))).toEqual(["dataVersion"]);
  });

  test("configuration, by any change of its value", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (a, b) => {
        const [one, two] = [await nodeOf(() => ({ x: a })), await nodeOf(() => ({ x: b }))];
        const same = Object.is(JSON.stringify(one.properties[0]?.bytes), JSON.stringify(two.properties[0]?.bytes));
        expect(changed({ node: two }, init({ node: one, inputs: new Map() }))).toEqual(same ? [] : ["config/x"]);
      }),
      { numRuns: 100 },
    );
  });

  test("an input's name, and what of it stands around the handle", async () => {
    const inside = await nodeOf((handle) => ({ rows: [handle], rounds: 100, key: secret("KEY") }));
    const inputs = new Map([["rows/0", artifact]]);
    expect(changed({ node: inside, inputs })).toEqual(["config/rows", "inputs/rows", "inputs/rows/0"]);
  });

  test("a secret's name, and its value only where that was asked for", async () => {
    const renamed = await nodeOf((handle) => ({ rows: handle, rounds: 100, key: secret("OTHER") }));
    expect(changed({ node: renamed })).toEqual(["config/key", "secrets/key/KEY", "secrets/key/OTHER"]);
    expect(changed({ secretValue: () => "another" })).toEqual([]);
    const inKey = await nodeOf((handle) => ({ rows: handle, key: secret("KEY", { inKey: true }) }));
    expect(changed({ secretValue: () => "another" }, init({ node: inKey }))).toEqual(["secrets/key/KEY"]);
    expect(changed({ secretKey: "another" }, init({ node: inKey }))).toEqual(["secrets/key/KEY"]);
    expect(JSON.stringify(weakKeyTree(init({ node: inKey, secretValue: () => "hush-hush" })))).not.toContain("hush");
  });
});

describe("time zone, locale and ICU", () => {
  const machine = runtimeWith({ timeZone: "Asia/Tokyo", locale: "ja", icu: "80" });
  const all = ["runtime/icu", "runtime/locale", "runtime/timeZone"];

  test("count where the code names them, or a date is given", async () => {
    expect(changed(machine)).toEqual([]);
    expect(changed(machine, init(stepWith({ localeSensitive: true })))).toEqual(all);
    const dated = new Map([["rows", { ...artifact, traits: ["date"] }]]);
    expect(changed(machine, init({ inputs: dated }))).toEqual(all);
  });

  test.each<[string, unknown, boolean]>([
    ["a date", new Date(0), true],
    ["one deep inside", { list: [new Map([["at", new Set([new Date(0)])]])] }, true],
    ["a key of a map", new Map([[new Date(0), 1]]), true],
    ["the letter that marks one", "DDDD", false],
    ["bytes", new Uint8Array([0x44]), false],
  ])("configuration with %s", async (_, value, counts) => {
    const node = await nodeOf(() => ({ at: value }));
    expect(changed(machine, init({ node, inputs: new Map() }))).toEqual(counts ? all : []);
  });

  test("the architecture counts for native code alone", () => {
    const arm = runtimeWith({ architecture: "linux arm64 musl" });
    expect(changed(arm)).toEqual([]);
    expect(changed(arm, init(stepWith({ native: true })))).toEqual(["runtime/architecture"]);
  });
});

describe("what does not change the key", () => {
  test("pipeline, node id, order of properties", async () => {
    const node = await nodeOf(
      (handle) => ({ key: secret("KEY"), rounds: 100, rows: handle }),
      { id: "elsewhere" },
      "q",
    );
    expect(node.id).toBe("elsewhere");
    expect(changed({ node })).toEqual([]);
  });

  test("policy and execution settings", () => {
    const options = { cache: "refresh", trust: ["network"], executor: "in-process", timeout: "1h", retry: 3 } as const;
    expect(changed(stepWith({ options }))).toEqual([]);
  });

  test("which artifact it is, where its bytes and its type are the same", () => {
    const same = { ...artifact, id: 9 as ArtifactId, name: "x", version: 2, createdAt: 5, shown: "[1, 2, 3]" };
    expect(changed({ inputs: new Map([["rows", same]]) })).toEqual([]);
  });

  test("inputs that are ignored", async () => {
    const ignoring = stepWith({ options: { ignore: ["rounds", "rows"] } });
    const node = await nodeOf((handle) => ({ rows: handle, rounds: 5, key: secret("KEY") }));
    const inputs = new Map([["rows", { ...artifact, digest: digestOf("other") }]]);
    expect(changed({ node, inputs }, init(ignoring))).toEqual([]);
  });
});

test("the seed depends on configuration, inputs and the salt alone", () => {
  const seed = (change: Partial<NodeKeyInit>): string => randomSeed(weakKeyTree(init(change)));
  expect(seed(stepWith({ code: digestOf("other") }))).toBe(seed({}));
  expect(seed(runtimeWith({ nodeMajor: "26" }))).toBe(seed({}));
  expect(seed(stepWith({ options: { salt: "x" } }))).not.toBe(seed({}));
  expect(seed({ inputs: new Map([["rows", { ...artifact, digest: digestOf("other") }]]) })).not.toBe(seed({}));
});

test("what was absent and what is there answer the same question", () => {
  const leaf = (kind: "file" | "absent"): unknown =>
    readLeaves([{ kind, name: "project:x", digest: digestOf(kind) }])[0]?.path;
  expect(leaf("absent")).toEqual(leaf("file"));
});

test(`the weak key of format ${KEY_FORMAT} stays what it is`, () => {
  const golden = path.join(import.meta.dirname, `../fixtures/cache/weak-key-${KEY_FORMAT}.json`);
  const options = { version: "3", salt: "s", ignore: [] };
  const tree = weakKeyTree(
    init({ ...stepWith({ localeSensitive: true, native: true, options }), dataVersion: { value: "v1" } }),
  );
  const text = `${JSON.stringify({ key: keyOf(tree), tree }, undefined, 1)}\n`;
  // A difference means that every stored result is lost to the release that made it.
  expect(text).toBe(readFileSync(golden, "utf8"));
});
