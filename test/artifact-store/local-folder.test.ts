import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ArtifactStore, Durability } from "../../src/artifact-store/artifact-store.ts";
import { openLocalArtifactStore } from "../../src/artifact-store/backends/local/local-artifact-store.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import { digestOf } from "../../src/encoding/digest.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const bytes = new Uint8Array(1000).fill(1);
const digest = digestOf(bytes);
const large = new Uint8Array(3_000_000).fill(2);

async function* inPieces(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.byteLength; at += 100_000) yield whole.subarray(at, at + 100_000);
}

function open(folder = join(temporaryFolder(), "store"), durability: Durability = "process-crash"): ArtifactStore {
  const store = openLocalArtifactStore({ folder, durability });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

function folderOf(store: ArtifactStore): string {
  return store.location?.folder ?? "";
}

function pathIn(store: ArtifactStore, name: Digest): string {
  return join(folderOf(store), "objects-v1", name.slice(0, 2), name.slice(2));
}

describe("the folder", () => {
  test("is made by the first put and not before", async () => {
    const store = open();
    expect(await store.verify(digest)).toBe("missing");
    await store.flush();
    expect(existsSync(folderOf(store))).toBe(false);
    await store.put(bytes);
    expect(readdirSync(folderOf(store)).toSorted()).toEqual(["CACHEDIR.TAG", "objects-v1", "staging"]);
    expect(readFileSync(pathIn(store, digest))).toEqual(Buffer.from(bytes));
  });

  test("carries the tag by which backup programs know a cache", async () => {
    const store = open();
    await store.put(bytes);
    const tag = readFileSync(join(folderOf(store), "CACHEDIR.TAG"), "utf8");
    expect(tag.startsWith("Signature: 8a477f597d28d172789f06886806bc55\n")).toBe(true);
  });

  test("holds read-only files under one name each, within the umask", async () => {
    const before = process.platform === "win32" ? 0 : process.umask();
    const store = open();
    const { digest: streamed } = await store.put(inPieces(large));
    await store.put(bytes);
    for (const name of [digest, streamed]) {
      const stats = lstatSync(pathIn(store, name));
      expect(stats.mode & 0o777).toBe(0o444 & ~before);
      expect(stats.nlink).toBe(1);
    }
  });

  test("may be removed while the store is open: the next put makes it again", async () => {
    const store = open();
    await store.put(bytes);
    rmSync(folderOf(store), { recursive: true });
    expect(await store.has([{ digest, size: 1000 }])).toEqual([false]);
    await store.put(bytes);
    expect(await store.read(digest)).toEqual(bytes);
  });

  test("may be a link, since that is how people move a store", async () => {
    const parent = temporaryFolder();
    mkdirSync(join(parent, "elsewhere"));
    symlinkSync(join(parent, "elsewhere"), join(parent, "store"));
    const store = open(join(parent, "store"));
    await store.put(bytes);
    expect(await store.read(digest)).toEqual(bytes);
    expect(existsSync(join(parent, "elsewhere", "objects-v1"))).toBe(true);
  });

  test("stays the one that was opened when the process changes its directory", async () => {
    // A location that another thread opens must not depend on a directory of the moment either.
    expect(open("some-store").location).toEqual({
      kind: "local",
      folder: join(process.cwd(), "some-store"),
      durability: "process-crash",
    });
  });

  test("is made with the folders above it", async () => {
    const store = open(join(temporaryFolder(), "a", "b", "c"), "power-loss");
    await store.put(bytes);
    await store.flush();
    expect(await store.read(digest)).toEqual(bytes);
  });

  test("that is a file is refused", () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, "");
    expect(() => open(path)).toThrow(expect.objectContaining({ code: "WS_ARTIFACT_STORE" }));
  });

  test("of a newer format is refused, unless ours is there too", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "objects-v12"));
    expect(() => open(folder)).toThrow(
      expect.objectContaining({
        code: "WS_ARTIFACT_STORE",
        message: `${folder} is an artifact store of format 12; this Warmstart knows format 1.`,
        hint: "A newer Warmstart made it: update this one, or choose another folder.",
      }),
    );
    mkdirSync(join(folder, "objects-v1"));
    await open(folder).put(bytes);
  });
});

describe("what is not ours", () => {
  test("is passed over by list", async () => {
    const store = open();
    await store.put(bytes);
    const objects = dirname(dirname(pathIn(store, digest)));
    writeFileSync(join(dirname(pathIn(store, digest)), "notes.txt"), "foreign");
    writeFileSync(join(objects, "README"), "foreign");
    mkdirSync(join(objects, "zz"));
    mkdirSync(join(objects, "00", "0".repeat(62)), { recursive: true });
    symlinkSync(pathIn(store, digest), join(objects, "00", "1".repeat(62)));
    symlinkSync(dirname(pathIn(store, digest)), join(objects, digest.startsWith("01") ? "02" : "01"));
    expect(await Array.fromAsync(store.list())).toEqual([{ digest, size: 1000 }]);
  });

  test("a link in the place of a blob is refused by every call and never followed", async () => {
    const store = open();
    await store.put(bytes);
    const outside = join(temporaryFolder(), "outside");
    renameSync(pathIn(store, digest), outside);
    symlinkSync(outside, pathIn(store, digest));
    const refused = { code: "WS_ARTIFACT_STORE", details: { found: "a symbolic link" } };
    await expect(store.read(digest)).rejects.toMatchObject(refused);
    await expect(Array.fromAsync(store.stream(digest))).rejects.toMatchObject(refused);
    await expect(store.copyTo(digest, `${outside}-copy`)).rejects.toMatchObject(refused);
    await expect(store.verify(digest)).rejects.toMatchObject(refused);
    await expect(store.put(bytes)).rejects.toMatchObject(refused);
    await expect(store.put(inPieces(bytes))).rejects.toMatchObject(refused);
    await expect(store.delete([digest])).rejects.toMatchObject(refused);
    expect(await store.has([{ digest, size: 1000 }])).toEqual([false]);
    expect(readFileSync(outside)).toEqual(Buffer.from(bytes));
    expect(readdirSync(join(folderOf(store), "staging"))).toEqual([]);
  });

  test("a link that leads nowhere does not make put write there", async () => {
    const store = open();
    await store.put(bytes);
    const outside = join(temporaryFolder(), "outside");
    rmSync(pathIn(store, digest));
    symlinkSync(outside, pathIn(store, digest));
    await expect(store.put(bytes)).rejects.toMatchObject({ code: "WS_ARTIFACT_STORE" });
    expect(existsSync(outside)).toBe(false);
  });

  test.for(["shard", "objects-v1", "staging"])("a link in the place of the folder %s is refused", async (which) => {
    const store = open();
    await store.put(bytes);
    const folder = which === "shard" ? dirname(pathIn(store, digest)) : join(folderOf(store), which);
    const outside = join(temporaryFolder(), "outside");
    renameSync(folder, outside);
    symlinkSync(outside, folder);
    const refused = { code: "WS_ARTIFACT_STORE", details: { path: folder, found: "a symbolic link" } };
    await expect(store.put(inPieces(bytes))).rejects.toMatchObject(refused);
    if (which === "staging") return;
    await expect(store.put(bytes)).rejects.toMatchObject(refused);
    await expect(store.read(digest)).rejects.toMatchObject(refused);
    await expect(store.verify(digest)).rejects.toMatchObject(refused);
    await expect(store.delete([digest])).rejects.toMatchObject(refused);
    expect(await store.has([{ digest, size: 1000 }])).toEqual([false]);
    const listing = Array.fromAsync(store.list());
    if (which === "shard") expect(await listing).toEqual([]);
    else await expect(listing).rejects.toMatchObject(refused);
    expect(readdirSync(outside)).not.toEqual([]);
  });

  test("a folder in the place of a blob is refused", async () => {
    const store = open();
    mkdirSync(pathIn(store, digest), { recursive: true });
    await expect(store.read(digest)).rejects.toMatchObject({ code: "WS_ARTIFACT_STORE" });
    await expect(store.put(bytes)).rejects.toMatchObject({ code: "WS_ARTIFACT_STORE" });
    await expect(store.delete([digest])).rejects.toMatchObject({ code: "WS_ARTIFACT_STORE" });
  });
});

describe("leftovers of dead processes", () => {
  const dead = 2 ** 22 + 7;
  const unique = "00000000-0000-4000-8000-000000000000";
  const plant = (folder: string, name: string, age: number): void => {
    mkdirSync(join(folder, "staging"), { recursive: true });
    writeFileSync(join(folder, "staging", name), "half", { mode: 0o444 });
    const seconds = Date.now() / 1000 - age;
    utimesSync(join(folder, "staging", name), seconds, seconds);
  };

  test("go at the next opening once they are a day old; nothing else does", () => {
    const folder = temporaryFolder();
    const day = 24 * 60 * 60;
    plant(folder, `${dead}-${unique}`, day + 60);
    plant(folder, `${dead + 1}-${unique}`, day - 60);
    plant(folder, `${process.pid}-${unique}`, day + 60);
    plant(folder, "somebody's file", day + 60);
    open(folder);
    expect(readdirSync(join(folder, "staging")).toSorted()).toEqual(
      [`${dead + 1}-${unique}`, `${process.pid}-${unique}`, "somebody's file"].toSorted(),
    );
  });
});

describe("damage", () => {
  test("is kept for inspection, every time that it is found", async () => {
    const store = open();
    for (const wrong of ["one", "other"]) {
      await store.put(bytes);
      rmSync(pathIn(store, digest));
      writeFileSync(pathIn(store, digest), wrong);
      expect(await store.verify(digest)).toBe("damaged");
    }
    const kept = readdirSync(join(folderOf(store), "damaged"));
    expect(kept.every((name) => name.startsWith(`${digest}-`))).toBe(true);
    expect(kept.map((name) => readFileSync(join(folderOf(store), "damaged", name), "utf8")).toSorted()).toEqual([
      "one",
      "other",
    ]);
  });

  test("is told in words that name the store and both digests", async () => {
    const store = open();
    await store.put(bytes);
    rmSync(pathIn(store, digest));
    writeFileSync(pathIn(store, digest), "abc");
    const found = digestOf("abc");
    await expect(store.read(digest)).rejects.toMatchObject({
      name: "ArtifactError",
      message: `The bytes sha256:${digest} in the local artifact store at ${folderOf(store)} are damaged: 3 bytes were read, and their digest is ${found}.`,
      details: { digest, expected: digest, found, size: 3 },
    });
    rmSync(pathIn(store, digest));
    await expect(store.read(digest)).rejects.toThrow(
      `The bytes sha256:${digest} are not in the local artifact store at ${folderOf(store)}.`,
    );
  });
});

describe("power-loss durability", () => {
  test("flush has nothing to save of what was deleted meanwhile, by this store or another", async () => {
    const store = open(undefined, "power-loss");
    await store.put(bytes);
    await store.put(large);
    rmSync(pathIn(store, digest));
    await store.delete([digestOf(large)]);
    await store.flush();
    await store.put(bytes);
    rmSync(folderOf(store), { recursive: true });
    await store.flush();
  });

  test("flush fails, again and again, while a blob cannot be brought to the disk", async () => {
    const store = open(undefined, "power-loss");
    await store.put(bytes);
    rmSync(pathIn(store, digest));
    symlinkSync("elsewhere", pathIn(store, digest));
    await expect(store.flush()).rejects.toMatchObject({ code: "WS_ARTIFACT_STORE" });
    await expect(store.flush()).rejects.toMatchObject({ code: "WS_ARTIFACT_STORE" });
    rmSync(pathIn(store, digest));
    await store.put(bytes);
    await store.flush();
  });

  test("flush rejects with the signal's reason", async () => {
    const store = open(undefined, "power-loss");
    await store.put(bytes);
    const stop = new AbortController();
    const flushing = store.flush({ signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(flushing).rejects.toThrow("enough");
  });
});
