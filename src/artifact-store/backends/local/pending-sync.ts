import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Digest } from "../../../encoding/digest.ts";
import { fileFailure } from "../../file-failure.ts";
import { errnoOf } from "../../../util/errno.ts";
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
  #pending = new Set<Digest>();
  #running: Promise<void> = Promise.resolve();

  constructor(folders: StoreFolders) {
    this.#folders = folders;
  }

  add(digest: Digest): void {
    this.#pending.add(digest);
  }

  async flush(signal: AbortSignal | undefined): Promise<void> {
    const mine = this.#running.then(() => this.#flushBatch(signal));
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
    const files = [...batch].map((digest) => blobPath(this.#folders.objects, digest));
    await forEachAtOnce(files, async (file) => {
      signal?.throwIfAborted();
      await syncPath(file, constants.O_NOFOLLOW ?? 0);
    });
    // Windows keeps the entries of folders safe by itself, and has no call for it.
    if (process.platform === "win32") return;
    const shards = new Set(files.map((file) => dirname(file)));
    await forEachAtOnce([...shards, ...this.#folders.ancestors()], async (folder) => await syncPath(folder));
  }
}

/** What was deleted since it was put has nothing to lose: it is as if it had been deleted right after the flush. */
async function syncPath(path: string, flags = 0): Promise<void> {
  try {
    await using file = await open(path, constants.O_RDONLY | flags);
    await file.sync();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileFailure("writing", path, error);
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
