import type { ArtifactType, StoredValue } from "../../model/artifact.ts";
import type { BlobInfo } from "../../model/blob.ts";

/** The record of a value that was just stored: the root first, every blob once. */
export function storedForm(
  type: ArtifactType,
  root: BlobInfo,
  others: readonly BlobInfo[],
  about: { readonly traits?: readonly string[]; readonly shown: string },
): StoredValue {
  const blobs = new Map([root, ...others].map(({ digest, size }) => [digest, { digest, size }]));
  return {
    type,
    digest: root.digest,
    blobs: [...blobs.values()],
    size: [...blobs.values()].reduce((sum, blob) => sum + blob.size, 0),
    traits: about.traits ?? [],
    shown: about.shown,
  };
}

/** A number of bytes for people: `12 B`, `3.4 KB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  for (const unit of ["B", "KB", "MB", "GB"]) {
    if (amount < 1000) return `${unit === "B" ? amount : amount.toFixed(1)} ${unit}`;
    amount /= 1000;
  }
  return `${amount.toFixed(1)} TB`;
}
