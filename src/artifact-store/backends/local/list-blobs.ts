import { lstatSync, readdirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BlobInfo } from "../../../model/blob.ts";
import { fileFailure } from "../../file-failure.ts";
import { errnoOf } from "../../../util/errno.ts";
import { digestAt, isShardName } from "./blob-path.ts";
import { isFolder } from "./store-folders.ts";

/**
 * What lies in an objects folder, in order of digest. Foreign names, links and whatever is no regular file are passed
 * over; blobs that come or go meanwhile may or may not be among them.
 */
export async function* listBlobs(objects: string, signal: AbortSignal | undefined): AsyncGenerator<BlobInfo, void> {
  if (!isFolder(objects)) return;
  for (const shard of entriesOf(objects)) {
    if (!shard.isDirectory() || !isShardName(shard.name)) continue;
    await nextTurn();
    for (const entry of entriesOf(join(objects, shard.name))) {
      signal?.throwIfAborted();
      const blob = entry.isFile() ? blobOf(objects, shard.name, entry.name) : undefined;
      if (blob !== undefined) yield blob;
    }
  }
}

function blobOf(objects: string, shard: string, rest: string): BlobInfo | undefined {
  const digest = digestAt(shard, rest);
  if (digest === undefined) return undefined;
  const stats = lstatSync(join(objects, shard, rest), { throwIfNoEntry: false });
  return stats?.isFile() === true ? { digest, size: stats.size } : undefined;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileFailure("reading", folder, error);
  }
}
