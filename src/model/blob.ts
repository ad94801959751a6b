import type { Digest } from "../encoding/digest.ts";

/** Bytes in an artifact store: their SHA-256 and their number. */
export interface BlobInfo {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}
