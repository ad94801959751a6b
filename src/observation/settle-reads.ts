import path from "node:path";
import type { Digest } from "../encoding/digest.ts";
import type { ReadRecord } from "../model/reads.ts";
import { errnoOf } from "../util/errno.ts";
import { absentDigest } from "./data-digests.ts";
import type { DataDigests } from "./data-digests.ts";
import { isUnchanged } from "./noted-read.ts";
import type { NotedRead } from "./noted-read.ts";
import { otherDigests, stateOf } from "./path-state.ts";
import { placeName, realPathOf } from "./place-name.ts";
import type { PlaceNames } from "./place-name.ts";
import type { RecordedReads } from "./read-recorder.ts";
import type { ThreadReads } from "./thread-reads.ts";

export interface SettleInit extends PlaceNames {
  readonly digests: DataDigests;
  /** Folders whose content is no data of the step's: its temporary folder and the repository. */
  readonly ownFolders: readonly string[];
  /** Absolute paths that the step created, replaced or removed. */
  readonly written: ReadonlySet<string>;
}

/**
 * Gives the reads of a thread their digests, once the step has ended. What is then not as it was when it was read is
 * named as changed; what the step itself wrote to afterwards counts as it was before.
 */
export async function settleReads(reads: ThreadReads, init: SettleInit): Promise<RecordedReads> {
  const records: ReadRecord[] = [];
  const changed = new Set<string>();
  const names = new Names(init);
  for (const file of reads.conflicting) if (!isWithin(init.ownFolders, file)) changed.add(names.of(file, "file"));
  for (const read of reads.noted) {
    if (isWithin(init.ownFolders, read.path)) continue;
    const known = digestAtOnce(read, reads, init);
    const digest = known === "unknown" ? await digestOfFile(read, init.digests) : known;
    const name = names.of(read.path, read.kind);
    if (digest === undefined) changed.add(name);
    else records.push({ kind: recordedKind(read), name, digest });
  }
  return { reads: records, changed: [...changed] };
}

/** Undefined when it is not known what was read; `unknown` when the file must be read for it. */
function digestAtOnce(read: NotedRead, reads: ThreadReads, init: SettleInit): Digest | "unknown" | undefined {
  const { kind, path: file, digest, exact, mark } = read;
  if (kind === "unknowable") return undefined;
  if (init.written.has(file) || reads.wrote(file) || wroteThroughLink(file, reads)) {
    // It was absent, and that is what was seen, whatever the step put there.
    if (kind === "absent") return absentDigest;
    return reads.isSealed(read) && exact ? digest : undefined;
  }
  if (kind !== "file") return isUnchanged(read) ? digest : undefined;
  if (!exact) return "unknown";
  return mark === "" || isUnchanged(read) ? digest : undefined;
}

function wroteThroughLink(file: string, reads: ThreadReads): boolean {
  return reads.appends && reads.wrote(realPathOf(file));
}

async function digestOfFile(read: NotedRead, digests: DataDigests): Promise<Digest | undefined> {
  try {
    const found = await digests.digestOfFile(read.path);
    if (found === undefined || found.stamp !== read.mark) return undefined;
    return read.digest === undefined || read.digest === found.digest ? found.digest : undefined;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = errnoOf(cause) ?? errnoOf(error);
    const state = stateOf(read.path);
    const isRefused = (code === "EACCES" || code === "EPERM") && state.kind === "file" && state.stamp === read.mark;
    return isRefused && read.digest === undefined ? otherDigests.unreadable : undefined;
  }
}

/** What holds no bytes or may not be looked at is asked for again as a folder: that it is none. */
function recordedKind({ kind }: NotedRead): ReadRecord["kind"] {
  return kind === "special" || kind === "unreadable" || kind === "unknowable" ? "folder" : kind;
}

function isWithin(folders: readonly string[], file: string): boolean {
  return folders.some((folder) => file.startsWith(folder) && (file === folder || file[folder.length] === path.sep));
}

/** Names of places. Files are named by their folder's name, which is looked up once. */
class Names {
  readonly #init: PlaceNames;
  readonly #folders = new Map<string, string>();

  constructor(init: PlaceNames) {
    this.#init = init;
  }

  of(file: string, kind: NotedRead["kind"]): string {
    if (kind !== "file") return placeName(file, this.#init);
    const folder = path.dirname(file);
    const name = this.#folders.get(folder) ?? placeName(folder, this.#init);
    this.#folders.set(folder, name);
    return `${name}${/[:/]$/.test(name) ? "" : "/"}${path.basename(file)}`;
  }
}
