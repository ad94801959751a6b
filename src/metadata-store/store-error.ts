import { MetadataError } from "../errors.ts";

/** What every call on a closed store rejects with. */
export function closedStore(): MetadataError {
  return new MetadataError("WS_METADATA_STORE", {
    message: "The metadata store is closed.",
    hint: "Open the repository again, and close it only when everything that uses it has ended.",
  });
}

export function notFound(what: "run" | "artifact", id: number): MetadataError {
  return new MetadataError("WS_NOT_FOUND", {
    message: `There is no ${what} ${id} in the metadata store.`,
    hint: what === "run" ? "`warmstart runs` lists what there is." : "`warmstart artifacts list` lists what there is.",
    details: { [what]: id },
  });
}

/** A row or a file that does not hold what this program writes. */
export function damagedStore(where: string, cause?: unknown): MetadataError {
  return new MetadataError("WS_METADATA_STORE", {
    message: `The metadata store is damaged: ${where}.`,
    hint: "Move the file aside and keep it; Warmstart then starts with an empty store and computes again.",
    cause,
  });
}
