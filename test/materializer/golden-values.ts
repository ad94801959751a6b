/** Values whose stored bytes are pinned for ever in `test/fixtures/materializer/structured-v1`. Add; never change one. */
export const goldenValues: ReadonlyMap<string, () => unknown> = new Map<string, () => unknown>([
  ["null", () => null],
  ["undefined", () => undefined],
  ["true", () => true],
  ["number", () => 0.1],
  ["large-number", () => 1.7976931348623157e308],
  ["minus-zero", () => -0],
  ["not-a-number", () => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ["bigint", () => [0n, -255n, 2n ** 80n]],
  ["text", () => "naïve \u{1f600} \n \u2028"],
  ["lone-surrogate", () => ["\ud83d", "\ude00x"]],
  ["backticks", () => ["`", "``", "`M", { "`u": "`u" }, ["`N", 1]]],
  ["backticks-beside-a-tag", () => [undefined, "`M", ["`S"]]],
  ["empty", () => [[], {}, new Map(), new Set(), ""]],
  [
    "records",
    () => [
      { id: 1, name: "a", late: false, delay: null },
      { id: 2, name: "b", late: true, delay: 12.5 },
    ],
  ],
  ["property-order", () => ({ b: 1, a: 2, 10: "ten", 9: "nine" })],
  ["proto-key", () => JSON.parse('{"__proto__":{"x":1},"toJSON":"text","constructor":1}') as unknown],
  ["bare-object", () => Object.assign(Object.create(null) as object, { a: 1, "`u": undefined })],
  ["date", () => ({ at: new Date(1_700_000_000_123), never: new Date(Number.NaN) })],
  ["url", () => [new URL("https://example.org/a?b=ü#c")]],
  [
    "map",
    () =>
      new Map<unknown, unknown>([
        ["a", 1],
        [Number.NaN, { x: -0 }],
        [new Date(0), new Map([[1n, "one"]])],
      ]),
  ],
  ["set", () => new Set<unknown>(["a", 1, new Set(["b"])])],
  ["bytes", () => ({ u8: new Uint8Array([1, 2, 255]), buffer: Buffer.from("abc"), whole: new Uint8Array([7]).buffer })],
  [
    "typed-arrays",
    () => [
      new Int8Array([-1]),
      new Uint8ClampedArray([300]),
      new Int16Array([-2]),
      new Uint16Array([258]),
      new Int32Array([-3]),
      new Uint32Array([66051]),
      new Float32Array([0.5]),
      new Float64Array([-0, 0.1]),
      new BigInt64Array([-1n]),
      new BigUint64Array([1n]),
      new DataView(new Uint8Array([1, 2, 3]).buffer, 1),
    ],
  ],
  [
    "sidecar",
    () => {
      const samples = Float64Array.from({ length: 8192 }, (_, index) => index / 3);
      return { samples, again: samples, tail: samples.subarray(8190) };
    },
  ],
  [
    "shared",
    () => {
      const shared = { x: 1 };
      return { a: shared, b: [shared, shared], at: new Date(1) };
    },
  ],
  [
    "cycle",
    () => {
      const node: Record<string, unknown> = { name: "root" };
      node["self"] = node;
      node["children"] = [{ parent: node }];
      return node;
    },
  ],
  [
    "cycle-through-map",
    () => {
      const map = new Map<unknown, unknown>();
      map.set(map, [map]).set("set", new Set([map]));
      return map;
    },
  ],
  ["many-items", () => Array.from({ length: 2500 }, (_, id) => ({ id, even: id % 2 === 0 }))],
  ["many-dates", () => Array.from({ length: 1100 }, (_, day) => new Date(day * 86_400_000))],
  ["long-text", () => ["a", "é`".repeat(70_000)]],
  [
    "large-inside",
    () => {
      const row = { id: 1, text: "r".repeat(100) };
      return { head: "h", rows: Array.from({ length: 2000 }, (_, id) => (id % 50 === 49 ? row : { ...row, id })), row };
    },
  ],
  ["large-map", () => new Map(Array.from({ length: 9000 }, (_, id) => [`key ${id}`, id % 3 === 0 ? undefined : [id]]))],
  [
    "large-set-in-bare",
    () => Object.assign(Object.create(null) as object, { ids: new Set(Array.from({ length: 20_000 }, (_, id) => id)) }),
  ],
]);
