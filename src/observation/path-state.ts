import fs from "node:fs";
import path from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { isAbsence } from "../util/errno.ts";

/** Taken before anything is patched: what is looked at here is never a read of a step. */
const { existsSync, lstatSync, readFileSync, readdirSync, realpathSync, readlinkSync, statSync } = fs;
const realpathOf = realpathSync.native;

/** What stands at a path, so far as its name and its neighbours do not say more than was asked. */
export type PathState =
  | { readonly kind: "absent" }
  | { readonly kind: "folder" }
  /** Equal stamps mean: not written to in between. `changedAt` in milliseconds since the epoch. */
  | { readonly kind: "file"; readonly stamp: string; readonly size: number; readonly changedAt: number }
  /** A device, a pipe or a socket. */
  | { readonly kind: "special" }
  /** It may not be looked at. */
  | { readonly kind: "unreadable" };

/** Recorded where a folder was found and only that was asked. */
export const folderDigest: Digest = digestOf("folder");
/** The answer to a question about a folder where there is now something else. */
export const noFolderDigest: Digest = digestOf("no folder");
/** Recorded where it counts that anything is there, whatever it is. */
export const presentDigest: Digest = digestOf("present");
/** What counts of what holds no bytes, and of what may not be read. */
export const otherDigests: Readonly<Record<"special" | "unreadable", Digest>> = {
  special: digestOf("special file"),
  unreadable: digestOf("unreadable"),
};

/** Links are followed. */
export function stateOf(absolutePath: string): PathState {
  try {
    const stats = statSync(absolutePath, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return { kind: "absent" };
    if (stats.isDirectory()) return { kind: "folder" };
    if (!stats.isFile()) return { kind: "special" };
    const stamp = `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}:${stats.dev}`;
    const newest = stats.ctimeNs > stats.mtimeNs ? stats.ctimeNs : stats.mtimeNs;
    return { kind: "file", stamp, size: Number(stats.size), changedAt: Number(newest / 1_000_000n) };
  } catch (error) {
    return isAbsence(error) ? { kind: "absent" } : { kind: "unreadable" };
  }
}

/** Whether something is there, as `existsSync` says it. */
export function isThere(absolutePath: string): boolean {
  return existsSync(absolutePath);
}

/** A file's bytes as they are now; undefined when they cannot be had. */
export function bytesNow(absolutePath: string): Buffer | undefined {
  try {
    return readFileSync(absolutePath);
  } catch {
    return undefined;
  }
}

/** Of a file's size; of what else is there, where it is no file. */
export function sizeDigest(absolutePath: string): Digest {
  const state = stateOf(absolutePath);
  return digestOf(state.kind === "file" ? `size ${state.size}` : `no file: ${state.kind}`);
}

/** Whether nothing is there, not even a link that leads nowhere. */
export function isFree(absolutePath: string): boolean {
  try {
    return lstatSync(absolutePath, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return isAbsence(error);
  }
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** Sorted by name; undefined where there is no folder that may be listed. */
export function entriesOf(absolutePath: string): readonly FolderEntry[] | undefined {
  try {
    const entries = readdirSync(absolutePath, { withFileTypes: true, encoding: "buffer" });
    const named = entries.map((entry) => {
      // Names that are no text are kept apart by their bytes.
      const name = entry.name.toString("latin1");
      if (entry.isDirectory()) return { name, kind: "folder" as const };
      if (entry.isFile()) return { name, kind: "file" as const };
      return { name, kind: entry.isSymbolicLink() ? ("link" as const) : ("other" as const) };
    });
    return named.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

/** Of the names and kinds in a folder, not of what is in them. */
export function listingDigest(absolutePath: string): Digest {
  const entries = entriesOf(absolutePath);
  return entries === undefined
    ? noFolderDigest
    : digestOf(JSON.stringify(entries.map(({ name, kind }) => [name, kind])));
}

/** Of where a path leads: the text of a link, and the real place as seen from the folder around it. */
export function linkDigest(absolutePath: string): Digest {
  const leads = path.relative(path.dirname(absolutePath), realPlaceOf(absolutePath)).split(path.sep).join("/");
  return digestOf(JSON.stringify([textOfLink(absolutePath), leads]));
}

/** The real path; the path itself where it leads nowhere. */
export function realPlaceOf(absolutePath: string): string {
  try {
    return realpathOf(absolutePath);
  } catch {
    return absolutePath;
  }
}

function textOfLink(absolutePath: string): string | null {
  try {
    return readlinkSync(absolutePath);
  } catch {
    return null;
  }
}
