import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { digestOf } from "../encoding/digest.ts";
import { ArtifactError } from "../errors.ts";
import type { BlobInfo } from "../model/blob.ts";

/** The test of an error for `assert.rejects`: an ArtifactError with this code and at least these details. */
export function withCode(code: string, details: Readonly<Record<string, unknown>> = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ArtifactError, `expected an ArtifactError, got ${String(error)}`);
    assert.equal(error.code, code);
    for (const [name, value] of Object.entries(details)) assert.equal(error.details[name], value);
    return true;
  };
}

/** Bytes that differ from place to place and from size to size. */
export function patterned(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (Math.imul(at + size, 2654435761) >>> 13) & 255;
  return bytes;
}

export async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += length) yield bytes.subarray(at, at + length);
}

export function infoOf(bytes: Uint8Array): BlobInfo {
  return { digest: digestOf(bytes), size: bytes.byteLength };
}

/** A Buffer and a Uint8Array of equal bytes are not deeply equal; this makes all of them the latter. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

export async function all<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  return await Array.fromAsync(source);
}

export async function collected(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return plain(Buffer.concat(await all(source)));
}

export async function listed(store: ArtifactStore): Promise<readonly BlobInfo[]> {
  return (await all(store.list())).toSorted(byDigest);
}

export function byDigest(one: BlobInfo, other: BlobInfo): number {
  return one.digest < other.digest ? -1 : Number(one.digest > other.digest);
}

export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "artifact-store-suite-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
