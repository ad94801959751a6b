import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createFileDigests } from "../../src/code-identity/module-stamps.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import type { DataDigests } from "../../src/observation/data-digests.ts";
import { KnownFiles } from "../../src/observation/known-files.ts";
import type { Clock } from "../../src/util/clock.ts";

const folder = mkdtempSync(path.join(tmpdir(), "warmstart-known-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hour = 3_600_000;
/** So late that whatever is written now was written long ago. */
const later: Clock = { now: () => Date.now() + hour, monotonic: () => performance.now() };

const file = (name: string): string => path.join(folder, name);
const bytes = (fill: number, size = 1 << 20): Buffer => Buffer.alloc(size, fill);

/** Digests that were taken by hashing, by name. */
function counted(): { readonly digests: DataDigests; readonly hashed: string[] } {
  const hashed: string[] = [];
  const fresh = (): DataDigests => createFileDigests();
  return {
    hashed,
    digests: {
      stampOf: (asked) => fresh().stampOf(asked),
      digestOfFile: async (asked) => {
        hashed.push(path.basename(asked));
        return fresh().digestOfFile(asked);
      },
    },
  };
}

test("a large file is hashed once, here and in the thread that is told of it; a small one is not told of", async () => {
  writeFileSync(file("big"), bytes(1));
  writeFileSync(file("small"), bytes(1, 1000));
  const { digests, hashed } = counted();
  const one = new KnownFiles({ digests, clock: later });
  const first = await one.digestOfFile(file("big"));
  await one.digestOfFile(file("small"));
  expect(first?.digest).toBe(digestOf(bytes(1)));
  const other = new KnownFiles({ digests, known: structuredClone(one.all), clock: later });
  expect(await other.digestOfFile(file("big"))).toEqual(first);
  expect(await one.digestOfFile(file("big"))).toEqual(first);
  await other.digestOfFile(file("small"));
  expect(hashed).toEqual(["big", "small", "small"]);
  expect(await one.digestOfFile(file("none"))).toBeUndefined();
});

test("another stamp, be it of equal size and time, is hashed again, and the later word is believed", async () => {
  writeFileSync(file("x"), bytes(1));
  const { atime, mtime } = statSync(file("x"));
  const { digests, hashed } = counted();
  const parent = new KnownFiles({ digests, clock: later });
  await parent.digestOfFile(file("x"));
  const old = parent.all;
  writeFileSync(file("x"), bytes(2));
  utimesSync(file("x"), atime, mtime);
  const latest: Clock = { ...later, now: () => Date.now() + 2 * hour };
  const thread = new KnownFiles({ digests, known: old, clock: latest });
  expect((await thread.digestOfFile(file("x")))?.digest).toBe(digestOf(bytes(2)));
  parent.learn(thread.all);
  parent.learn(old);
  expect((await parent.digestOfFile(file("x")))?.digest).toBe(digestOf(bytes(2)));
  expect(hashed).toEqual(["x", "x"]);
});

test("a stamp that was young when it was recorded says nothing", async () => {
  writeFileSync(file("young"), bytes(1));
  const { digests, hashed } = counted();
  const known = new KnownFiles({ digests });
  await known.digestOfFile(file("young"));
  await known.digestOfFile(file("young"));
  expect(hashed).toEqual(["young", "young"]);
});

test("they are kept between processes, the newest 256, and a damaged file is none", async () => {
  writeFileSync(file("kept"), bytes(3));
  const { digests, hashed } = counted();
  const stampFile = file("stamps");
  const one = new KnownFiles({ digests, stampFile, clock: later });
  await one.digestOfFile(file("kept"));
  const [kept] = one.all;
  if (kept === undefined) throw new Error("it is not known");
  const many = Array.from({ length: 255 }, (_, index) => ({ ...kept, path: file(`f${index}`) }));
  one.learn(many);
  await one.save();
  const two = new KnownFiles({ digests, stampFile, clock: later });
  await two.digestOfFile(file("kept"));
  expect(hashed).toEqual(["kept"]);
  two.learn([{ ...kept, path: file("one more") }]);
  expect(two.all.map((known) => known.path)).toEqual([...many.map((known) => known.path), file("one more")]);
  writeFileSync(stampFile, "torn");
  expect(new KnownFiles({ digests, stampFile }).all).toEqual([]);
});
