import { describe, test } from "vitest";
import { openMemoryMetadataStore } from "../../src/metadata-store/backends/memory/memory-metadata-store.ts";
import { openSqliteMetadataStore } from "../../src/metadata-store/backends/sqlite/sqlite-metadata-store.ts";
import type { MetadataStore } from "../../src/metadata-store/metadata-store.ts";
import { metadataStoreSuite } from "../../src/testing/metadata-store-suite.ts";
import { temporaryFiles } from "./temporary-store.ts";

const temporaryFile = temporaryFiles();
const files = new WeakMap<MetadataStore, string>();

metadataStoreSuite({ describe, test }, { name: "memory", open: async () => openMemoryMetadataStore() });

metadataStoreSuite(
  { describe, test },
  {
    name: "sqlite",
    open: async () => openFile(await temporaryFile()),
    reopen: async (store) => {
      await store[Symbol.asyncDispose]();
      return openFile(files.get(store) ?? "");
    },
  },
);

async function openFile(file: string): Promise<MetadataStore> {
  const store = await openSqliteMetadataStore({ file });
  files.set(store, file);
  return store;
}
