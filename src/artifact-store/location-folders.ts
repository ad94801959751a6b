import type { ArtifactStoreLocation } from "./artifact-store.ts";

/** The folders in which a store keeps its bytes. */
export function locationFolders(location: ArtifactStoreLocation): readonly string[] {
  return location.kind === "local" ? [location.folder] : [location.folder, location.base.folder];
}
