import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import type { ArtifactStore } from "../../src/artifact-store/artifact-store.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import type { Bench, Benchmark } from "./harness/bench.ts";
import { ScratchFolder } from "./harness/project.ts";

const SIZE = 2 ** 30;
const CHUNK = 2 ** 20;
const SMALL = 1_000;

export const benchmark: Benchmark = {
  name: "artifacts",
  about:
    "Putting 1 GiB into the local store and getting it back, against a plain copy (which hashes nothing) and against a loop that reads, hashes and writes.",
  async run(bench) {
    using scratch = new ScratchFolder();
    const source = scratch.path("source");
    await writeRandom(source);
    await using store = await openArtifactStore({
      kind: "local",
      folder: scratch.path("artifacts"),
      durability: "process-crash",
    });
    const { digest } = await store.putFile(source);
    await compareLarge(bench, { store, digest, source, copy: scratch.path("copy") });
    await compareSmall(bench, store, scratch);
  },
};

interface Large {
  readonly store: ArtifactStore;
  readonly digest: Digest;
  readonly source: string;
  readonly copy: string;
}

async function compareLarge(bench: Bench, { store, digest, source, copy }: Large): Promise<void> {
  const hashing = { name: "read, hash, write", run: () => timed(copy, () => copyByLoop(source, copy, true)) };
  const plain = { name: "fs.copyFile", run: () => timed(copy, () => copyFileSync(source, copy)) };
  const put = async (): Promise<number> => {
    await store.delete([digest]);
    const began = performance.now();
    await store.putFile(source);
    return performance.now() - began;
  };
  const get = (): Promise<number> => timed(copy, () => store.copyTo(digest, copy));
  await bench.compare({ what: "1 GiB put from a file", rounds: 3, ours: put, floor: hashing });
  await bench.compare({ what: "the same", rounds: 3, warmUp: 0, ours: put, floor: plain });
  await bench.compare({ what: "1 GiB got into a file", rounds: 3, ours: get, floor: hashing });
  await bench.compare({ what: "the same", rounds: 3, warmUp: 0, ours: get, floor: plain });
  await bench.compare({
    what: "1 GiB streamed, verified",
    rounds: 3,
    ours: async () => {
      let size = 0;
      for await (const chunk of store.stream(digest)) size += chunk.byteLength;
      if (size !== SIZE) throw new Error(`${size} bytes were streamed`);
    },
    floor: { name: "read and hash", run: () => copyByLoop(source, undefined, true) },
  });
}

async function compareSmall(bench: Bench, store: ArtifactStore, scratch: ScratchFolder): Promise<void> {
  let round = 0;
  await bench.compare({
    what: "1,000 blobs of 1 kB put, each",
    per: SMALL,
    ours: async () => {
      round++;
      for (let index = 0; index < SMALL; index++) await store.put(Buffer.from(`${round} ${index} `.padEnd(1_000, "x")));
    },
    floor: { name: "open, write, rename", run: () => writeSmallFiles(scratch) },
  });
}

async function writeSmallFiles(scratch: ScratchFolder): Promise<void> {
  const { mkdir, rename, writeFile } = await import("node:fs/promises");
  const folder = scratch.path("small", randomBytes(8).toString("hex"));
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < SMALL; index++) {
    await writeFile(`${folder}/making`, `${index} `.padEnd(1_000, "x"));
    await rename(`${folder}/making`, `${folder}/${index}`);
  }
}

/** The time of one piece of work that makes a file; removing it does not count. */
async function timed(file: string, work: () => void | Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  const taken = performance.now() - began;
  rmSync(file, { force: true });
  return taken;
}

async function writeRandom(path: string): Promise<void> {
  await using handle = await open(path, "w");
  for (let at = 0; at < SIZE; at += CHUNK) await handle.write(randomBytes(CHUNK));
}

async function copyByLoop(from: string, to: string | undefined, hashing: boolean): Promise<void> {
  await using source = await open(from);
  await using target: FileHandle | undefined = to === undefined ? undefined : await open(to, "w");
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (;;) {
    const { bytesRead } = await source.read(chunk);
    if (bytesRead === 0) break;
    const bytes = chunk.subarray(0, bytesRead);
    if (hashing) hash.update(bytes);
    await target?.write(bytes);
  }
  hash.digest();
}
