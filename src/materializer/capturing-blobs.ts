import { badStoredValue } from "./bad-stored-value.ts";
import type { Digest } from "../encoding/digest.ts";
import type { BlobInfo } from "../model/blob.ts";
import type { BlobReader, BlobWriter } from "./materializer.ts";

/** Beyond this many bytes nothing is kept. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Passes bytes on to a store, and keeps a copy while they are few, to read them right back. */
export class CapturingBlobs implements BlobWriter {
  readonly #target: BlobWriter;
  readonly #kept = new Map<Digest, readonly Uint8Array[]>();
  #size = 0;

  constructor(target: BlobWriter) {
    this.#target = target;
  }

  async put(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    const chunks: Uint8Array[] = [];
    if (source instanceof Uint8Array) this.#keep(chunks, source);
    const info = await this.#target.put(source instanceof Uint8Array ? source : this.#passing(chunks, source));
    this.#kept.set(info.digest, chunks);
    return info;
  }

  putFile(path: string): Promise<BlobInfo> {
    this.#size = Number.POSITIVE_INFINITY;
    return this.#target.putFile(path);
  }

  /** Reads what was put; undefined when it was too much to keep. */
  reader(): BlobReader | undefined {
    if (this.#size > MOST_BYTES) return undefined;
    const chunksOf = (digest: Digest): readonly Uint8Array[] => {
      const chunks = this.#kept.get(digest);
      if (chunks === undefined) throw badStoredValue("structured", "it names bytes that it did not store");
      return chunks;
    };
    return {
      read: async (digest) => new Uint8Array(Buffer.concat(chunksOf(digest))),
      async *stream(digest) {
        yield* chunksOf(digest);
      },
      copyTo: () => Promise.reject(badStoredValue("structured", "it asks for a file")),
    };
  }

  async *#passing(
    chunks: Uint8Array[],
    source: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      this.#keep(chunks, chunk);
      yield chunk;
    }
  }

  #keep(chunks: Uint8Array[], chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    if (this.#size <= MOST_BYTES) chunks.push(new Uint8Array(chunk));
    else this.#kept.clear();
  }
}
