import { readdirSync, realpathSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import path from "node:path";
import { createDigester, digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { isAbsence } from "../util/errno.ts";

/** Digests of data files by stamp, so that a file that did not change is not read again. */
export interface DataDigests {
  /** Equal stamps mean: not written to in between. Undefined when there is no such file or folder. */
  stampOf(absolutePath: string): string | undefined;
  /**
   * Undefined when there is nothing. Rejects for what is no regular file, may not be read, or goes on changing while it
   * is read. `stamp` is that of the bytes that were digested, as `size:mtimeNs:ctimeNs:ino:dev`.
   */
  digestOfFile(
    absolutePath: string,
  ): Promise<{ readonly digest: Digest; readonly size: number; readonly stamp: string } | undefined>;
}

/** The digest of nothing, recorded for what was absent. */
export const absentDigest: Digest = digestOf("absent");

/**
 * The digest of what stands at a path, whatever it was taken for: a file by its bytes, a folder by the names of all that
 * is below it and the bytes of all files. Undefined when nothing is there. Links count by what they lead to.
 */
export async function digestAt(absolutePath: string, digests: DataDigests): Promise<Digest | undefined> {
  if (isFolder(absolutePath)) return digestOfFolder(absolutePath, digests);
  return (await digests.digestOfFile(absolutePath))?.digest;
}

/**
 * Equal stamps mean: nothing of it was written to in between, a folder's content included. Taken at once, so that a
 * step that reads without yielding cannot see something else.
 */
export function stampAt(absolutePath: string, digests: DataDigests): string | undefined {
  const items = isFolder(absolutePath) ? itemsBelow(absolutePath, "", []) : undefined;
  if (items === undefined) return digests.stampOf(absolutePath);
  const stamps = items.map(({ kind, name }) => [
    kind,
    name,
    kind === "file" ? stampIn(absolutePath, name, digests) : "",
  ]);
  return digestOf(JSON.stringify(stamps));
}

function stampIn(folder: string, name: string, digests: DataDigests): string {
  return digests.stampOf(path.join(folder, name)) ?? "none";
}

function isFolder(absolutePath: string): boolean {
  return statSync(absolutePath, { throwIfNoEntry: false })?.isDirectory() === true;
}

async function digestOfFolder(folder: string, digests: DataDigests): Promise<Digest | undefined> {
  const items = itemsBelow(folder, "", []);
  if (items === undefined) return undefined;
  const digester = createDigester();
  for (const { kind, name } of items) {
    digester.update(`${kind}${Buffer.byteLength(name)}:${name}`);
    if (kind === "file") digester.update((await digests.digestOfFile(path.join(folder, name)))?.digest ?? absentDigest);
  }
  return digester.digest();
}

interface Item {
  readonly kind: "file" | "folder" | "circle";
  /** From the folder that is digested, with `/`. */
  readonly name: string;
}

/** Sorted within each folder; undefined when the folder is gone. `around` are the real paths of the folders around it. */
function itemsBelow(folder: string, prefix: string, around: readonly string[]): Item[] | undefined {
  const entries = entriesOf(folder);
  if (entries === undefined) return undefined;
  const here = [...around, realpathSync.native(folder)];
  const items: Item[] = [];
  for (const entry of entries) {
    const name = `${prefix}${entry.name}`;
    const place = path.join(folder, entry.name);
    if (!(entry.isDirectory() || (entry.isSymbolicLink() && isFolder(place)))) items.push({ kind: "file", name });
    else if (here.includes(realpathSync.native(place))) items.push({ kind: "circle", name });
    else items.push({ kind: "folder", name }, ...(itemsBelow(place, `${name}/`, here) ?? []));
  }
  return items;
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const garbled = entries.find(({ name }) => name.includes("\ufffd"));
    // Such a name leads nowhere, so its file would count as absent whatever it holds.
    if (garbled !== undefined) throw new Error(`${path.join(folder, garbled.name)} has a name that is no valid text`);
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
