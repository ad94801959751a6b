import path from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { openArtifactStore } from "../artifact-store/open-artifact-store.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { Clock } from "../util/clock.ts";
import type { Config } from "./config.ts";
import type { RepositoryLayout } from "./repository-layout.ts";

/** The stores of a repository. */
export interface Stack extends AsyncDisposable {
  readonly metadata: MetadataStore;
  readonly artifacts: ArtifactStore;
}

export interface StackInit {
  readonly layout: RepositoryLayout;
  readonly config: Config;
  readonly clock: Clock;
}

/** Opens the stores that the configuration names: the only place that picks backends. */
export async function openStack({ layout, config, clock }: StackInit): Promise<Stack> {
  const { openSqliteMetadataStore } = await import("../metadata-store/backends/sqlite/sqlite-metadata-store.ts");
  const { durability = "process-crash" } = config;
  const artifacts = await openArtifactStore({ kind: "local", folder: layout.artifactFolder, durability });
  const metadata = await openSqliteMetadataStore({ file: path.resolve(layout.metadataFile), clock });
  return stackOf(metadata, artifacts);
}

/** Stores that live in this process alone, for tests and trials: steps then run in-process. */
export async function openMemoryStack({ clock }: Pick<StackInit, "clock">): Promise<Stack> {
  const { openMemoryMetadataStore } = await import("../metadata-store/backends/memory/memory-metadata-store.ts");
  const { openMemoryArtifactStore } = await import("../artifact-store/backends/memory/memory-artifact-store.ts");
  return stackOf(openMemoryMetadataStore({ clock }), openMemoryArtifactStore());
}

function stackOf(metadata: MetadataStore, artifacts: ArtifactStore): Stack {
  return {
    metadata,
    artifacts,
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      await artifacts[Symbol.asyncDispose]();
    },
  };
}
