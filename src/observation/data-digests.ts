import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { createDigester, digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";

/** Digests of data files by stamp, so that a file that did not change is not read again. */
export interface DataDigests {
  /** Equal stamps mean: not written to in between. Undefined when there is no such file or folder. */
  stampOf(absolutePath: string): string | undefined;
  /** Undefined when there is no such regular file. Rejects when the file goes on changing while it is read. */
  digestOfFile(absolutePath: string): Promise<{ readonly digest: Digest; readonly size: number } | undefined>;
}

/** The digest of nothing, recorded for what was absent. */
export const absentDigest: Digest = digestOf("absent");

const otherDigest: Digest = digestOf("neither a file nor absent");

/**
 * What stands at a path: the digest of the file's bytes or of the folder's content; undefined when nothing is there.
 * Something of another kind than asked for (a folder where a file was wanted) has a digest of its own.
 */
export async function digestAt(
  kind: "file" | "directory",
  absolutePath: string,
  digests: DataDigests,
): Promise<Digest | undefined> {
  const found =
    kind === "directory"
      ? await digestOfDirectory(absolutePath, digests)
      : (await digests.digestOfFile(absolutePath))?.digest;
  return found ?? (digests.stampOf(absolutePath) === undefined ? undefined : otherDigest);
}

/** What stands at a path, whatever it is: a file by its bytes, a folder by its content; undefined when nothing is there. */
export async function digestOfWhatIsAt(absolutePath: string, digests: DataDigests): Promise<Digest | undefined> {
  const isFolder = statSync(absolutePath, { throwIfNoEntry: false })?.isDirectory() === true;
  return digestAt(isFolder ? "directory" : "file", absolutePath, digests);
}

/**
 * The digest of a folder: the sorted relative paths of all files below it and their bytes. Undefined when there is no
 * such folder. Symbolic links count by what they lead to, a link to a folder by its name alone.
 */
async function digestOfDirectory(folder: string, digests: DataDigests): Promise<Digest | undefined> {
  const files = await filesBelow(folder);
  if (files === undefined) return undefined;
  const digester = createDigester();
  for (const relative of files) {
    const found = await digests.digestOfFile(path.join(folder, relative));
    const name = Buffer.from(relative.split(path.sep).join("/"));
    digester.update(`${name.byteLength}:`);
    digester.update(name);
    digester.update(found?.digest ?? absentDigest);
  }
  return digester.digest();
}

async function filesBelow(folder: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
      .sort(byCodeUnit);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}
