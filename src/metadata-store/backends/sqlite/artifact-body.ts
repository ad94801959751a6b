import type { Digest } from "../../../encoding/digest.ts";
import type { ArtifactRecord, StoredValue } from "../../../model/artifact.ts";
import type { ArtifactId } from "../../../model/ids.ts";
import type { ArtifactState } from "../../../model/states.ts";
import { damagedStore } from "../../store-error.ts";

/** What never changes about an artifact, as compact JSON: in its own row, and again in every cache entry that offers it. */
export type ArtifactBody = readonly [
  typeId: string,
  typeVersion: number,
  digest: string,
  size: number,
  createdAt: number,
  /** Digests and sizes in turn, the root first. */
  blobs: readonly (string | number)[],
  traits: readonly string[],
  shown: string | null,
  name: string | null,
  version: number | null,
];

export function artifactBody(
  stored: StoredValue,
  naming: { readonly name: string; readonly version: number } | undefined,
  createdAt: number,
): ArtifactBody {
  return [
    stored.type.id,
    stored.type.version,
    stored.digest,
    stored.size,
    createdAt,
    stored.blobs.flatMap(({ digest, size }) => [digest, size]),
    stored.traits,
    stored.shown ?? null,
    naming?.name ?? null,
    naming?.version ?? null,
  ];
}

export function bodyOfArtifact(artifact: ArtifactRecord): ArtifactBody {
  const { name, version } = artifact;
  return artifactBody(
    artifact,
    name === undefined || version === undefined ? undefined : { name, version },
    artifact.createdAt,
  );
}

/** @throws MetadataError WS_METADATA_STORE when the body is not one that `artifactBody` made. */
export function artifactOfBody(id: ArtifactId, state: ArtifactState, body: unknown): ArtifactRecord {
  if (!isArtifactBody(body)) throw damagedStore(`the row of artifact ${id} cannot be read`);
  const [typeId, typeVersion, digest, size, createdAt, blobs, traits, shown, name, version] = body;
  return {
    id,
    state,
    type: { id: typeId, version: typeVersion },
    digest: digest as Digest,
    blobs: blobsOf(blobs),
    size,
    traits,
    ...(shown === null ? undefined : { shown }),
    ...(name === null ? undefined : { name }),
    ...(version === null ? undefined : { version }),
    createdAt,
  };
}

function blobsOf(flat: readonly (string | number)[]): ArtifactRecord["blobs"] {
  const blobs: { digest: Digest; size: number }[] = [];
  for (let at = 0; at < flat.length; at += 2) blobs.push({ digest: flat[at] as Digest, size: flat[at + 1] as number });
  return blobs;
}

function isArtifactBody(body: unknown): body is ArtifactBody {
  if (!Array.isArray(body) || body.length !== 10) return false;
  const [typeId, typeVersion, digest, size, createdAt, blobs] = body as unknown[];
  return (
    typeof typeId === "string" &&
    typeof typeVersion === "number" &&
    typeof digest === "string" &&
    typeof size === "number" &&
    typeof createdAt === "number" &&
    Array.isArray(blobs) &&
    blobs[0] === digest
  );
}
