import { createDigester, digestOf, isDigest } from "../../../encoding/digest.ts";
import type { Digest } from "../../../encoding/digest.ts";
import type { BlobInfo } from "../../../model/blob.ts";
import { systemClock } from "../../../util/clock.ts";
import { badDigest, closedStore, damagedBlob, missingBlob } from "../../artifact-failure.ts";
import type { ArtifactStore, ByteSource, CallOptions } from "../../artifact-store.ts";
import { pump } from "../../byte-source.ts";
import { chunkBytes } from "../../file-chunks.ts";
import { stableFile } from "../../stable-file.ts";
import { writePrivateCopy } from "../../write-private-copy.ts";

export interface MemoryArtifactStoreOptions {
  /** Where the bytes are kept; given by a test that wants to damage or remove some behind the store's back. */
  readonly blobs?: Map<Digest, Uint8Array>;
}

/** A store that lives and dies with one thread, for tests and for trying things out. It keeps every promise of the port. */
export function openMemoryArtifactStore(options: MemoryArtifactStoreOptions = {}): ArtifactStore {
  return new MemoryArtifactStore(options.blobs ?? new Map());
}

class MemoryArtifactStore implements ArtifactStore {
  readonly kind = "memory";
  readonly location = undefined;
  readonly #blobs: Map<Digest, Uint8Array>;
  readonly #damaged = new Map<Digest, Uint8Array>();
  readonly #closing = new AbortController();

  constructor(blobs: Map<Digest, Uint8Array>) {
    this.#blobs = blobs;
  }

  async put(source: ByteSource, options?: CallOptions): Promise<BlobInfo> {
    this.#check(options);
    const signal = this.#signal(options);
    const parts: Uint8Array[] = [];
    const digester = createDigester();
    await pump(source, async (chunk) => void parts.push(digested(digester, chunk)), signal);
    signal.throwIfAborted();
    const bytes = joined(parts);
    const info = { digest: digester.digest(), size: bytes.byteLength };
    if (this.#blobs.get(info.digest)?.byteLength !== info.size) this.#blobs.set(info.digest, bytes);
    return info;
  }

  async putFile(path: string, options?: CallOptions): Promise<BlobInfo> {
    this.#check(options);
    return await this.put(stableFile(path, { clock: systemClock, signal: this.#signal(options) }), options);
  }

  async read(digest: Digest, options?: CallOptions): Promise<Uint8Array> {
    this.#check(options);
    return new Uint8Array(this.#verified(digest));
  }

  async *stream(digest: Digest, options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined> {
    this.#check(options);
    const bytes = this.#verified(digest);
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
      this.#check(options);
      yield bytes.slice(at, at + chunkBytes);
    }
  }

  async copyTo(digest: Digest, path: string, options?: CallOptions): Promise<void> {
    this.#check(options);
    await writePrivateCopy(path, this.stream(digest, options));
  }

  async has(blobs: readonly BlobInfo[], options?: CallOptions): Promise<readonly boolean[]> {
    this.#check(options);
    return blobs.map(({ digest, size }) => this.#blobs.get(checked(digest))?.byteLength === size);
  }

  async verify(digest: Digest, options?: CallOptions): Promise<"ok" | "missing" | "damaged"> {
    this.#check(options);
    const bytes = this.#blobs.get(checked(digest));
    if (bytes === undefined) return "missing";
    if (digestOf(bytes) === digest) return "ok";
    this.#damaged.set(digest, bytes);
    this.#blobs.delete(digest);
    return "damaged";
  }

  async delete(digests: readonly Digest[], options?: CallOptions): Promise<void> {
    this.#check(options);
    for (const digest of digests) this.#blobs.delete(checked(digest));
  }

  async *list(options?: CallOptions): AsyncGenerator<BlobInfo, void, undefined> {
    this.#check(options);
    for (const digest of [...this.#blobs.keys()].sort()) {
      this.#check(options);
      const size = this.#blobs.get(digest)?.byteLength;
      if (size !== undefined) yield { digest, size };
    }
  }

  async flush(options?: CallOptions): Promise<void> {
    this.#check(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(closedStore(where));
    this.#blobs.clear();
    this.#damaged.clear();
  }

  #check(options: CallOptions | undefined): void {
    this.#closing.signal.throwIfAborted();
    options?.signal?.throwIfAborted();
  }

  #signal(options: CallOptions | undefined): AbortSignal {
    const own = this.#closing.signal;
    return options?.signal === undefined ? own : AbortSignal.any([options.signal, own]);
  }

  #verified(digest: Digest): Uint8Array {
    const bytes = this.#blobs.get(checked(digest));
    if (bytes === undefined) throw missingBlob(digest, where);
    const found = digestOf(bytes);
    if (found !== digest) throw damagedBlob(digest, found, bytes.byteLength, where);
    return bytes;
  }
}

const where = "the artifact store in memory";

/** A copy of the chunk, digested: the copy is what is kept, so the copy is what must be digested. */
function digested(digester: { update(bytes: Uint8Array): void }, chunk: Uint8Array): Uint8Array {
  const copy = new Uint8Array(chunk);
  digester.update(copy);
  return copy;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function checked(digest: Digest): Digest {
  if (!isDigest(digest)) throw badDigest(digest);
  return digest;
}
