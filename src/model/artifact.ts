import type { Digest } from "../encoding/digest.ts";
import type { BlobInfo } from "./blob.ts";
import type { ArtifactId } from "./ids.ts";
import type { ArtifactState } from "./states.ts";

/** How an artifact's bytes become a value again: the materializer's id and version. */
export interface ArtifactType {
  readonly id: string;
  readonly version: number;
}

/**
 * The stored form of one value, as a materializer leaves it: the root blob names every other blob by digest, so
 * `root.digest` alone identifies the content.
 */
export interface StoredValue {
  readonly type: ArtifactType;
  /** Digest of the root blob: the content digest of the artifact. */
  readonly digest: Digest;
  /** Every blob of the value, the root first, without repeats. */
  readonly blobs: readonly BlobInfo[];
  /** Bytes of all blobs together. */
  readonly size: number;
  /** Facts about the value that keys need: "date" when it holds a `Date`. Sorted. */
  readonly traits: readonly string[];
  /** A short human preview of the value (at most 200 characters), for lists and the end of a run. */
  readonly shown?: string;
}

/** An immutable stored value. Two executions that return the same content with the same type and name share one. */
export interface ArtifactRecord extends StoredValue {
  readonly id: ArtifactId;
  readonly state: ArtifactState;
  /** Set when an output was declared with a name; with `version` it makes `late-model@7`. */
  readonly name?: string;
  /** 1, 2, 3 … per name, in order of first appearance. */
  readonly version?: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}
