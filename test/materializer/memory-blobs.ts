import { createWriteStream } from "node:fs";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createDigester } from "../../src/encoding/digest.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import type { BlobReader, BlobWriter, LoadContext, SaveContext } from "../../src/materializer/materializer.ts";
import type { BlobInfo } from "../../src/model/blob.ts";

/** Blobs in a Map, in chunks as they came or cut anew, to show that where bytes are cut makes no difference. */
export class MemoryBlobs implements BlobReader, BlobWriter {
  readonly blobs: Map<Digest, readonly Uint8Array[]> = new Map();
  readonly order: Digest[] = [];
  readonly cut: number | undefined;
  largestChunk = 0;

  constructor(cut?: number) {
    this.cut = cut;
  }

  async put(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobInfo> {
    const digester = createDigester();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of source instanceof Uint8Array ? [source] : source) {
      digester.update(chunk);
      if (!(source instanceof Uint8Array)) this.largestChunk = Math.max(this.largestChunk, chunk.byteLength);
      chunks.push(new Uint8Array(chunk));
      size += chunk.byteLength;
    }
    const digest = digester.digest();
    this.blobs.set(digest, chunks);
    this.order.push(digest);
    return { digest, size };
  }

  putFile(path: string): Promise<BlobInfo> {
    return this.put(createReadStream(path));
  }

  async read(digest: Digest): Promise<Uint8Array> {
    return new Uint8Array(Buffer.concat(this.#chunks(digest)));
  }

  async *stream(digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    const chunks = this.#chunks(digest);
    if (this.cut === undefined) return yield* chunks;
    const whole = Buffer.concat(chunks);
    for (let at = 0; at < whole.byteLength; at += this.cut) yield new Uint8Array(whole.subarray(at, at + this.cut));
  }

  async copyTo(digest: Digest, path: string): Promise<void> {
    await pipeline(Readable.from(this.stream(digest)), createWriteStream(path, { flags: "wx" }));
  }

  #chunks(digest: Digest): readonly Uint8Array[] {
    const chunks = this.blobs.get(digest);
    if (chunks === undefined) throw new Error(`no blob ${digest}`);
    return chunks;
  }
}

export function saveContext(blobs: BlobWriter, forbiddenPaths: readonly string[] = []): SaveContext {
  return { blobs, forbiddenPaths };
}

export function loadContext(blobs: BlobReader, folder = "/nowhere"): LoadContext {
  return { blobs, filesFolder: async () => folder };
}
