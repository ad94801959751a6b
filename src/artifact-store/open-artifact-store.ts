import type { ArtifactStore, ArtifactStoreLocation } from "./artifact-store.ts";
import { openLocalArtifactStore } from "./backends/local/local-artifact-store.ts";

/**
 * Opens the store that another thread or process works with, from plain data that it sent. Dispose of it at the end.
 *
 * @throws ArtifactError WS_ARTIFACT_STORE when there is no usable store at the location.
 * @example
 * ```ts
 * await using store = await openArtifactStore({ kind: "local", folder: ".warmstart/artifacts", durability: "process-crash" });
 * const { digest } = await store.put(new TextEncoder().encode("hello"));
 * ```
 */
export async function openArtifactStore(location: ArtifactStoreLocation): Promise<ArtifactStore> {
  const { folder, durability } = location;
  const store = openLocalArtifactStore({ folder, durability });
  if (location.kind === "local") return store;
  const base = openLocalArtifactStore({ folder: location.base.folder, durability: location.base.durability });
  const { openAsideArtifactStore } = await import("./layers/aside-artifact-store.ts");
  return openAsideArtifactStore({ base, scratch: store, ownsBase: true });
}
