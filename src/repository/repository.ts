import path from "node:path";
import { createCodeIdentifier } from "../code-identity/code-identifier.ts";
import { createFileDigests } from "../code-identity/module-stamps.ts";
import { createRootedPaths } from "../code-identity/rooted-path.ts";
import { RepositoryError } from "../errors.ts";
import { parkIfStepThread } from "../executor/parking.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import { LocalOrchestrator } from "../orchestrator/local-orchestrator.ts";
import { compilePipeline } from "../pipeline/compile-pipeline.ts";
import type { Pipeline } from "../pipeline/pipeline-types.ts";
import { registeredMaterializers } from "../pipeline/user-materializer.ts";
import type { RunPlan } from "../runtime/run-plan.ts";
import { systemClock } from "../util/clock.ts";
import type { Clock } from "../util/clock.ts";
import { lazy } from "../util/lazy.ts";
import { loadConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { loadArtifact } from "./loaded-results.ts";
import type { OpenRepository } from "./open-repository.ts";
import { findProject } from "./project-root.ts";
import { RepositoryRun } from "./repository-run.ts";
import type { Run, RunOptions } from "./repository-run.ts";
import { openLayout } from "./repository-layout.ts";
import { RepositoryQueries } from "./repository-queries.ts";
import { openMemoryStack, openStack } from "./stack.ts";

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

/** A parameter list that is optional where every parameter has a default. */
export type RunArguments<P> = {} extends P ? [params?: P, options?: RunOptions] : [params: P, options?: RunOptions];

/**
 * The tracked place in which pipelines run: runs, executions and artifacts are recorded in it, and results are taken
 * from it.
 *
 * @example
 * await using repository = await Repository.open();
 * const run = await repository.run(flights, { rounds: 200 });
 * const model = await run.outputs.model.load();
 */
export class Repository implements AsyncDisposable {
  readonly #open: OpenRepository;
  readonly #orchestrator = new LocalOrchestrator();
  /** Everything that was recorded, by name, step, type, state, tag and time. */
  readonly queries: RepositoryQueries;
  #closed = false;

  private constructor(open: OpenRepository) {
    this.#open = open;
    this.queries = new RepositoryQueries(open);
  }

  /**
   * Opens the project's repository, and makes it when there is none.
   *
   * @throws RepositoryError for a foreign, newer or unusable folder or configuration.
   */
  static async open(options: OpenOptions = {}): Promise<Repository> {
    await parkIfStepThread("Repository.open");
    const { clock = systemClock } = options;
    const project = findProject(options.from ?? process.cwd());
    const config = options.config ?? (await loadConfig(project.configFile));
    const layout = openLayout(folderOf(project.root, options, config));
    const stack =
      options.memory === true ? await openMemoryStack({ clock }) : await openStack({ layout, config, clock });
    return new Repository({
      projectRoot: project.root,
      layout,
      config,
      clock,
      stack,
      identifier: createCodeIdentifier({ projectRoot: project.root, stampFile: layout.sourceStamps, clock }),
      dataDigests: createFileDigests({ stampFile: layout.dataStamps, clock }),
      paths: createRootedPaths({ projectRoot: project.root }),
      materializers: lazy(openMaterializers),
    });
  }

  /** Absolute path of the repository's folder. */
  get folder(): string {
    return this.#open.layout.folder;
  }

  get projectRoot(): string {
    return this.#open.projectRoot;
  }

  get config(): Config {
    return this.#open.config;
  }

  /** True when opening made the repository. */
  get created(): boolean {
    return this.#open.layout.created;
  }

  /** The port itself, for programs that go deeper than `queries`. */
  get metadata(): MetadataStore {
    return this.#open.stack.metadata;
  }

  /**
   * Runs a pipeline: every step is reused where its code, configuration and inputs were computed before, and computed
   * where not.
   *
   * @throws PipelineError for a pipeline or parameters that are not valid, RunError (`WS_STEP_FAILED`, `WS_ABORTED`,
   * `WS_WOULD_COMPUTE`) for a run that ended without its results; what was computed until then is kept.
   */
  async run<P, R>(pipeline: Pipeline<P, R>, ...rest: RunArguments<P>): Promise<Run<R>> {
    this.#refuseClosed();
    const [params, options = {}] = rest;
    const compiled = await compilePipeline(pipeline, params);
    return (await new RepositoryRun(this.#open, this.#orchestrator, compiled, options).run()) as Run<R>;
  }

  /** Says what a run would reuse and compute, and why; computes nothing. */
  async plan<P, R>(pipeline: Pipeline<P, R>, ...rest: RunArguments<P>): Promise<RunPlan> {
    this.#refuseClosed();
    const [params, options = {}] = rest;
    const compiled = await compilePipeline(pipeline, params);
    return new RepositoryRun(this.#open, this.#orchestrator, compiled, options).plan();
  }

  /** The value of a stored artifact. */
  load(artifact: ArtifactRecord): Promise<unknown> {
    this.#refuseClosed();
    const { layout, materializers, stack } = this.#open;
    return loadArtifact(artifact, { artifacts: stack.artifacts, materializers, filesFolder: layout.filesFolder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#open.identifier.save();
    await this.#open.dataDigests.save();
    await this.#open.stack[Symbol.asyncDispose]();
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new RepositoryError("WS_REPOSITORY_UNUSABLE", {
      message: "The repository is closed.",
      hint: "Use it inside the block of `await using repository = await Repository.open()`.",
    });
  }
}

async function openMaterializers(): Promise<MaterializerRegistry> {
  const { createMaterializerRegistry } = await import("../materializer/registry.ts");
  return createMaterializerRegistry(registeredMaterializers());
}

function folderOf(root: string, options: OpenOptions, config: Config): string {
  const fromEnvironment = process.env["WARMSTART_REPOSITORY"];
  const chosen = options.folder ?? (fromEnvironment === "" ? undefined : fromEnvironment) ?? config.repository;
  return path.resolve(root, chosen ?? ".warmstart");
}
