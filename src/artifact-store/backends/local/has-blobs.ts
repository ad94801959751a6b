import { lstatSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BlobInfo } from "../../../model/blob.ts";
import { onFile } from "../../file-failure.ts";
import { blobPlace } from "./blob-path.ts";

/** Asked for between two turns of the event loop, so that a long list does not hold the thread for more than ~10 ms. */
const perTurn = 2048;

/**
 * Whether each blob is a regular file of its size, in folders that are no links. Synchronous calls: each takes a few
 * microseconds, less than handing it to the thread pool and back.
 */
export async function hasBlobs(
  objects: string,
  blobs: readonly BlobInfo[],
  signal: AbortSignal | undefined,
): Promise<readonly boolean[]> {
  const shards = new Map<string, boolean>();
  const root = isPlainFolder(objects);
  const answers: boolean[] = [];
  for (const { digest, size } of blobs) {
    if (answers.length % perTurn === perTurn - 1) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    const { shard, rest } = blobPlace(digest);
    const known = shards.get(shard) ?? (root && isPlainFolder(join(objects, shard)));
    shards.set(shard, known);
    answers.push(known && isFileOf(`${objects}/${shard}/${rest}`, size));
  }
  return answers;
}

function isPlainFolder(path: string): boolean {
  return onFile("reading", path, () => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}

function isFileOf(path: string, size: number): boolean {
  const stats = onFile("reading", path, () => lstatSync(path, { throwIfNoEntry: false }));
  return stats !== undefined && stats.isFile() && stats.size === size;
}
