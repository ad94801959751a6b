import { parseDigest } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";
import { MaterializerError } from "../../errors.ts";
import { badStoredValue, checkFormat } from "../bad-stored-value.ts";
import type { BlobReader } from "../materializer.ts";

/** Where a file's bytes are. */
export interface ContentEntry {
  readonly digest: Digest;
  readonly size: number;
  /** Whether the owner may run it. */
  readonly executable: boolean;
}

/** Reads a root blob that is one JSON document, and checks its format and version. */
export async function readManifest(
  typeId: string,
  digest: Digest,
  blobs: BlobReader,
): Promise<Readonly<Record<string, unknown>>> {
  const text = Buffer.from(await blobs.read(digest)).toString("utf8");
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch (cause) {
    throw badStoredValue(typeId, "its manifest is no JSON", cause);
  }
  const record = asRecord(typeId, manifest);
  checkFormat(typeId, record, { format: `warmstart/${typeId}`, version: 1 });
  return record;
}

/** The bytes of a manifest: keys in the order given. */
export function manifestBytes(typeId: string, content: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: `warmstart/${typeId}`, version: 1, ...content })}\n`);
}

export function parseContent(typeId: string, value: unknown): ContentEntry {
  const { digest, size, executable } = asRecord(typeId, value);
  if (typeof digest !== "string" || typeof size !== "number") throw badStoredValue(typeId, "an entry has no content");
  return { digest: parseDigest(digest), size, executable: executable === true };
}

export function asRecord(typeId: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  throw badStoredValue(typeId, "an entry is no object");
}

/** The refusal of a file or folder that cannot be stored. */
export function unstorableFile(what: string, path: string, hint: string, cause?: unknown): MaterializerError {
  return new MaterializerError("WS_NOT_STORABLE", {
    message: `${path} cannot be stored: ${what}.`,
    hint,
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
