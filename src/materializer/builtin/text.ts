import { previewValue } from "../../encoding/preview.ts";
import { isWellFormedText } from "../../util/well-formed-text.ts";
import { badStoredValue } from "../bad-stored-value.ts";
import { ForbiddenText, forbiddenPathFound } from "../forbidden-text.ts";
import type { BlobReader, Materializer, SaveContext } from "../materializer.ts";
import type { BlobInfo } from "../../model/blob.ts";
import type { Digest } from "../../encoding/digest.ts";
import { storedForm } from "./stored-form.ts";

const PIECE = 128 * 1024;
const SHOWN = 200;
const type = Object.freeze({ id: "text", version: 1 });

/** A string with a UTF-8 form: its only blob is that form, so that a stored text can be read with any tool. */
export const text: Materializer<string> = Object.freeze<Materializer<string>>({
  type,
  accepts: (value: unknown): value is string => typeof value === "string" && isWellFormedText(value),
  save: async (value: string, context: SaveContext) =>
    storedForm(type, await putText(value, context), [], { shown: previewValue(value, SHOWN) }),
  load: (stored, { blobs }) => readText(stored.digest, blobs, type.id),
});

/** Stores a text piece by piece; refuses one that names a folder which will be gone. */
export async function putText(value: string, { blobs, forbiddenPaths }: SaveContext): Promise<BlobInfo> {
  if (new ForbiddenText(forbiddenPaths).inText(value) !== undefined) throw forbiddenPathFound([]);
  return await blobs.put(utf8Pieces(value));
}

/** The text of a blob; a byte order mark stays part of it. */
export async function readText(digest: Digest, blobs: BlobReader, typeId: string): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const parts: string[] = [];
  try {
    for await (const chunk of blobs.stream(digest)) parts.push(decoder.decode(chunk, { stream: true }));
    parts.push(decoder.decode());
  } catch (error) {
    if (error instanceof TypeError) throw badStoredValue(typeId, "it is no UTF-8 text", error);
    throw error;
  }
  return parts.join("");
}

async function* utf8Pieces(value: string): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < value.length; ) {
    let end = Math.min(at + PIECE, value.length);
    // Both halves of a surrogate pair belong into one piece.
    if (end < value.length && isHighSurrogate(value.charCodeAt(end - 1))) end++;
    yield Buffer.from(value.slice(at, end));
    at = end;
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
