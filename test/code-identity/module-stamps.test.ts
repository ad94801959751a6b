import { chmodSync, mkdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFileDigests } from "../../src/code-identity/module-stamps.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { temporaryFolder } from "./project.ts";

/** As if everything was written an hour ago. */
const later = { now: () => Date.now() + 3_600_000, monotonic: () => performance.now() };

test("digests bytes, streamed or at once, and knows what is not there", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "x.bin");
  const bytes = Buffer.alloc(3_000_001, 7);
  writeFileSync(path, bytes);
  const digests = createFileDigests();
  expect(await digests.digestOfFile(path)).toMatchObject({ digest: digestOf(bytes), size: 3_000_001 });
  expect(digests.digestOfSource(path)).toMatchObject({ digest: digestOf(bytes), size: 3_000_001 });
  writeFileSync(path, "");
  expect(await digests.digestOfFile(path)).toMatchObject({ digest: digestOf(""), size: 0 });
  expect(await digests.digestOfFile(join(folder, "gone"))).toBeUndefined();
  expect(digests.digestOfSource(join(path, "below"))).toBeUndefined();
  symlinkSync("loop", join(folder, "loop"));
  expect(await digests.digestOfFile(join(folder, "loop"))).toBeUndefined();
  expect(digests.stampOf(join(folder, "gone"))).toBeUndefined();
});

test("what is no file, or may not be read, is an error with its path", async () => {
  const folder = temporaryFolder();
  const digests = createFileDigests();
  await expect(digests.digestOfFile(folder)).rejects.toMatchObject({ code: "WS_SOURCE_UNREADABLE" });
  expect(() => digests.digestOfSource(folder)).toThrow(`${folder} cannot be read: it is not a regular file.`);
  if (process.getuid?.() === 0) return;
  writeFileSync(join(folder, "x"), "");
  chmodSync(join(folder, "x"), 0);
  await expect(digests.digestOfFile(join(folder, "x"))).rejects.toMatchObject({ code: "WS_SOURCE_UNREADABLE" });
});

test("a settled stamp saves the reading, also in the next process", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "x");
  const stampFile = join(folder, "stamps");
  writeFileSync(path, "one");
  const digests = createFileDigests({ stampFile, clock: later });
  expect(digests.digestOfSource(path)?.bytes).toBeDefined();
  expect(digests.digestOfSource(path)?.bytes).toBeUndefined();
  await digests.save();
  expect(createFileDigests({ stampFile, clock: later }).digestOfSource(path)?.bytes).toBeUndefined();
  writeFileSync(stampFile, "damaged");
  expect(createFileDigests({ stampFile, clock: later }).digestOfSource(path)?.bytes).toBeDefined();
});

test("an edit of equal size and time is noticed, fresh or settled, in place or by replacement", async () => {
  for (const clock of [later, { now: Date.now, monotonic: () => 0 }]) {
    const folder = temporaryFolder();
    const path = join(folder, "x");
    const digests = createFileDigests({ clock });
    writeFileSync(path, "one");
    const { atime, mtime } = statSync(path);
    expect(await digests.digestOfFile(path)).toMatchObject({ digest: digestOf("one") });
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(path, "two");
    utimesSync(path, atime, mtime);
    expect(await digests.digestOfFile(path)).toMatchObject({ digest: digestOf("two") });
    writeFileSync(join(folder, "y"), "six");
    utimesSync(join(folder, "y"), atime, mtime);
    renameSync(join(folder, "y"), path);
    expect(await digests.digestOfFile(path)).toMatchObject({ digest: digestOf("six") });
  }
});

test("a fresh file is read again each time: a second edit within one tick of the clock would leave its stamp alone", () => {
  const path = join(temporaryFolder(), "x");
  const digests = createFileDigests();
  writeFileSync(path, "one");
  for (let round = 0; round < 200; round++) {
    const text = round % 2 === 0 ? "two" : "six";
    writeFileSync(path, text);
    expect(digests.digestOfSource(path)?.digest).toBe(digestOf(text));
  }
});

test("a file that goes on changing is an error, not a digest of a mixture", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "x");
  writeFileSync(path, Buffer.alloc(8_000_000));
  const digests = createFileDigests();
  let writing = true;
  const writer = (async () => {
    for (let n = 0; writing; n++) {
      writeFileSync(path, Buffer.alloc(8_000_000, n));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await expect(digests.digestOfFile(path)).rejects.toThrow("changed each of 4 times while it was being read");
  writing = false;
  await writer;
  mkdirSync(join(folder, "d"));
  expect(await digests.digestOfFile(path)).toMatchObject({ size: 8_000_000 });
});
