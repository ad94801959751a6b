import type { Digest } from "../encoding/digest.ts";
import type { ArtifactType, StoredValue } from "../model/artifact.ts";
import type { BlobInfo } from "../model/blob.ts";

/** Where a materializer puts bytes. An artifact store is one, structurally; a materializer knows no store. */
export interface BlobWriter {
  put(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobInfo>;
  putFile(path: string): Promise<BlobInfo>;
}

/** Where a materializer finds bytes; every read is verified by what is behind it. */
export interface BlobReader {
  read(digest: Digest): Promise<Uint8Array>;
  stream(digest: Digest): AsyncIterable<Uint8Array>;
  copyTo(digest: Digest, path: string): Promise<void>;
}

export interface LoadContext {
  readonly blobs: BlobReader;
  /** A private folder for values that are files; made on first use. */
  filesFolder(): Promise<string>;
}

export interface SaveContext {
  readonly blobs: BlobWriter;
  /** The folders whose paths must not appear inside a stored value (temporary and store folders). */
  readonly forbiddenPaths: readonly string[];
}

/** Turns a value into bytes and back. `type` is part of the key of whatever reads the artifact. */
export interface Materializer<T = unknown> {
  readonly type: ArtifactType;
  /** True for values that this one is for; asked in the registry's order, the first yes wins. */
  accepts(value: unknown): value is T;
  /**
   * Stores the value, root blob last. Deterministic: equal values give equal digests in every process.
   * What would not survive the round trip is refused here (WS_NOT_STORABLE, WS_LAZY_VALUE) naming the path inside the value.
   */
  save(value: T, context: SaveContext): Promise<StoredValue>;
  load(stored: StoredValue, context: LoadContext): Promise<T>;
}
