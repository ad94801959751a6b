import { describe, expect, test } from "vitest";
import type { ArtifactStore } from "../../src/artifact-store/artifact-store.ts";
import { openMemoryArtifactStore } from "../../src/artifact-store/backends/memory/memory-artifact-store.ts";
import { readLeaves } from "../../src/cache/cache-key.ts";
import { lookUp } from "../../src/cache/cache-lookup.ts";
import type { LookupAnswer, LookupRequest } from "../../src/cache/cache-lookup.ts";
import { effectivePolicy } from "../../src/cache/cache-policy.ts";
import type { EffectivePolicy, PolicySources } from "../../src/cache/cache-policy.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import { keyOf, keyTree, mergeKeyTrees } from "../../src/encoding/key-tree.ts";
import { openMemoryMetadataStore } from "../../src/metadata-store/backends/memory/memory-metadata-store.ts";
import type { MetadataStore } from "../../src/metadata-store/metadata-store.ts";
import type { CacheEntryDraft } from "../../src/model/execution.ts";
import type { RunId } from "../../src/model/ids.ts";
import type { ReadRecord } from "../../src/model/reads.ts";
import { questionsOf, Revalidation } from "../../src/observation/revalidation.ts";
import { entryDraft, executionDraft, keyFor, runDraft, treeFor } from "../../src/testing/metadata-drafts.ts";

const use: EffectivePolicy = { mode: "use", ttlMs: undefined, from: "default" };

/** Stores in memory, a clock that is set, and files that are what the test says. */
class World {
  now = 10_000;
  readonly files = new Map<string, string>();
  readonly calls: string[] = [];
  /** Every look at a file's bytes. */
  readonly looks: string[] = [];
  readonly artifacts: ArtifactStore = openMemoryArtifactStore({ blobs: new Map() });
  readonly metadata: MetadataStore;
  #runId: RunId | undefined;

  constructor() {
    const store = openMemoryMetadataStore({ clock: { now: () => this.now, monotonic: () => this.now } });
    this.metadata = new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          this.calls.push(String(name));
          return Reflect.apply(value, target, args);
        };
      },
    });
  }

  /** Stores a result under the key of `key`; what it read makes it stand under a strong key. */
  async computed(key: string, value: string, entry: Partial<CacheEntryDraft> = {}): Promise<void> {
    this.#runId ??= (await this.metadata.createRun(runDraft())).id;
    const { digest, size } = await this.artifacts.put(new TextEncoder().encode(value));
    const stored = {
      type: { id: "text", version: 1 },
      digest,
      blobs: [{ digest, size }],
      size,
      traits: [],
      shown: value,
    };
    const reads = entry.reads ?? [];
    const tree = reads.length === 0 ? treeFor(key) : mergeKeyTrees(treeFor(key), keyTree(readLeaves(reads)));
    const weak = reads.length === 0 ? {} : { weak: { key: keyFor(key), pathSet: questionsOf(reads) } };
    const draft = entryDraft(keyOf(tree), { ...weak, ...entry });
    const times = { startedAt: this.now, endedAt: this.now };
    const keyed = { key: keyOf(tree), tree, outputs: [{ name: "output", stored }], entry: draft };
    await this.metadata.record([executionDraft(this.#runId, { ...times, ...keyed })]);
  }

  fileRead(name: string): ReadRecord {
    const text = this.files.get(name);
    return { kind: text === undefined ? "absent" : "file", name, digest: digestOf(text ?? "absent") };
  }

  async lookUp(
    requests: readonly (Partial<LookupRequest> & { readonly about: string })[],
  ): Promise<readonly LookupAnswer[]> {
    const revalidation = new Revalidation({
      digests: {
        stampOf: (file) => this.files.get(file),
        digestOfFile: async (file) => this.#digestOf(file),
      },
      environment: {},
      environmentKey: "key",
      pathOf: (name) => (name.startsWith("gone:") ? undefined : name),
    });
    const whole = requests.map(({ about, ...request }) => ({
      key: keyFor(about),
      tree: treeFor(about),
      policy: use,
      trust: new Set<string>(),
      ...request,
    }));
    const { artifacts, metadata } = this;
    return lookUp(whole, { artifacts, metadata, revalidation, now: () => this.now });
  }

  async one(about: string, request: Partial<LookupRequest> = {}): Promise<string> {
    const [answer] = await this.lookUp([{ about, ...request }]);
    if (answer?.kind === "hit") return answer.entry.outputs[0]?.artifact.shown ?? "";
    return answer?.reason === undefined ? "miss" : `${answer.reason.kind}: ${answer.reason.text}`;
  }

  #digestOf(file: string): { readonly digest: Digest; readonly size: number; readonly stamp: string } | undefined {
    this.looks.push(file);
    const text = this.files.get(file);
    return text === undefined ? undefined : { digest: digestOf(text), size: text.length, stamp: digestOf(text) };
  }
}

describe("the policy of a look-up", () => {
  const order = ["run", "step", "pipeline", "repository"] as const;
  const nothing: PolicySources = { run: undefined, step: undefined, pipeline: undefined, repository: undefined };

  test("the first that says something is followed: run, step, pipeline, repository", () => {
    expect(effectivePolicy(nothing)).toEqual({ mode: "use", ttlMs: undefined, from: "default" });
    for (const [index, from] of order.entries()) {
      const weaker = Object.fromEntries(order.slice(index + 1).map((name) => [name, "off"]));
      expect(effectivePolicy({ ...nothing, ...weaker, [from]: "refresh" })).toEqual({
        mode: "refresh",
        ttlMs: undefined,
        from,
      });
      expect(effectivePolicy({ ...nothing, ...weaker, [from]: { ttl: "1m" } })).toEqual({
        mode: "use",
        ttlMs: 60_000,
        from,
      });
      expect(effectivePolicy({ ...nothing, ...weaker, [from]: "use" }).mode).toBe("use");
    }
  });

  test("off and refresh do not look, and say who said so", async () => {
    const world = new World();
    await world.computed("a", "stored");
    world.calls.length = 0;
    const answer = (mode: "off" | "refresh", from: EffectivePolicy["from"]): Promise<string> =>
      world.one("a", { policy: { mode, ttlMs: undefined, from } });
    expect(await answer("off", "step")).toBe("cache-off: cache off, said by the step");
    expect(await answer("refresh", "run")).toBe("refresh: refresh, asked for by this run");
    expect(world.calls).toEqual([]);
  });

  test("a ttl counts from when it was computed, its end included; a time yet to come is expired", async () => {
    const world = new World();
    await world.computed("a", "stored");
    const policy: EffectivePolicy = { mode: "use", ttlMs: 1000, from: "step" };
    const after = (milliseconds: number): Promise<string> => {
      world.now = 10_000 + milliseconds;
      return world.one("a", { policy });
    };
    expect(await after(0)).toBe("stored");
    expect(await after(1000)).toBe("stored");
    expect(await after(1001)).toBe("expired: its result is 1 s old, older than its ttl");
    expect(await after(-1)).toMatch(/^expired: .*yet to come/);
    expect(await world.one("a")).toBe("stored");
  });
});

describe("a candidate", () => {
  test("is the newest; an older one where bytes of the newest are missing; a miss where all are", async () => {
    const blobs = new Map<Digest, Uint8Array>();
    const world = new World();
    Object.assign(world, { artifacts: openMemoryArtifactStore({ blobs }) });
    await world.computed("a", "older");
    await world.computed("a", "newer");
    expect(await world.one("a")).toBe("newer");
    blobs.delete(digestOf("newer"));
    expect(await world.one("a")).toBe("older");
    blobs.delete(digestOf("older"));
    expect(await world.one("a")).toBe("missing-artifact: the stored output of run 1 is no longer there");
  });

  test("with unseen activity needs somebody's word for each kind or name", async () => {
    const world = new World();
    const unseen = [
      { kind: "network", name: "api.example.com" },
      { kind: "native", name: "duckdb" },
    ] as const;
    await world.computed("a", "stored", { unseen });
    const trusting = (...trust: string[]): Promise<string> => world.one("a", { trust: new Set(trust) });
    expect(await trusting()).toMatch(/^not-offered: .*network:api.example.com/);
    expect(await trusting("network")).toMatch(/native:duckdb/);
    expect(await trusting("network:example.com", "native")).toMatch(/network:api/);
    expect(await trusting("network:api.example.com", "native")).toBe("stored");
    expect(await trusting("network", "native:duckdb")).toBe("stored");
  });

  test("that wrote a file is one only while the file is what it left", async () => {
    const world = new World();
    world.files.set("out.csv", "mine");
    const effects = [
      { path: "out.csv", state: { kind: "file", digest: digestOf("mine") } },
      { path: "old.csv", state: { kind: "removed" } },
    ] as const;
    await world.computed("a", "stored", { effects });
    expect(await world.one("a")).toBe("stored");
    world.files.set("out.csv", "theirs");
    expect(await world.one("a")).toBe("side-effect: out.csv, which it wrote, holds something else now");
    world.files.set("out.csv", "mine").set("old.csv", "back");
    expect(await world.one("a")).toMatch(/^side-effect: old.csv/);
    world.files.delete("out.csv");
    expect(await world.one("a")).toMatch(/^side-effect/);
  });

  test("that was retired is none", async () => {
    const world = new World();
    await world.computed("a", "older");
    await world.computed("a", "newer", { retiresOlder: true });
    expect(await world.one("a")).toBe("newer");
    expect((await world.metadata.lookup([keyFor("a")]))[0]?.entries.length).toBe(1);
  });
});

describe("what was read", () => {
  test("chooses among the results of one weak key, and an undo finds the old one again", async () => {
    const world = new World();
    world.files.set("x", "1");
    await world.computed("a", "of one", { reads: [world.fileRead("x")] });
    world.files.set("x", "2");
    expect(await world.one("a")).toBe("miss");
    await world.computed("a", "of two", { reads: [world.fileRead("x")] });
    expect(await world.one("a")).toBe("of two");
    world.files.set("x", "1");
    expect(await world.one("a")).toBe("of one");
    world.files.delete("x");
    expect(await world.one("a")).toBe("miss");
  });

  test("counts also when it was absent", async () => {
    const world = new World();
    await world.computed("a", "without", { reads: [world.fileRead("x")] });
    expect(await world.one("a")).toBe("without");
    world.files.set("x", "");
    expect(await world.one("a")).toBe("miss");
  });

  test("whose root is not here makes no hit", async () => {
    const world = new World();
    await world.computed("a", "stored", { reads: [{ kind: "file", name: "gone:x", digest: digestOf("1") }] });
    expect(await world.one("a")).toBe("miss");
  });

  test("two path sets under one key are both looked at, the newest result first", async () => {
    const world = new World();
    world.files.set("x", "1").set("y", "1");
    await world.computed("a", "reads x", { reads: [world.fileRead("x")] });
    await world.computed("a", "reads x and y", { reads: [world.fileRead("x"), world.fileRead("y")] });
    expect(await world.one("a")).toBe("reads x and y");
    world.files.set("y", "2");
    expect(await world.one("a")).toBe("reads x");
  });

  test("by two steps and three path sets is looked at once in a look-up, and again in the next", async () => {
    const world = new World();
    world.files.set("x", "1").set("y", "1");
    await world.computed("a", "a of x", { reads: [world.fileRead("x")] });
    await world.computed("a", "a of both", { reads: [world.fileRead("x"), world.fileRead("y")] });
    await world.computed("b", "b of x", { reads: [world.fileRead("x")] });
    const shown = async (): Promise<readonly unknown[]> => {
      world.looks.length = 0;
      const answers = await world.lookUp([{ about: "a" }, { about: "b" }]);
      return answers.map((answer) => (answer.kind === "hit" ? answer.entry.outputs[0]?.artifact.shown : "miss"));
    };
    expect(await shown()).toEqual(["a of both", "b of x"]);
    expect(world.looks.toSorted()).toEqual(["x", "y"]);
    world.files.set("y", "2");
    expect(await shown()).toEqual(["a of x", "b of x"]);
    world.files.set("x", "2");
    expect(await shown()).toEqual(["miss", "miss"]);
    expect(world.looks.toSorted()).toEqual(["x", "y"]);
  });
});

test("a batch of 1,000 asks the metadata store twice, whatever it finds", async () => {
  const world = new World();
  world.files.set("x", "1");
  for (let index = 0; index < 300; index++) {
    const reads = index % 2 === 0 ? [] : [world.fileRead("x")];
    await world.computed(`k${index}`, `v${index}`, { reads });
  }
  world.calls.length = 0;
  const answers = await world.lookUp(Array.from({ length: 1000 }, (_, index) => ({ about: `k${index}` })));
  expect(world.calls).toEqual(["lookup", "lookup"]);
  expect(answers.map(({ kind }) => kind)).toEqual(answers.map((_, index) => (index < 300 ? "hit" : "miss")));
  expect(answers.flatMap((answer) => (answer.kind === "hit" ? answer.entry.outputs[0]?.artifact.shown : []))).toEqual(
    Array.from({ length: 300 }, (_, index) => `v${index}`),
  );
});
