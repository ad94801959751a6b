import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const durability = "process-crash";
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(chunks)).toString();
}

test("reads see both stores and writes go to the scratch alone, from another thread's store too", async () => {
  const folder = temporaryFolder();
  const baseLocation = { kind: "local", folder: join(folder, "base"), durability } as const;
  const scratchFolder = join(folder, "scratch");
  await using base = await openArtifactStore(baseLocation);
  const old = await base.put(text("old"));
  const location = { kind: "aside", folder: scratchFolder, durability, base: baseLocation } as const;
  await using store = await openArtifactStore(location);
  expect(store.location).toEqual(location);
  const fresh = await store.put(text("fresh"));
  expect(await store.has([old, fresh, { digest: digestOf("no"), size: 2 }])).toEqual([true, true, false]);
  expect(await base.has([fresh])).toEqual([false]);
  expect([await collected(store.stream(old.digest)), await collected(store.stream(fresh.digest))]).toEqual([
    "old",
    "fresh",
  ]);
  expect(Buffer.from(await store.read(old.digest)).toString()).toBe("old");
  await store.copyTo(old.digest, join(folder, "copy"));
  await store.delete([old.digest, fresh.digest]);
  expect(await store.has([old, fresh])).toEqual([true, false]);
  expect((await Array.fromAsync(store.list())).map(({ digest }) => digest)).toEqual([old.digest]);
});

test("what is damaged below is told and stays where it is", async () => {
  const folder = temporaryFolder();
  const base = { kind: "local", folder: join(folder, "base"), durability } as const;
  await using below = await openArtifactStore(base);
  const { digest } = await below.put(text("good"));
  const blob = join(base.folder, "objects-v1", digest.slice(0, 2), digest.slice(2));
  chmodSync(blob, 0o644);
  writeFileSync(blob, "evil");
  await using store = await openArtifactStore({ kind: "aside", folder: join(folder, "scratch"), durability, base });
  expect(await store.verify(digest)).toBe("damaged");
  await expect(collected(store.stream(digest))).rejects.toMatchObject({ code: "WS_ARTIFACT_DAMAGED" });
  expect(existsSync(blob)).toBe(true);
  expect(readdirSync(base.folder)).not.toContain("damaged");
  expect(await store.verify(digestOf("no"))).toBe("missing");
});
