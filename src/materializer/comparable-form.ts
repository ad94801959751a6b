import type { StoredValue } from "../model/artifact.ts";
import { bytes } from "./builtin/bytes.ts";
import { parseContent, readManifest } from "./builtin/manifest.ts";
import { structured } from "./builtin/structured/structured.ts";
import { readText } from "./builtin/text.ts";
import { badStoredValue } from "./bad-stored-value.ts";
import type { BlobReader } from "./materializer.ts";

/** Up to here the content of a file is compared, and not its digest alone. */
const MOST_CONTENT = 4 * 1024 * 1024;

/**
 * A stored value as plain data that can be compared with another of the same type, without running anything of the
 * user's: for a user's materializer what its `save` gave, for files and folders what is in them.
 */
export async function comparableForm(stored: StoredValue, blobs: BlobReader): Promise<unknown> {
  const context = { blobs, filesFolder: noFolder };
  switch (stored.type.id) {
    case "text":
    case "html":
    case "svg":
      return readText(stored.digest, blobs, stored.type.id);
    case "bytes":
    case "buffer":
      return bytes.load(stored, context);
    case "file":
      return fileForm(stored, blobs);
    case "directory":
      return directoryForm(stored, blobs);
    default:
      return structured.load(stored, context);
  }
}

async function fileForm(stored: StoredValue, blobs: BlobReader): Promise<unknown> {
  const manifest = await readManifest("file", stored.digest, blobs);
  const { digest, size, executable } = parseContent("file", manifest["content"]);
  const content = size > MOST_CONTENT ? digest : textOrBytes(await blobs.read(digest));
  return { name: manifest["name"], executable, content };
}

/** Each entry under its path. */
async function directoryForm(stored: StoredValue, blobs: BlobReader): Promise<unknown> {
  const { entries } = await readManifest("directory", stored.digest, blobs);
  if (!Array.isArray(entries)) throw badStoredValue("directory", "its manifest has no entries");
  return new Map(entries.map(({ path, ...entry }: { readonly path: string }) => [path, entry]));
}

function textOrBytes(content: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return content;
  }
}

function noFolder(): Promise<string> {
  return Promise.reject(badStoredValue("structured", "it asks for a folder"));
}
