import type { MetadataStore } from "../metadata-store/metadata-store.ts";

/** Declares one test of `metadataStoreSuite` with a store of its own. */
export type StoreTest = (name: string, body: (store: MetadataStore) => Promise<void>) => void;
