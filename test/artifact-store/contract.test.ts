import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { ArtifactStore, Durability } from "../../src/artifact-store/artifact-store.ts";
import { openLocalArtifactStore } from "../../src/artifact-store/backends/local/local-artifact-store.ts";
import { openAsideArtifactStore } from "../../src/artifact-store/layers/aside-artifact-store.ts";
import { openMemoryArtifactStore } from "../../src/artifact-store/backends/memory/memory-artifact-store.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import { artifactStoreSuite } from "../../src/testing/artifact-store-suite.ts";
import type { ArtifactStoreSubject } from "../../src/testing/artifact-store-suite.ts";
import { temporaryFolder } from "./temporary-folder.ts";

function local(name: string, durability: Durability, link?: (from: string, to: string) => void): ArtifactStoreSubject {
  const options = { durability, ...(link === undefined ? {} : { link }) };
  return {
    name,
    open: async () => openLocalArtifactStore({ folder: join(temporaryFolder(), "store"), ...options }),
    damage: async (store, digest, size) => {
      chmodSync(pathIn(store, digest), 0o644);
      writeFileSync(pathIn(store, digest), new Uint8Array(size).fill(0xee));
    },
    remove: async (store, digest) => rmSync(pathIn(store, digest)),
    leftovers: async (store) => {
      const staging = join(store.location?.folder ?? "", "staging");
      return existsSync(staging) ? readdirSync(staging) : [];
    },
  };
}

function pathIn(store: ArtifactStore, digest: Digest): string {
  return join(store.location?.folder ?? "", "objects-v1", digest.slice(0, 2), digest.slice(2));
}

function memory(): ArtifactStoreSubject {
  const kept = new WeakMap<ArtifactStore, Map<Digest, Uint8Array>>();
  return {
    name: "memory",
    open: async () => {
      const blobs = new Map<Digest, Uint8Array>();
      const store = openMemoryArtifactStore({ blobs });
      kept.set(store, blobs);
      return store;
    },
    damage: async (store, digest, size) => void kept.get(store)?.set(digest, new Uint8Array(size).fill(0xee)),
    remove: async (store, digest) => void kept.get(store)?.delete(digest),
  };
}

/** Over an empty store that must stay so. */
function aside(): ArtifactStoreSubject {
  return {
    ...local("aside", "process-crash"),
    open: async () => {
      const base = openLocalArtifactStore({ folder: join(temporaryFolder(), "base"), durability: "process-crash" });
      const scratch = openLocalArtifactStore({
        folder: join(temporaryFolder(), "scratch"),
        durability: "process-crash",
      });
      return openAsideArtifactStore({ base, scratch, ownsBase: true });
    },
  };
}

const withoutLinks = (): never => {
  throw Object.assign(new Error("no links here"), { code: "EPERM" });
};

artifactStoreSuite({ describe, test }, memory());
artifactStoreSuite({ describe, test }, local("local", "process-crash"));
artifactStoreSuite({ describe, test }, local("local, power-loss", "power-loss"));
artifactStoreSuite({ describe, test }, local("local, without hard links", "process-crash", withoutLinks));
artifactStoreSuite({ describe, test }, aside());
