import { execFileSync } from "node:child_process";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { structured } from "../../src/materializer/builtin/structured/structured.ts";
import { openMemoryArtifactStore } from "../../src/artifact-store/backends/memory/memory-artifact-store.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import { MaterializerError } from "../../src/errors.ts";
import type { StoredValue } from "../../src/model/artifact.ts";
import { loadContext, MemoryBlobs, saveContext } from "./memory-blobs.ts";
import { sameShape } from "./same-shape.ts";

async function roundTrip(value: unknown, blobs: MemoryBlobs = new MemoryBlobs()): Promise<unknown> {
  const stored = await structured.save(value, saveContext(blobs));
  return await structured.load(stored, loadContext(blobs));
}

async function refusal(value: unknown, forbidden: readonly string[] = []): Promise<MaterializerError> {
  const error: unknown = await structured.save(value, saveContext(new MemoryBlobs(), forbidden)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MaterializerError);
  return error as MaterializerError;
}

async function save(value: unknown): Promise<StoredValue> {
  return await structured.save(value, saveContext(new MemoryBlobs()));
}

function bodyOf(blobs: MemoryBlobs, stored: StoredValue): string {
  return stored.blobs.map(({ digest }) => Buffer.concat(blobs.blobs.get(digest) ?? []).toString("utf8")).join("");
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("`", "M", "S", "u", "r", "0", "\ud83d", "\ude00", "\n", '"', "\0"), maxLength: 6 }),
  fc.constantFrom(
    "__proto__",
    "toJSON",
    "constructor",
    "`M",
    "`S",
    "`N",
    "`u",
    "`r0",
    "``",
    "length",
    "0",
    "-0",
    "then",
  ),
);
const binary = fc.oneof(
  fc.uint8Array(),
  fc.float64Array(),
  fc.int16Array(),
  fc.bigInt64Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes).buffer),
  fc.uint8Array().map((bytes) => new DataView(new Uint8Array(bytes).buffer)),
);
const leaf = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, undefined, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0n),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.webUrl().map((url) => new URL(url)),
  binary,
);

/** Everything storable, with objects met twice and cycles: nodes are linked after they were made. */
const graph = fc
  .record({
    kinds: fc.array(fc.constantFrom("array", "object", "bare", "map", "set"), { minLength: 1, maxLength: 12 }),
    leaves: fc.array(leaf, { minLength: 1, maxLength: 12 }),
    links: fc.array(fc.tuple(fc.nat(), fc.nat(), text), { maxLength: 40 }),
  })
  .map(({ kinds, leaves, links }) => {
    const nodes = kinds.map(emptyNode);
    for (const [from, to, key] of links) {
      const all = [...nodes, ...leaves];
      attach(nodes[from % nodes.length] as object, key, all[to % all.length], leaves[to % leaves.length]);
    }
    return nodes[0];
  });

function emptyNode(kind: string): object {
  if (kind === "array") return [];
  if (kind === "map") return new Map();
  if (kind === "set") return new Set();
  return kind === "bare" ? (Object.create(null) as object) : {};
}

function attach(node: object, key: string, value: unknown, mapKey: unknown): void {
  if (Array.isArray(node)) node.push(value);
  else if (node instanceof Map) node.set(mapKey, value);
  else if (node instanceof Set) node.add(value);
  else Object.defineProperty(node, key, { value, enumerable: true, writable: true, configurable: true });
}

describe("what is saved comes back exactly", () => {
  test("for every storable graph, with shared references and cycles", async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 50 }), async (value, cut) => {
        const before = await save(value);
        const loaded = await roundTrip(value, new MemoryBlobs(cut));
        expect(sameShape(value, loaded)).toBe(true);
        expect((await save(loaded)).digest).toBe(before.digest);
      }),
      { numRuns: 400 },
    );
  });

  test("for deep values that mix all containers", async () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        leaf,
        fc.array(tie("tree"), { maxLength: 5 }),
        fc.dictionary(text, tie("tree"), { maxKeys: 5, noNullPrototype: false }),
        fc.array(fc.tuple(tie("tree"), tie("tree")), { maxLength: 3 }).map((entries) => new Map(entries)),
        fc.array(tie("tree"), { maxLength: 3 }).map((members) => new Set(members)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        expect(sameShape(value, await roundTrip(value))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test("when every container is large enough to be opened line by line", async () => {
    const filler = (n: number): string => "x".repeat(n);
    const shared = { when: new Date(5), self: undefined as unknown };
    shared.self = shared;
    const rows = Array.from({ length: 3000 }, (_, id) => ({ id, name: `row ${id}`, shared, text: filler(id % 90) }));
    const value = {
      ["__proto__x"]: 1,
      rows,
      bare: Object.assign(Object.create(null) as object, { ["__proto__"]: filler(200_000), rows }),
      map: new Map<unknown, unknown>([
        [filler(300_000), "long key"],
        [rows, rows[7]],
        ["`M", new Map(rows.map((row) => [row.name, row]))],
      ]),
      set: new Set<unknown>([...rows, filler(140_000), "`x"]),
      long: `${"\ud83d\ude00".repeat(100_000)}\ud83d`,
      numbers: Array.from({ length: 100_000 }, (_, index) => index / 3),
      dictionary: Object.fromEntries(rows.map((row) => [row.name, [row.id]])),
    };
    Object.defineProperty(value, "__proto__", { value: rows, enumerable: true, writable: true, configurable: true });
    const loaded = await roundTrip(value, new MemoryBlobs(1000));
    expect(sameShape(value, loaded)).toBe(true);
  });

  test("property order and keys of `__proto__` included", async () => {
    const value = JSON.parse('{"b":1,"a":{"__proto__":{"x":[1]},"toJSON":2},"1":0}') as unknown;
    const loaded = (await roundTrip([value, undefined])) as unknown[];
    expect(JSON.stringify(loaded[0])).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf((loaded[0] as { a: object }).a)).toBe(Object.prototype);
  });

  test("large binary values stand as raw blobs of their own, once per content", async () => {
    const blobs = new MemoryBlobs(1000);
    const samples = Float64Array.from({ length: 20_000 }, (_, index) => index / 7);
    const value = {
      samples,
      same: samples,
      equal: samples.slice(),
      part: samples.subarray(1, 10_001),
      f16: new Uint16Array(2),
    };
    const stored = await structured.save(value, saveContext(blobs));
    expect(stored.blobs.map(({ size }) => size)).toEqual([expect.any(Number), 160_000, 80_000]);
    expect(blobs.order.at(-1)).toBe(stored.digest);
    const loaded = (await structured.load(stored, loadContext(blobs))) as typeof value;
    expect(sameShape(value, loaded)).toBe(true);
    expect(loaded.same).toBe(loaded.samples);
    expect(loaded.equal).not.toBe(loaded.samples);
    expect(loaded.part.buffer.byteLength).toBe(80_000);
  });

  test("each load gives a value of its own", async () => {
    const blobs = new MemoryBlobs();
    const stored = await structured.save({ list: [1], when: new Date(0) }, saveContext(blobs));
    const first = (await structured.load(stored, loadContext(blobs))) as { list: number[]; when: Date };
    first.list.push(2);
    first.when.setTime(9);
    expect(await structured.load(stored, loadContext(blobs))).toEqual({ list: [1], when: new Date(0) });
  });
});

describe("the bytes", () => {
  test("are plain JSON where that is exact", async () => {
    const blobs = new MemoryBlobs();
    const stored = await structured.save([{ a: 1, b: "x" }, null], saveContext(blobs));
    expect(bodyOf(blobs, stored)).toBe('{"format":"warmstart/structured","version":1}\n=[[{"a":1,"b":"x"},null]]\n');
  });

  test("depend on the value alone: its order and sharing, not its history", async () => {
    const same = { x: 1 };
    const digests = await Promise.all(
      [
        { a: same, b: { x: 1 } },
        { a: { x: 1 }, b: { x: 1 } },
      ].map(save),
    );
    expect(digests[0]?.digest).toBe(digests[1]?.digest);
    expect((await save({ b: 1, a: 2 })).digest).not.toBe((await save({ a: 2, b: 1 })).digest);
    expect((await save({ a: same, b: same })).digest).not.toBe(digests[0]?.digest);
    const grown: Record<string, number> = { a: 1, gone: 2, b: 3 };
    delete grown["gone"];
    expect((await save(grown)).digest).toBe((await save({ a: 1, b: 3 })).digest);
  });

  test("never tell two different values apart wrongly, nor together", async () => {
    const different = [
      [0],
      [-0],
      ["-0"],
      ["`n-0"],
      [Number.NaN],
      [null],
      [undefined],
      ["`u"],
      [],
      [[]],
      [{}],
      [Object.create(null)],
      [new Map()],
      [new Set()],
      ["`M"],
      [["`M"]],
      [["`S"]],
      [["``M"]],
      [1n],
      ["1"],
      [1],
      [new Date(0)],
      ["`D0"],
      [new Date(Number.NaN)],
      [new Uint8Array(1)],
      [Buffer.alloc(1)],
      [new Int8Array(1)],
      [new ArrayBuffer(1)],
      [new URL("a:b")],
      ["`Ua:b"],
      "",
      [""],
    ];
    const digests = await Promise.all(different.map(async (value) => (await save(value)).digest));
    expect(new Set(digests).size).toBe(different.length);
  });

  test("come in bounded chunks for a large value", async () => {
    const blobs = new MemoryBlobs();
    const rows = Array.from({ length: 40_000 }, (_, id) => ({ id, name: `row ${id}`, text: "y".repeat(60) }));
    const stored = await structured.save({ rows, long: "z".repeat(2_000_000) }, saveContext(blobs));
    expect(stored.size).toBeGreaterThan(5_000_000);
    expect(blobs.largestChunk).toBeLessThan(600_000);
  });

  test("tell of dates, and show a preview", async () => {
    expect((await save({ at: [new Date(1)] })).traits).toEqual(["date"]);
    expect(await save({ at: [1] })).toMatchObject({ traits: [], shown: "{ at: [1] }" });
  });
});

describe("what would not come back is refused, naming the place", () => {
  class Model {
    weights = [1];
  }
  const cases: readonly (readonly [name: string, value: unknown, path: string, found: RegExp])[] = [
    ["a function", { rows: [{ f: () => 1 }] }, "rows[0].f", /a function/],
    ["a symbol", [Symbol("s")], "[0]", /symbol/],
    ["a symbol key", { a: { [Symbol("k")]: 1 } }, "a", /symbol as key/],
    ["an instance", { rows: [1, 2, 3, { model: new Model() }] }, "rows[3].model", /an instance of Model/],
    ["a WeakMap", { w: new WeakMap() }, "w", /WeakMap/],
    [
      "an accessor",
      [
        {
          get x() {
            throw new Error("ran");
          },
        },
      ],
      "[0].x",
      /accessor/,
    ],
    [
      "a setter",
      [
        {
          set x(_: number) {
            throw new Error("ran");
          },
        },
      ],
      "[0].x",
      /accessor/,
    ],
    ["an accessor in an array", Object.defineProperty([1], 0, { get: () => 1, enumerable: true }), "[0]", /accessor/],
    ["a hidden property", Object.defineProperty({}, "x", { value: 1 }), "x", /not enumerable/],
    ["an Error", { e: new TypeError("no") }, "e", /TypeError/],
    ["a RegExp", { r: /x/ }, "r", /RegExp/],
    [
      "a Proxy",
      {
        p: new Proxy(
          {},
          {
            get: () => {
              throw new Error("ran");
            },
          },
        ),
      },
      "p",
      /Proxy/,
    ],
    ["a boxed number", [Object(1)], "[0]", /Number/],
    ["a hole", [Object.assign([1], { 2: 3 })], "[0]", /holes/],
    ["an array with more", ["a".match(/a/)], "[0]", /property of its own \("index"\)/],
    ["a Map with more", Object.assign(new Map(), { extra: 1 }), "", /property of its own/],
    ["a subclass of Array", [new (class List extends Array {})()], "[0]", /List/],
    ["a Map in disguise", [Object.setPrototypeOf(new Map([[1, 2]]), Object.prototype)], "[0]", /Map/],
    ["an array in disguise", [Object.setPrototypeOf([1], null)], "[0]", /Array/],
    ["shared memory", { s: new Uint8Array(new SharedArrayBuffer(8)) }, "s", /shared/],
    ["a resizable buffer", [new ArrayBuffer(8, { maxByteLength: 16 })], "[0]", /resizable/],
    ["an object that inherits", [Object.create({ a: 1 })], "[0]", /inherits/],
    ["a bad Map key", new Map([[new Model(), 1]]), "keys()[0]", /Model/],
    ["a bad Map value", { m: new Map([["k", new Model()]]) }, 'm.get("k")', /Model/],
  ];
  test.each(cases)("%s", async (_, value, path, found) => {
    const error = await refusal(value);
    expect(error).toMatchObject({ code: "WS_NOT_STORABLE", details: { path } });
    expect(error.message).toMatch(found);
    expect(error.hint).toBeTruthy();
  });

  test("behind the first lines of a large value too", async () => {
    const rows: unknown[] = Array.from({ length: 20_000 }, (_, id) => ({ id, text: "t".repeat(40) }));
    rows[19_000] = { deep: { model: new Model() } };
    expect((await refusal({ rows })).details["path"]).toBe("rows[19000].deep.model");
    const holes = Array.from({ length: 20_000 }, (_, id) => id);
    Reflect.deleteProperty(holes, 15_000);
    expect((await refusal({ holes })).message).toMatch(/holes/);
    expect(
      (
        await refusal({
          more: Object.assign(
            Array.from({ length: 9000 }, () => 0),
            { x: 1 },
          ),
        })
      ).message,
    ).toMatch(/"x"/);
  });

  test.each([
    ["a Promise", Promise.resolve(1)],
    ["a generator", (function* () {})()],
    ["an async generator", (async function* () {})()],
    ["a ReadableStream", new ReadableStream()],
    ["an iterator", [1].values()],
  ])("%s, as a lazy value", async (_, lazy) => {
    expect(await refusal({ rows: lazy })).toMatchObject({ code: "WS_LAZY_VALUE", details: { path: "rows" } });
  });

  test("endless nesting", async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 1001; level++) deep = [deep];
    expect((await refusal(deep)).message).toMatch(/more than 1000 levels/);
    let allowed: unknown = 1;
    for (let level = 0; level < 1000; level++) allowed = { a: allowed };
    expect(isDeepStrictEqual(await roundTrip(allowed), allowed)).toBe(true);
  });

  test("a patched Object.prototype.toJSON", async () => {
    const prototype = Object.prototype as { toJSON?: () => unknown };
    prototype.toJSON = () => "wrong";
    try {
      expect((await refusal({ a: 1 })).message).toMatch(/toJSON/);
    } finally {
      delete prototype.toJSON;
    }
  });

  test("data that is changed to something unstorable while it is stored", async () => {
    const rows = Array.from({ length: 20_000 }, (_, id): { id: unknown } => ({ id }));
    const saving = refusal(rows);
    (rows[19_999] as { id: unknown }).id = new Model();
    expect((await saving).details["path"]).toBe("[19999].id");
  });

  test("paths of temporary folders", async () => {
    const forbidden = ["/tmp/ws-step-1", "C:\\temp\\step"];
    const at = async (value: unknown): Promise<unknown> => (await refusal(value, forbidden)).details["path"];
    expect(await at({ rows: [{ file: "see /tmp/ws-step-1/out.csv" }] })).toBe("rows[0].file");
    expect(await at(["C:\\temp\\step\\x"])).toBe("[0]");
    expect(await at({ "/tmp/ws-step-1": 1 })).toBe('["/tmp/ws-step-1"]');
    expect(await at(new Map([["k", new URL("file:///tmp/ws-step-1/x")]]))).toBe('get("k").href');
    expect(await at([`${"x".repeat(32 * 1024 * 5 - 6)}/tmp/ws-step-1`])).toBe("[0]");
    await expect(structured.save(["/tmp/ws-step-12"], saveContext(new MemoryBlobs(), forbidden))).resolves.toBeTruthy();
  });
});

describe("stored bytes that are no value", () => {
  async function loadText(body: string): Promise<unknown> {
    const blobs = new MemoryBlobs(7);
    const root = await blobs.put(Buffer.from(body));
    const stored = { type: structured.type, digest: root.digest, blobs: [root], size: root.size, traits: [] };
    return await structured.load(stored, loadContext(blobs));
  }
  const header = '{"format":"warmstart/structured","version":1}\n';

  test.each([
    "",
    "x\n",
    "null\n",
    '{"format":"other","version":1}\n',
    '{"format":"warmstart/structured","version":0}\n',
    header,
    `${header}=[1,2]\n`,
    `${header}=[\n`,
    `${header}A\n=[1]\n`,
    `${header}.\n`,
    `${header}Q\n`,
    `${header}={}\n`,
    `${header}~["\`r0"]\n`,
    `${header}~["\`q"]\n`,
    `${header}~["\`bNope:AA=="]\n`,
    `${header}~["\`ixyz"]\n`,
    `${header}O\n=["a"]\n.\n`,
  ])("%j", async (body) => {
    await expect(loadText(body)).rejects.toMatchObject({ code: "WS_BAD_STORED_VALUE" });
  });

  test("of a newer release", async () => {
    await expect(loadText('{"format":"warmstart/structured","version":2}\n')).rejects.toMatchObject({
      code: "WS_FORMAT_NEWER",
    });
  });
});

describe("with a store", () => {
  test("a refusal in the middle of a blob stays what it is, and leaves no blob behind", async () => {
    await using store = openMemoryArtifactStore();
    const rows: unknown[] = Array.from({ length: 20_000 }, (_, id) => ({ id, text: "t".repeat(40) }));
    rows[19_000] = { model: () => 1 };
    await expect(structured.save({ rows }, saveContext(store))).rejects.toMatchObject({
      code: "WS_NOT_STORABLE",
      details: { path: "rows[19000].model" },
    });
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });

  test("every blob that a value names is there", async () => {
    await using store = openMemoryArtifactStore();
    const value = {
      samples: new Float64Array(100_000),
      rows: Array.from({ length: 9000 }, (_, id) => ({ id, at: new Date(id) })),
    };
    const stored = await structured.save(value, saveContext(store));
    expect(stored.blobs).toHaveLength(3);
    expect(await store.has(stored.blobs)).toEqual([true, true, true]);
    expect(sameShape(value, await structured.load(stored, loadContext(store)))).toBe(true);
  });

  test("damaged bytes are the store's to tell", async () => {
    const blobs = new Map<Digest, Uint8Array>();
    await using store = openMemoryArtifactStore({ blobs });
    const stored = await structured.save({ a: [1, 2, 3] }, saveContext(store));
    const bytes = blobs.get(stored.digest) as Uint8Array;
    bytes[bytes.length - 5] = 0x39;
    await expect(structured.load(stored, loadContext(store))).rejects.toMatchObject({ code: "WS_ARTIFACT_DAMAGED" });
  });
});

test("names of what every object inherits are data, also where prototypes are frozen", async () => {
  const script = `
    import { structured } from ${JSON.stringify(new URL("../../src/materializer/builtin/structured/structured.ts", import.meta.url).href)};
    import { MemoryBlobs, loadContext, saveContext } from ${JSON.stringify(new URL("./memory-blobs.ts", import.meta.url).href)};
    Object.freeze(Object.prototype);
    const blobs = new MemoryBlobs();
    const value = JSON.parse('{"toString":1,"constructor":[2],"__proto__":{"valueOf":3},"long":"' + "x".repeat(200000) + '"}');
    for (const given of [value, { nested: { ...JSON.parse('{"toString":1}'), last: undefined } }]) {
      const loaded = await structured.load(await structured.save(given, saveContext(blobs)), loadContext(blobs));
      console.log(JSON.stringify(loaded) === JSON.stringify(given), Object.keys(loaded).length);
    }`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(output).toBe("true 4\ntrue 1\n");
});
