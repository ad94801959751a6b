import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, posix, relative, sep } from "node:path";
import { isWellFormedText } from "../../util/well-formed-text.ts";
import { isExecutable } from "./file.ts";
import { unstorableFile } from "./manifest.ts";

/** What lies below a folder. `path` is relative to it, with forward slashes. */
export type TreeEntry =
  | { readonly kind: "file"; readonly path: string; readonly executable: boolean; readonly stats: Stats }
  | { readonly kind: "folder"; readonly path: string; readonly stats: Stats }
  | { readonly kind: "link"; readonly path: string; readonly link: string };

/**
 * Everything below a folder, sorted by UTF-16 code units of the path.
 *
 * @throws MaterializerError for a link that leads out of the folder or to nothing, a socket, pipe or device, and a name
 * that is no text.
 */
export async function listTree(root: string): Promise<readonly TreeEntry[]> {
  const realRoot = await realFolder(root);
  const entries: TreeEntry[] = [];
  const pending = [""];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const found of await readdir(join(root, folder), { withFileTypes: true })) {
      const entry = await describe(realRoot, folder, found);
      entries.push(entry);
      if (entry.kind === "folder") pending.push(entry.path);
    }
  }
  return entries.sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Whether a relative path with forward slashes stays inside the folder that it starts from. */
export function isInside(path: string): boolean {
  const slashed = sep === "\\" ? path.replaceAll("\\", "/") : path;
  if (path === "" || path.includes("\0") || isAbsolute(path)) return false;
  const normal = posix.normalize(slashed);
  return normal !== ".." && !normal.startsWith("../") && !normal.startsWith("/") && normal !== ".";
}

async function describe(root: string, folder: string, found: Dirent): Promise<TreeEntry> {
  const path = folder === "" ? found.name : `${folder}/${found.name}`;
  const whole = join(root, path);
  if (!isWellFormedText(found.name) || found.name.includes("\uFFFD")) {
    throw unstorableFile("its name is no UTF-8 text", whole, "Give it another name.");
  }
  const stats = await lstat(whole);
  if (stats.isFile()) return { kind: "file", path, executable: isExecutable(stats), stats };
  if (stats.isDirectory()) return { kind: "folder", path, stats };
  if (stats.isSymbolicLink()) return { kind: "link", path, link: await linkInside(root, whole) };
  throw unstorableFile("it is a socket, pipe or device", whole, "Leave it out of the folder.");
}

/** A link's target relative to the link, without the detour that its author may have taken. */
async function linkInside(root: string, link: string): Promise<string> {
  const target = await readlink(link);
  try {
    const real = await realpath(link);
    const inside = relative(root, real);
    if (!isAbsolute(target) && inside !== "" && isInside(inside.replaceAll(sep, "/"))) {
      return relative(dirname(link), real).replaceAll(sep, "/");
    }
  } catch (cause) {
    throw unstorableFile("it is a link to nothing", link, "Remove it, or copy the file in.", cause);
  }
  throw unstorableFile(`it is a link that leads to ${target}, outside of the folder`, link, "Copy the file in.");
}

async function realFolder(root: string): Promise<string> {
  try {
    const real = await realpath(root);
    if ((await lstat(real)).isDirectory()) return real;
  } catch (cause) {
    throw unstorableFile("it cannot be read", root, "Make it before the step returns, and check the path.", cause);
  }
  throw unstorableFile("it is no folder", root, "Use file(path) for a file.");
}
