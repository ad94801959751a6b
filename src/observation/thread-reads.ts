import fs from "node:fs";
import path from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { entriesOf, isFree, linkDigest, listingDigest, realPlaceOf, stateOf } from "./path-state.ts";
import type { ObservedRead, ReadKind } from "./read-judges.ts";
import { systemClock } from "../util/clock.ts";
import type { ObservedWrite } from "./observed-write.ts";

const { readFileSync, lstatSync } = fs;

/** Kept small: a file that was written to just now is digested at once, since its next change may bear the same time. */
const RACY_MS = 100;
const RACY_BYTES = 1 << 20;

/** Beyond it nothing more is noted: the result is not offered. */
export const MOST_READS = 25_000;

/** What a thread found at a path when it read it first. */
export interface NotedRead {
  readonly path: string;
  readonly kind: "file" | "absent" | "folder" | "listing" | "link" | "other";
  /** The same later means: nothing changed in between. */
  readonly mark: string;
  /** Of the bytes as they were at the read, where the mark alone does not say enough. */
  readonly digest: Digest | undefined;
}

const devices = ["/proc", "/sys", "/dev"].map((folder) => folder + path.sep);

/**
 * The paths that a thread reads, from its first module on. A path counts as it was when it was read first; what this
 * thread itself made before it read it counts for nothing.
 */
export class ThreadReads {
  readonly #noted = new Map<string, NotedRead>();
  readonly #known = new Set<string>();
  /** Files that this thread emptied or replaced, and folders that were not there before this thread made them. */
  readonly #made = new Set<string>();
  readonly #madeFolders = new Set<string>();
  readonly #appended = new Set<string>();

  get noted(): readonly NotedRead[] {
    return [...this.#noted.values()];
  }

  get tooMany(): boolean {
    return this.#noted.size > MOST_READS;
  }

  /** Whether this thread put something there, be it by adding to what was there. */
  wrote(file: string): boolean {
    return this.#made.has(file) || this.#appended.has(file);
  }

  /** Must be told before the write is done. */
  write({ path: file, kind, through }: ObservedWrite): void {
    if (kind === "appended") this.#appended.add(file);
    if (kind === "made") this.#makesFolder(file);
    // What lies behind a link is not made by making the link.
    if (kind !== "replaced" || through === "symlink") return;
    if (isFree(file)) this.made(file);
    else this.#made.add(file);
  }

  /** A file or folder that was not there before. */
  made(file: string): void {
    this.#made.add(file);
    this.#madeFolders.add(file);
  }

  /** A folder that is about to be made, with those around it that are missing. */
  #makesFolder(folder: string): void {
    let outermost: string | undefined;
    for (let place = folder; isFree(place); place = path.dirname(place)) outermost = place;
    if (outermost === undefined) return;
    this.made(outermost);
    this.made(folder);
  }

  /** Must be told before the read is done. */
  read(read: ObservedRead): void {
    const id = `${read.kind}:${read.path}`;
    if (this.#known.has(id)) return;
    if (this.tooMany || this.#isOwn(read.path) || devices.some((folder) => read.path.startsWith(folder))) return;
    this.#known.add(id);
    this.#note(read.kind, read.path);
  }

  #note(kind: ReadKind, file: string): void {
    if (kind === "link") this.#add(linkAt(file));
    else if (kind === "listing") this.#add(listingAt(file));
    else if (kind === "listings" || kind === "tree") this.#tree(file, kind, []);
    else {
      if (kind === "link-state" && isLink(file)) this.#add(linkAt(file));
      this.#add(stateAt(file));
    }
  }

  #tree(folder: string, kind: "listings" | "tree", around: readonly string[]): void {
    const entries = entriesOf(folder);
    if (entries === undefined) return this.#add(stateAt(folder));
    this.#add(listingAt(folder));
    const here = [...around, realPlaceOf(folder)];
    for (const entry of entries) {
      const place = path.join(folder, Buffer.from(entry.name, "latin1").toString());
      if (this.tooMany || this.#isOwn(place)) continue;
      if (entry.kind === "folder") this.#tree(place, kind, here);
      else if (kind === "tree") this.#leaf(place, entry.kind, here);
    }
  }

  #leaf(place: string, kind: "file" | "link" | "other", around: readonly string[]): void {
    if (kind !== "link") return this.#add(stateAt(place));
    this.#add(linkAt(place));
    // A copy may follow links; one that leads back to where it stands would never end.
    if (around.includes(realPlaceOf(place))) this.#add(stateAt(place));
    else this.#tree(place, "tree", around);
  }

  #add(read: NotedRead): void {
    const id = `${read.kind === "absent" || read.kind === "folder" ? "file" : read.kind}:${read.path}`;
    if (!this.#noted.has(id)) this.#noted.set(id, read);
  }

  #isOwn(file: string): boolean {
    if (this.#made.size === 0) return false;
    if (this.#made.has(file)) return true;
    if (this.#madeFolders.size === 0) return false;
    for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
      if (this.#madeFolders.has(folder)) return true;
      if (path.dirname(folder) === folder) return false;
    }
  }
}

/** Whether what was read is there as it was. */
export function isUnchanged(read: NotedRead): boolean {
  const now = againOf(read);
  return now.kind === read.kind && now.mark === read.mark;
}

function againOf({ kind, path: file }: NotedRead): Pick<NotedRead, "kind" | "mark"> {
  if (kind === "link") return linkAt(file);
  if (kind === "listing") return listingAt(file);
  const state = stateOf(file);
  return { kind: state.kind, mark: state.kind === "file" ? state.stamp : "" };
}

function stateAt(file: string): NotedRead {
  const state = stateOf(file);
  if (state.kind !== "file") return { path: file, kind: state.kind, mark: "", digest: undefined };
  const racy = state.changedAt + RACY_MS > systemClock.now() && state.size <= RACY_BYTES;
  return { path: file, kind: "file", mark: state.stamp, digest: racy ? digestNow(file) : undefined };
}

/** Where a folder is listed that is none or is not there, that is what counts. */
function listingAt(folder: string): NotedRead {
  const state = stateOf(folder);
  if (state.kind !== "folder") return stateAt(folder);
  const digest = listingDigest(folder);
  return { path: folder, kind: "listing", mark: digest, digest };
}

function linkAt(file: string): NotedRead {
  if (isFree(file)) return { path: file, kind: "absent", mark: "", digest: undefined };
  const digest = linkDigest(file);
  return { path: file, kind: "link", mark: digest, digest };
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}

function digestNow(file: string): Digest | undefined {
  try {
    return digestOf(readFileSync(file));
  } catch {
    return undefined;
  }
}
