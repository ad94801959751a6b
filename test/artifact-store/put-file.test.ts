import { execFileSync } from "node:child_process";
import { appendFileSync, closeSync, openSync, symlinkSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ArtifactStore } from "../../src/artifact-store/artifact-store.ts";
import { openLocalArtifactStore } from "../../src/artifact-store/backends/local/local-artifact-store.ts";
import { stableFile } from "../../src/artifact-store/stable-file.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { systemClock } from "../../src/util/clock.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const MiB = 1024 * 1024;

function open(): ArtifactStore {
  const store = openLocalArtifactStore({ folder: join(temporaryFolder(), "store"), durability: "process-crash" });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

function fileOf(size: number): string {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, new Uint8Array(size).fill(5));
  return path;
}

async function readWhile(path: string, change: () => void): Promise<number> {
  let read = 0;
  for await (const chunk of stableFile(path, { clock: systemClock })) {
    if (read === 0) change();
    read += chunk.byteLength;
  }
  return read;
}

describe("a file that changes while it is stored is refused", () => {
  const changed = { code: "WS_ARTIFACT_STORE", message: expect.stringContaining("changed while it was being stored") };

  test("when it grows", async () => {
    const path = fileOf(3 * MiB);
    await expect(readWhile(path, () => appendFileSync(path, "more"))).rejects.toMatchObject(changed);
  });

  test("when bytes change in place, right after it was written", async () => {
    const path = fileOf(3 * MiB);
    const change = (): void => {
      const fd = openSync(path, "r+");
      writeSync(fd, "x", 2 * MiB);
      closeSync(fd);
    };
    await expect(readWhile(path, change)).rejects.toMatchObject(changed);
  });

  test("when its time is set back after a change", async () => {
    const path = fileOf(3 * MiB);
    const change = (): void => {
      writeFileSync(path, new Uint8Array(3 * MiB).fill(6));
      utimesSync(path, 1000, 1000);
    };
    utimesSync(path, 1000, 1000);
    await expect(readWhile(path, change)).rejects.toMatchObject(changed);
  });

  test("and nothing is kept of it", async () => {
    const store = open();
    const path = fileOf(64 * MiB);
    const growing = setInterval(() => appendFileSync(path, "more"), 5);
    onTestFinished(() => clearInterval(growing));
    await expect(store.putFile(path)).rejects.toMatchObject(changed);
    expect(await Array.fromAsync(store.list())).toEqual([]);
  });
});

describe("putFile", () => {
  test("follows a link to a regular file: the path is the caller's", async () => {
    const path = fileOf(100);
    symlinkSync(path, `${path}-link`);
    expect(await open().putFile(`${path}-link`)).toEqual({ digest: digestOf(new Uint8Array(100).fill(5)), size: 100 });
  });

  test("refuses a named pipe at once, without waiting for a writer", async ({ skip }) => {
    if (process.platform === "win32") skip("Windows has no named pipes in folders");
    const pipe = join(temporaryFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    await expect(open().putFile(pipe)).rejects.toMatchObject({ message: `${pipe} is not a regular file.` });
  });

  test("ends when its signal aborts", async () => {
    const store = open();
    const stop = new AbortController();
    const putting = store.putFile(fileOf(64 * MiB), { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 2);
    await expect(putting).rejects.toThrow("enough");
  });
});
