/// <reference lib="esnext.disposable" preserve="true" />
export { artifactStoreSuite } from "./artifact-store-suite.ts";
export type { ArtifactStoreSubject } from "./artifact-store-suite.ts";
export { executorSuite } from "./executor-suite.ts";
export type { ExecutorSubject, ExecutorSurroundings } from "./executor-suite.ts";
export { metadataStoreSuite } from "./metadata-store-suite.ts";
export type { MetadataStoreSubject } from "./metadata-store-suite.ts";
export type { SuiteApi } from "./suite-api.ts";
