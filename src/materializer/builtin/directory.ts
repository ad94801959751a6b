import { chmod, mkdir, symlink } from "node:fs/promises";
import { dirname, isAbsolute, join, posix } from "node:path";
import type { StoredValue } from "../../model/artifact.ts";
import type { BlobInfo } from "../../model/blob.ts";
import { specialKindOf, storedDirectory } from "../../pipeline/value-kinds.ts";
import type { DirectoryFile, DirectoryValue } from "../../pipeline/value-kinds.ts";
import { badStoredValue } from "../bad-stored-value.ts";
import type { LoadContext, Materializer, SaveContext } from "../materializer.ts";
import { isInside, listTree } from "./directory-tree.ts";
import type { TreeEntry } from "./directory-tree.ts";
import { changed, privateFolder, sameStamp } from "./file.ts";
import { asRecord, manifestBytes, parseContent, readManifest } from "./manifest.ts";
import type { ContentEntry } from "./manifest.ts";
import { formatBytes, storedForm } from "./stored-form.ts";

const type = Object.freeze({ id: "directory", version: 1 });

type ManifestEntry =
  | ({ readonly path: string } & ContentEntry)
  | { readonly path: string; readonly folder: true }
  | { readonly path: string; readonly link: string };

/**
 * A folder with everything below it. The root blob is a manifest sorted by path, so that equal trees have equal digests
 * wherever they were written; times and owners are not kept, the right to run a file is.
 */
export const directoryMaterializer: Materializer<DirectoryValue> = Object.freeze({
  type,
  accepts: (value: unknown): value is DirectoryValue => specialKindOf(value) === "directory",
  save,
  load,
});

async function save(value: DirectoryValue, { blobs }: SaveContext): Promise<StoredValue> {
  const before = await listTree(value.path);
  const entries: ManifestEntry[] = [];
  const contents: BlobInfo[] = [];
  for (const entry of before) {
    if (entry.kind !== "file") {
      entries.push(
        entry.kind === "folder" ? { path: entry.path, folder: true } : { path: entry.path, link: entry.link },
      );
      continue;
    }
    const content = await blobs.putFile(join(value.path, entry.path));
    contents.push(content);
    entries.push({ path: entry.path, digest: content.digest, size: content.size, executable: entry.executable });
  }
  if (!sameTree(before, await listTree(value.path))) throw changed(value.path);
  const root = await blobs.put(manifestBytes("directory", { entries }));
  const size = contents.reduce((sum, content) => sum + content.size, 0);
  return storedForm(type, root, contents, { shown: `<directory, ${contents.length} files, ${formatBytes(size)}>` });
}

async function load(stored: StoredValue, context: LoadContext): Promise<DirectoryValue> {
  const { blobs } = context;
  const entries = parseEntries((await readManifest("directory", stored.digest, blobs))["entries"]);
  const root = await privateFolder(context);
  const files: DirectoryFile[] = [];
  for (const entry of entries) {
    const path = join(root, entry.path);
    if ("link" in entry) continue;
    await mkdir("folder" in entry ? path : dirname(path), { recursive: true });
    if ("folder" in entry) continue;
    await blobs.copyTo(entry.digest, path);
    await chmod(path, entry.executable ? 0o755 : 0o644);
    files.push(Object.freeze({ path: entry.path, size: entry.size, digest: entry.digest }));
  }
  // Last, so that nothing is ever written through a link.
  for (const entry of entries) {
    if (!("link" in entry)) continue;
    await mkdir(dirname(join(root, entry.path)), { recursive: true });
    await symlink(entry.link, join(root, entry.path));
  }
  return storedDirectory(root, Object.freeze(files));
}

function sameTree(left: readonly TreeEntry[], right: readonly TreeEntry[]): boolean {
  return (
    left.length === right.length &&
    left.every((entry, index) => {
      const other = right[index];
      if (entry.path !== other?.path || entry.kind !== other.kind) return false;
      if (entry.kind === "link" || other.kind === "link")
        return "link" in other && "link" in entry && entry.link === other.link;
      return entry.kind === "folder" || sameStamp(entry.stats, other.stats);
    })
  );
}

function parseEntries(value: unknown): readonly ManifestEntry[] {
  if (!Array.isArray(value)) throw badStoredValue("directory", "its manifest has no entries");
  const entries = value.map(parseEntry);
  const links = new Set(entries.flatMap((entry) => ("link" in entry ? [entry.path] : [])));
  for (const { path } of entries) {
    if (foldersOf(path).some((folder) => links.has(folder)))
      throw badStoredValue("directory", "an entry lies below a link");
  }
  return entries;
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** A link that goes up only at its start, and not out: `x/../../y` would leave the folder where `x` is a link too. */
function isLinkInside(path: string, link: string): boolean {
  return !isAbsolute(link) && posix.normalize(link) === link && isInside(posix.join(posix.dirname(path), link));
}

function parseEntry(value: unknown): ManifestEntry {
  const entry = asRecord("directory", value);
  const { path, link } = entry;
  if (typeof path !== "string" || !isInside(path) || posix.normalize(path) !== path)
    throw badStoredValue("directory", "an entry lies outside of it");
  if (entry["folder"] === true) return { path, folder: true };
  if (link === undefined) return { path, ...parseContent("directory", entry) };
  if (typeof link === "string" && isLinkInside(path, link)) return { path, link };
  throw badStoredValue("directory", "a link leads outside of it");
}
