import path from "node:path";
import type { Digest } from "../encoding/digest.ts";
import type { ReadRecord } from "../model/reads.ts";
import { absentDigest } from "./data-digests.ts";
import type { DataDigests } from "./data-digests.ts";
import { folderDigest } from "./path-state.ts";
import { placeName } from "./place-name.ts";
import type { PlaceNames } from "./place-name.ts";
import type { RecordedReads } from "./read-recorder.ts";
import { isUnchanged } from "./thread-reads.ts";
import type { NotedRead, ThreadReads } from "./thread-reads.ts";

export interface SettleInit extends PlaceNames {
  readonly digests: DataDigests;
  /** Folders whose content is no data of the step's: its temporary folder and the repository. */
  readonly ownFolders: readonly string[];
  /** Absolute paths that the step created, replaced or removed. */
  readonly written: ReadonlySet<string>;
}

/**
 * Gives the reads of a thread their digests, once the step has ended. What is then not as it was when it was read is
 * named as changed: so is a file that was read and written to afterwards.
 */
export async function settleReads(reads: ThreadReads, init: SettleInit): Promise<RecordedReads> {
  const records: ReadRecord[] = [];
  const changed: string[] = [];
  for (const read of reads.noted) {
    if (isWithin(init.ownFolders, read.path)) continue;
    const digest = await digestOf(read, reads, init);
    const name = placeName(read.path, init);
    if (digest === undefined || read.kind === "other") changed.push(name);
    else records.push({ kind: read.kind, name, digest });
  }
  return { reads: records, changed };
}

/** Undefined when it is not known what was read. */
async function digestOf(read: NotedRead, reads: ThreadReads, init: SettleInit): Promise<Digest | undefined> {
  const wrote = init.written.has(read.path) || reads.wrote(read.path);
  // It was absent, and that is what was seen, whatever the step put there.
  if (wrote) return read.kind === "absent" ? absentDigest : undefined;
  if (read.kind === "file") return digestOfFile(read, init.digests);
  if (!isUnchanged(read)) return undefined;
  return read.kind === "absent" ? absentDigest : read.kind === "folder" ? folderDigest : read.digest;
}

async function digestOfFile(read: NotedRead, digests: DataDigests): Promise<Digest | undefined> {
  const found = await digests.digestOfFile(read.path).catch(() => undefined);
  if (found === undefined || found.stamp !== read.mark) return undefined;
  return read.digest === undefined || read.digest === found.digest ? found.digest : undefined;
}

function isWithin(folders: readonly string[], file: string): boolean {
  return folders.some((folder) => file === folder || file.startsWith(folder + path.sep));
}
