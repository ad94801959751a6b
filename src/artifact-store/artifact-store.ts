import type { Digest } from "../encoding/digest.ts";
import type { BlobInfo } from "../model/blob.ts";

export type ByteSource = Uint8Array | AsyncIterable<Uint8Array>;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * Plain data from which another thread or process opens the same store (`openArtifactStore`). Undefined for a store
 * that lives in one thread's memory.
 */
export type ArtifactStoreLocation = LocalLocation | AsideLocation;

export interface LocalLocation {
  readonly kind: "local";
  readonly folder: string;
  readonly durability: Durability;
}

/** A store that only reads `base` and keeps what is put in a folder of its own. */
export interface AsideLocation extends Omit<LocalLocation, "kind"> {
  readonly kind: "aside";
  readonly base: LocalLocation;
}

/** `process-crash`: no fsync per file. `power-loss`: files and folders are fsynced by `flush`, before a row is written. */
export type Durability = "process-crash" | "power-loss";

/**
 * Content-addressed bytes. THE port: every backend passes `artifactStoreSuite` of `warmstart/testing`.
 *
 * Obligations of every backend:
 * - **Named by content alone.** A blob's only name is its SHA-256; no user input ever becomes part of a path.
 * - **Atomic and never overwriting.** A blob appears whole or not at all; putting bytes that exist is a success that
 *   changes nothing (but a blob that is there with a wrong size is replaced). Two writers of one blob both succeed.
 * - **Verified.** `read`, `stream` and `copyTo` check size and digest; damaged bytes end in WS_ARTIFACT_DAMAGED and a
 *   reader is never told that it is done before the check. `copyTo` leaves no file behind when it fails.
 * - **Immutable.** What `read` returns is a private copy; stored files are read-only.
 * - **Never through links.** A blob path or a folder of the store that is a symbolic link is refused (WS_ARTIFACT_STORE), not followed.
 * - **Streaming.** Memory is bounded (about 1 MiB per call) whatever the size.
 * - **Abortable.** A signal ends a call; what it had begun leaves nothing behind.
 */
export interface ArtifactStore extends AsyncDisposable {
  /** `local`, `memory`, … for messages. */
  readonly kind: string;
  readonly location: ArtifactStoreLocation | undefined;

  put(source: ByteSource, options?: CallOptions): Promise<BlobInfo>;
  /** Stores a copy of a regular file; a file that changes while it is read is refused (WS_ARTIFACT_STORE). */
  putFile(path: string, options?: CallOptions): Promise<BlobInfo>;

  /** The whole blob, verified. Missing: WS_ARTIFACT_MISSING. */
  read(digest: Digest, options?: CallOptions): Promise<Uint8Array>;
  /** Chunks of at most 1 MiB; throws at the end when the bytes were damaged. */
  stream(digest: Digest, options?: CallOptions): AsyncIterable<Uint8Array>;
  /** Writes a verified private copy to a path that does not exist yet. */
  copyTo(digest: Digest, path: string, options?: CallOptions): Promise<void>;

  /** One answer per blob: it is there and has that size. Reads no bytes. */
  has(blobs: readonly BlobInfo[], options?: CallOptions): Promise<readonly boolean[]>;
  /** Reads and checks one blob; a damaged one is moved out of the way (kept for inspection) so that it can be stored again. */
  verify(digest: Digest, options?: CallOptions): Promise<"ok" | "missing" | "damaged">;
  /** Deleting what is not there is a success. */
  delete(digests: readonly Digest[], options?: CallOptions): Promise<void>;
  list(options?: CallOptions): AsyncIterable<BlobInfo>;
  /** Makes everything put so far survive a power loss where the durability says so; must be awaited before a row names it. */
  flush(options?: CallOptions): Promise<void>;
}
