import { createCodeIdentifier } from "../code-identity/code-identifier.ts";
import type { CodeIdentifier } from "../code-identity/code-identifier.ts";
import { createFileDigests } from "../code-identity/module-stamps.ts";
import type { FileDigests } from "../code-identity/module-stamps.ts";
import { createRootedPaths } from "../code-identity/rooted-path.ts";
import type { RootedPaths } from "../code-identity/rooted-path.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import { KnownFiles } from "../observation/known-files.ts";
import { registeredMaterializers } from "../pipeline/user-materializer.ts";
import { systemClock } from "../util/clock.ts";
import type { Clock } from "../util/clock.ts";
import { lazy } from "../util/lazy.ts";
import { loadConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { findProject } from "./project-root.ts";
import { repositoryFolder } from "./repository-folder.ts";
import { openLayout } from "./repository-layout.ts";
import type { RepositoryLayout } from "./repository-layout.ts";
import { openMemoryStack, openStack } from "./stack.ts";
import type { Stack } from "./stack.ts";

export interface OpenOptions {
  /** Where to look for the project; the working directory unless told. */
  readonly from?: string;
  /** Folder of the repository, before configuration and `WARMSTART_REPOSITORY`. */
  readonly folder?: string;
  /** Keeps everything in memory: nothing is reused in another process, and steps run in-process. */
  readonly memory?: boolean;
  /** In place of `warmstart.config.ts`. */
  readonly config?: Config;
  readonly clock?: Clock;
}

/** What a repository holds open; one object, so that runs and queries share it. */
export interface OpenRepository {
  readonly projectRoot: string;
  readonly layout: RepositoryLayout;
  readonly config: Config;
  readonly clock: Clock;
  readonly stack: Stack;
  readonly identifier: CodeIdentifier;
  readonly fileDigests: FileDigests;
  /** Over the former; what their threads digested is added. */
  readonly dataDigests: KnownFiles;
  readonly paths: RootedPaths;
  /** Imported on first use. */
  readonly materializers: () => Promise<MaterializerRegistry>;
}

/** Finds the project, reads its configuration and opens its stores. */
export async function openRepository(options: OpenOptions): Promise<OpenRepository> {
  const { clock = systemClock } = options;
  const { root, configFile } = findProject(options.from ?? process.cwd());
  const config = options.config ?? (await loadConfig(configFile));
  const layout = openLayout(repositoryFolder(root, options.folder, config));
  const stack = options.memory === true ? await openMemoryStack({ clock }) : await openStack({ layout, config, clock });
  const fileDigests = createFileDigests({ stampFile: layout.dataStamps, clock });
  return {
    projectRoot: root,
    layout,
    config,
    clock,
    stack,
    identifier: createCodeIdentifier({ projectRoot: root, stampFile: layout.sourceStamps, clock }),
    fileDigests,
    dataDigests: new KnownFiles({ digests: fileDigests, stampFile: `${layout.dataStamps}.large`, clock }),
    paths: createRootedPaths({ projectRoot: root }),
    materializers: lazy(openMaterializers),
  };
}

async function openMaterializers(): Promise<MaterializerRegistry> {
  const { createMaterializerRegistry } = await import("../materializer/registry.ts");
  return createMaterializerRegistry(registeredMaterializers());
}
