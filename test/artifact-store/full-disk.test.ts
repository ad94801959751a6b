import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ArtifactStore } from "../../src/artifact-store/artifact-store.ts";
import { openLocalArtifactStore } from "../../src/artifact-store/backends/local/local-artifact-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const kept = new Uint8Array(1000).fill(1);

/** A small file system of its own, or undefined where this user may not make one. */
function mountSmall(): string | undefined {
  const folder = temporaryFolder();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
  if (mounted.status !== 0) return undefined;
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return folder;
}

function open(mount: string): ArtifactStore {
  const store = openLocalArtifactStore({ folder: join(mount, "store"), durability: "process-crash" });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

async function* zeros(count: number): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; chunk < count; chunk++) yield new Uint8Array(100_000);
}

const noSpace = { code: "WS_NO_SPACE", hint: expect.stringContaining("Free some space") };
const readOnly = { code: "WS_READ_ONLY", hint: expect.stringContaining("writable") };

describe("a full disk", () => {
  test("ends every put in WS_NO_SPACE, leaves nothing half-written and keeps what is there", async ({ skip }) => {
    const mount = mountSmall() ?? skip("mounting a small file system needs root");
    const store = open(mount);
    const { digest } = await store.put(kept);
    await expect(store.put(new Uint8Array(1024 * 1024).fill(3))).rejects.toMatchObject(noSpace);
    await expect(store.put(new Uint8Array(3_000_000).fill(3))).rejects.toMatchObject(noSpace);
    await expect(store.put(zeros(30))).rejects.toMatchObject(noSpace);
    expect(readdirSync(join(mount, "store", "staging"))).toEqual([]);
    expect(await store.read(digest)).toEqual(kept);
    const later = await store.put(zeros(7));
    expect(await store.verify(later.digest)).toBe("ok");
    await expect(store.copyTo(later.digest, join(mount, "copy"))).rejects.toMatchObject(noSpace);
    expect(readdirSync(mount)).toEqual(["store"]);
  });
});

describe("a read-only disk", () => {
  test("can be read and asked, and answers every put with WS_READ_ONLY", async ({ skip }) => {
    const mount = mountSmall() ?? skip("mounting a small file system needs root");
    const info = await open(mount).put(kept);
    execFileSync("mount", ["-o", "remount,ro", mount]);
    const store = open(mount);
    expect(await store.read(info.digest)).toEqual(kept);
    expect(await store.has([info])).toEqual([true]);
    expect(await store.put(kept)).toEqual(info);
    await expect(store.put(new Uint8Array(10))).rejects.toMatchObject(readOnly);
    await expect(store.put(zeros(3))).rejects.toMatchObject(readOnly);
    await expect(store.delete([info.digest])).rejects.toMatchObject(readOnly);
    expect(await store.verify(info.digest)).toBe("ok");
  });

  test("without a store on it opens, and cannot be put to", async ({ skip }) => {
    const mount = mountSmall() ?? skip("mounting a small file system needs root");
    execFileSync("mount", ["-o", "remount,ro", mount]);
    const store = open(mount);
    expect(await Array.fromAsync(store.list())).toEqual([]);
    await expect(store.put(kept)).rejects.toMatchObject(readOnly);
    await expect(store.put(zeros(3))).rejects.toMatchObject(readOnly);
  });
});
