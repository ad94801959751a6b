import { chmod, mkdir, mkdtemp, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Stats } from "node:fs";
import type { StoredValue } from "../../model/artifact.ts";
import { checkFileName, specialKindOf, storedFile } from "../../pipeline/value-kinds.ts";
import type { FileValue } from "../../pipeline/value-kinds.ts";
import { badStoredValue } from "../bad-stored-value.ts";
import type { LoadContext, Materializer, SaveContext } from "../materializer.ts";
import { manifestBytes, parseContent, readManifest, unstorableFile } from "./manifest.ts";
import { formatBytes, storedForm } from "./stored-form.ts";

const type = Object.freeze({ id: "file", version: 1 });

/** A file: the root blob is a small manifest with its name, the content a blob of its own. */
export const fileMaterializer: Materializer<FileValue> = Object.freeze({
  type,
  accepts: (value: unknown): value is FileValue => specialKindOf(value) === "file",
  save,
  load,
});

async function save(value: FileValue, { blobs }: SaveContext): Promise<StoredValue> {
  const before = await statFile(value.path);
  const content = await blobs.putFile(value.path);
  if (!sameStamp(before, await statFile(value.path))) throw changed(value.path);
  const { digest, size } = content;
  const executable = isExecutable(before);
  const root = await blobs.put(manifestBytes("file", { name: value.name, content: { digest, size, executable } }));
  return storedForm(type, root, [content], { shown: `<file ${value.name}, ${formatBytes(size)}>` });
}

async function load(stored: StoredValue, context: LoadContext): Promise<FileValue> {
  const { blobs } = context;
  const manifest = await readManifest("file", stored.digest, blobs);
  const { digest, size, executable } = parseContent("file", manifest["content"]);
  const path = join(await privateFolder(context), storedName(manifest["name"]));
  await blobs.copyTo(digest, path);
  await chmod(path, executable ? 0o755 : 0o644);
  return storedFile(path, storedName(manifest["name"]), size, digest);
}

/** A new folder for one loaded value, so that two values of one name never meet. */
export async function privateFolder(context: LoadContext): Promise<string> {
  const parent = await context.filesFolder();
  await mkdir(parent, { recursive: true });
  return await mkdtemp(join(parent, "value-"));
}

/** Whether a file is as it was: what the system tells of it without reading it. */
export function sameStamp(left: Stats, right: Stats): boolean {
  return (
    left.ino === right.ino &&
    left.size === right.size &&
    left.mtimeMs === right.mtimeMs &&
    left.ctimeMs === right.ctimeMs &&
    left.mode === right.mode
  );
}

export function isExecutable(stats: Stats): boolean {
  return (stats.mode & 0o100) !== 0;
}

export function changed(path: string): Error {
  return unstorableFile("it changed while it was stored", path, "Await what writes to it before the step returns.");
}

async function statFile(path: string): Promise<Stats> {
  let stats: Stats;
  try {
    stats = await stat(path);
  } catch (cause) {
    throw unstorableFile("it cannot be read", path, "Write it before the step returns, and check the path.", cause);
  }
  if (stats.isFile()) return stats;
  const hint = stats.isDirectory() ? "Use directory(path) for a folder." : "Return a regular file.";
  throw unstorableFile("it is no regular file", path, hint);
}

function storedName(name: unknown): string {
  try {
    return checkFileName(name);
  } catch (cause) {
    throw badStoredValue("file", "its name is no file name", cause);
  }
}
