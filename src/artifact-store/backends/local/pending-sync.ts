import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Digest } from "../../../encoding/digest.ts";
import { missingBlob } from "../../artifact-failure.ts";
import { errnoOf, fileFailure } from "../../file-failure.ts";
import { blobPath } from "./blob-path.ts";
import type { StoreFolders } from "./store-folders.ts";

/** The kernel groups what is asked of it at once; more than this gains nothing. */
const atOnce = 16;

/**
 * The blobs that the next `flush` has to bring to the disk. One flush runs at a time: a second one waits for the first,
 * because blobs that it must vouch for may be in the first one's batch.
 */
export class PendingSync {
  readonly #folders: StoreFolders;
  readonly #where: string;
  #pending = new Set<Digest>();
  #running: Promise<void> = Promise.resolve();

  constructor(folders: StoreFolders, where: string) {
    this.#folders = folders;
    this.#where = where;
  }

  add(digest: Digest): void {
    this.#pending.add(digest);
  }

  /** For a blob that the store itself took away: nobody waits for it any more. */
  forget(digest: Digest): void {
    this.#pending.delete(digest);
  }

  /** @throws ArtifactError WS_ARTIFACT_MISSING when someone took a blob away before it was safe. */
  async flush(signal: AbortSignal | undefined): Promise<void> {
    const before = this.#running;
    const mine = before.then(() => this.#flushBatch(signal));
    this.#running = mine.then(undefined, () => undefined);
    await mine;
  }

  async #flushBatch(signal: AbortSignal | undefined): Promise<void> {
    const batch = this.#pending;
    if (batch.size === 0) return;
    this.#pending = new Set();
    try {
      await this.#syncAll(batch, signal);
    } catch (error) {
      for (const digest of batch) this.#pending.add(digest);
      throw error;
    }
  }

  async #syncAll(batch: ReadonlySet<Digest>, signal: AbortSignal | undefined): Promise<void> {
    const shards = new Set([...batch].map((digest) => dirname(blobPath(this.#folders.objects, digest))));
    await forEachAtOnce(batch, async (digest) => {
      signal?.throwIfAborted();
      await this.#syncBlob(digest);
    });
    // Windows keeps the entries of folders safe by itself, and has no call for it.
    if (process.platform === "win32") return;
    await forEachAtOnce([...shards, ...this.#folders.ancestors()], async (folder) => await syncPath(folder));
  }

  async #syncBlob(digest: Digest): Promise<void> {
    const path = blobPath(this.#folders.objects, digest);
    try {
      await syncPath(path, constants.O_NOFOLLOW ?? 0);
    } catch (error) {
      if (error instanceof Error && errnoOf(error.cause) === "ENOENT") throw missingBlob(digest, this.#where);
      throw error;
    }
  }
}

async function syncPath(path: string, flags = 0): Promise<void> {
  try {
    await using file = await open(path, constants.O_RDONLY | flags);
    await file.sync();
  } catch (error) {
    throw fileFailure("writing", path, error);
  }
}

async function forEachAtOnce<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const item of { [Symbol.iterator]: () => rest }) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
