import type { CodeIdentifier } from "../code-identity/code-identifier.ts";
import type { FileDigests } from "../code-identity/module-stamps.ts";
import type { RootedPaths } from "../code-identity/rooted-path.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import type { Clock } from "../util/clock.ts";
import type { Config } from "./config.ts";
import type { RepositoryLayout } from "./repository-layout.ts";
import type { Stack } from "./stack.ts";

/** What a repository holds open; one object, so that runs and queries share it. */
export interface OpenRepository {
  readonly projectRoot: string;
  readonly layout: RepositoryLayout;
  readonly config: Config;
  readonly clock: Clock;
  readonly stack: Stack;
  readonly identifier: CodeIdentifier;
  readonly dataDigests: FileDigests;
  readonly paths: RootedPaths;
  /** Imported on first use. */
  readonly materializers: () => Promise<MaterializerRegistry>;
}
