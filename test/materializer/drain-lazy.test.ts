import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { drainLazy } from "../../src/materializer/drain-lazy.ts";

async function* rows(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}

describe("drainLazy", () => {
  test.each([
    [
      "a generator",
      () =>
        rows().constructor &&
        (function* () {
          yield 1;
          yield 2;
        })(),
      [1, 2],
    ],
    ["an async generator", rows, [1, 2]],
    ["a Promise of one", async () => rows(), [1, 2]],
    ["an iterator", () => new Map([[1, 2]]).values(), [2]],
    ["a web stream of objects", () => ReadableStream.from([{ a: 1 }]), [{ a: 1 }]],
    ["a web stream of bytes", () => new Blob(["ab", "c"]).stream(), new Uint8Array([97, 98, 99])],
    [
      "a Node stream of bytes",
      () => Readable.from([Buffer.from("ab"), Buffer.from("c")]),
      new Uint8Array([97, 98, 99]),
    ],
    ["a Node stream of text", () => Readable.from(["ab", "c"]), "abc"],
    ["a Node stream of objects", () => Readable.from([{ a: 1 }, { a: 2 }]), [{ a: 1 }, { a: 2 }]],
  ])("collects %s", async (_, make, expected) => {
    const drained = await drainLazy(make());
    expect(drained).toEqual(expected);
    expect(Buffer.isBuffer(drained)).toBe(false);
  });

  test.each([[[1]], ["text"], [new Map([[1, 2]])], [new Uint8Array(2)], [{ next: 1 }], [null]])(
    "leaves %o alone",
    async (value) => {
      expect(await drainLazy(value)).toBe(value);
    },
  );

  test("gives up when aborted, also when nothing comes any more", async () => {
    const controller = new AbortController();
    const draining = drainLazy(new ReadableStream(), controller.signal);
    controller.abort(new Error("stop"));
    await expect(draining).rejects.toThrow("stop");
  });

  test("passes on what the source throws", async () => {
    await expect(
      drainLazy(
        (async function* () {
          yield 1;
          throw new Error("broken");
        })(),
      ),
    ).rejects.toThrow("broken");
  });
});
