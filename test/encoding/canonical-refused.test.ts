import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { encodeCanonical } from "../../src/encoding/canonical.ts";
import { EncodingError } from "../../src/errors.ts";

class Model {
  readonly weights: readonly number[] = [1];
}
class LruMap extends Map<string, number> {}
class Matrix extends Array<number> {}
class Day extends Date {}
class Bytes extends Uint8Array {}

const cyclic: Record<string, unknown> = { name: "a" };
cyclic["items"] = [{ parent: cyclic }];
const selfSet = new Set<unknown>();
selfSet.add(selfSet);
const detached = new Uint8Array(4);
new MessageChannel().port1.postMessage(null, [detached.buffer]);
const resizable = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer;
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const refused: readonly (readonly [value: unknown, path: string, found: string])[] = [
  [{ rates: [1, 2, { when: /late/ }] }, "rates[2].when", "a RegExp"],
  [/x/, "", "a RegExp"],
  [{ f: () => 1 }, "f", "a function (f)"],
  [[class Tree {}], "[0]", "a function (Tree)"],
  [{ a: Symbol("x") }, "a", "a symbol"],
  [{ model: new Model() }, "model", "an instance of Model"],
  [{ cache: new LruMap() }, "cache", "an instance of LruMap (a Map underneath)"],
  [{ m: Matrix.of(1, 2) }, "m", "an instance of Matrix (an Array underneath)"],
  [{ day: new Day(0) }, "day", "an instance of Day (a Date underneath)"],
  [{ bytes: new Bytes(1) }, "bytes", "an instance of Bytes (a TypedArray underneath)"],
  [{ e: new Error("x") }, "e", "an Error"],
  [{ e: new TypeError("x") }, "e", "an instance of TypeError (an Error underneath)"],
  [{ p: Promise.resolve(1) }, "p", "a Promise"],
  [{ n: Object(1) as unknown }, "n", "an instance of Number (a boxed primitive underneath)"],
  [{ s: Object("x") as unknown }, "s", "an instance of String (a boxed primitive underneath)"],
  [{ w: new WeakMap() }, "w", "a WeakMap"],
  [{ w: new WeakSet() }, "w", "a WeakSet"],
  [{ w: new WeakRef({}) }, "w", "an instance of WeakRef"],
  [{ p: new Proxy({}, {}) }, "p", "a Proxy"],
  [{ p: revoked.proxy }, "p", "a Proxy"],
  [{ o: Object.create({ a: 1 }) as unknown }, "o", "an object that inherits from another object"],
  [{ o: Object.setPrototypeOf(new Map(), null) as unknown }, "o", "a built-in object under a plain prototype"],
  [
    { o: Object.setPrototypeOf(new Date(), Object.prototype) as unknown },
    "o",
    "a built-in object under a plain prototype",
  ],
  [{ u: Object.create(URL.prototype) as unknown }, "u", "an instance of URL"],
  [{ u: Object.create(Uint8Array.prototype) as unknown }, "u", "an instance of Uint8Array"],
  [{ s: new SharedArrayBuffer(1) }, "s", "a SharedArrayBuffer"],
  [{ s: new Uint8Array(new SharedArrayBuffer(1)) }, "s", "a view of a SharedArrayBuffer"],
  [{ d: detached }, "d", "a detached ArrayBuffer, or a view of one"],
  [{ d: detached.buffer }, "d", "a detached ArrayBuffer, or a view of one"],
  [{ r: resizable }, "r", "a resizable ArrayBuffer, or a view of one"],
  [{ r: new DataView(resizable) }, "r", "a resizable ArrayBuffer, or a view of one"],
  [{ list: Object.assign([], { 0: 1, 2: 3 }) }, "list[1]", "a hole in an array"],
  [Object.assign([], { length: 2 }), "[0]", "a hole in an array"],
  [{ list: Object.assign([1], { extra: 1 }) }, "list", 'a built-in with a property of its own ("extra")'],
  [{ m: Object.assign(new Map(), { extra: 1 }) }, "m", 'a built-in with a property of its own ("extra")'],
  [{ s: Object.assign(new Set(), { extra: 1 }) }, "s", 'a built-in with a property of its own ("extra")'],
  [{ d: Object.assign(new Date(), { extra: 1 }) }, "d", 'a built-in with a property of its own ("extra")'],
  [{ u: Object.assign(new URL("http://x/"), { extra: 1 }) }, "u", 'a built-in with a property of its own ("extra")'],
  [{ a: { [Symbol("k")]: 1 } }, "a", "an object with a symbol as key (Symbol(k))"],
  [{ a: Object.assign([1], { [Symbol("k")]: 1 }) }, "a", "a built-in with a property of its own (Symbol(k))"],
  [
    {
      a: {
        get x(): number {
          return expect.fail("a getter ran");
        },
      },
    },
    "a.x",
    "an accessor property (a getter or setter)",
  ],
  [{ a: { set x(_: number) {} } }, "a.x", "an accessor property (a getter or setter)"],
  [
    Object.defineProperty([1, 2], 1, { get: () => 1, enumerable: true }),
    "[1]",
    "an accessor property (a getter or setter)",
  ],
  [cyclic, "items[0].parent", "a cycle: a reference back to the whole value"],
  [{ deep: { x: cyclic } }, "deep.x.items[0].parent", "a cycle: a reference back to `deep.x`"],
  [selfSet, "values()[0]", "a cycle: a reference back to the whole value"],
  [{ byName: new Map([["late", [Symbol("x")]]]) }, 'byName.get("late")[0]', "a symbol"],
  [{ byName: new Map([[/x/, 1]]) }, "byName.keys()[0]", "a RegExp"],
  [{ tags: new Set([1, Symbol("x")]) }, "tags.values()[1]", "a symbol"],
  [{ "odd key": { "": Symbol("x") } }, '["odd key"][""]', "a symbol"],
  [{ "line\nbreak": Symbol("x") }, '["line\\nbreak"]', "a symbol"],
  [{ größe: Symbol("x") }, "größe", "a symbol"],
  [JSON, "", "an object with a symbol as key (Symbol(Symbol.toStringTag))"],
];

describe("values that cannot be part of a key", () => {
  it.each(refused)("%# refuses with the path", (value, path, found) => {
    const error = refusalOf(value);
    const where = path === "" ? "The value" : `\`${path}\``;
    expect(error.message).toBe(`${where} is ${found}, which cannot be part of a cache key.`);
    expect(error.code).toBe("WS_NOT_KEYABLE");
    expect(error.details).toEqual({ path, found });
    expect(error.hint).toMatch(/\w.*[.:]/);
  });

  it("begins the path with the name that it was given", () => {
    expect(refusalOf({ a: [/x/] }, "config").details["path"]).toBe("config.a[0]");
    expect(refusalOf([/x/], "config").details["path"]).toBe("config[0]");
    expect(refusalOf(/x/, "config").details["path"]).toBe("config");
    expect(refusalOf(new Map([[1, /x/]]), "config").details["path"]).toBe("config.get(1)");
  });

  it("names the right place after a sibling container", () => {
    expect(refusalOf({ a: { b: { c: [1] } }, d: [[], [2, { e: /x/ }]] }).details["path"]).toBe("d[1][1].e");
  });

  it("refuses depth before the stack overflows, and takes the documented depth", () => {
    expect(() => encodeCanonical(nested(1000))).not.toThrow();
    expect(refusalOf(nested(1001)).message).toContain("nested more than 1000 levels deep");
    expect(refusalOf(nested(100_000)).message).toContain("`[0][0][0][0][0][0][0][0]…`");
  });

  it("refuses a small value that would grow without bound", { timeout: 60_000 }, () => {
    let value: unknown = "x".repeat(1000);
    for (let level = 0; level < 40; level++) value = [value, value];
    expect(refusalOf(value).message).toContain("data beyond the first 256 MiB");
  });

  it("goes on working after a refusal", () => {
    const before = encodeCanonical({ a: 1 });
    refusalOf({ a: 1, b: /x/ });
    expect(encodeCanonical({ a: 1 })).toEqual(before);
  });
});

function refusalOf(value: unknown, path?: string): EncodingError {
  try {
    encodeCanonical(value, path === undefined ? {} : { path });
  } catch (error) {
    if (error instanceof EncodingError) return error;
    throw error;
  }
  return expect.fail("the value was not refused");
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}
