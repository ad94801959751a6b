import { RepositoryError } from "../errors.ts";
import { parkIfStepThread } from "../executor/parking.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import { compilePipeline } from "../pipeline/compile-pipeline.ts";
import type { Pipeline } from "../pipeline/pipeline-types.ts";
import type { RunPlan } from "../runtime/run-plan.ts";
import type { Config } from "./config.ts";
import type { OpenOptions, OpenRepository } from "./open-repository.ts";
import type { AcceptOptions, AcceptReport, UndoReport } from "./acceptance-report.ts";
import type { AuditOptions, AuditReport } from "./repository-audit.ts";
import type { RepositoryQueries } from "./repository-queries.ts";
import type { PlanOptions, Run, RunOptions } from "./repository-run.ts";

/** A parameter list that is optional where every parameter has a default. */
export type RunArguments<P, O = RunOptions> = {} extends P ? [params?: P, options?: O] : [params: P, options?: O];

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
  readonly #parts: Parts;
  /** Everything that was recorded, by name, step, type, state, tag and time. */
  readonly queries: RepositoryQueries;
  #closed = false;

  private constructor(open: OpenRepository, parts: Parts) {
    this.#open = open;
    this.#parts = parts;
    this.queries = new parts.RepositoryQueries(open);
  }

  /**
   * Opens the project's repository, and makes it when there is none.
   *
   * @throws RepositoryError for a foreign, newer or unusable folder or configuration.
   */
  static async open(options: OpenOptions = {}): Promise<Repository> {
    await parkIfStepThread("Repository.open");
    const parts = await importParts();
    return new Repository(await parts.openRepository(options), parts);
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
    return (await new this.#parts.RepositoryRun(this.#open, compiled, options).run()) as Run<R>;
  }

  /** Says what a run would reuse and compute, and why; computes nothing. */
  async plan<P, R>(pipeline: Pipeline<P, R>, ...rest: RunArguments<P, PlanOptions>): Promise<RunPlan> {
    this.#refuseClosed();
    const [params, options = {}] = rest;
    const compiled = await compilePipeline(pipeline, params);
    return new this.#parts.RepositoryRun(this.#open, compiled, options).plan(options);
  }

  /**
   * Runs the steps that a run would reuse again, aside, and compares what they return with what is stored: finds steps
   * whose result depends on something that no key holds, as the clock. Nothing in the stores changes; what a step does
   * to the rest of the world it does again, so steps that wrote files are left out unless told.
   *
   * @example
   * const { steps } = await repository.audit(flights, undefined, { sample: "10%" });
   * const doubtful = steps.filter(({ verdict }) => verdict === "different");
   *
   * @param params Those of the pipeline's newest run unless told.
   * @throws PipelineError for a pipeline or parameters that are not valid, RepositoryError (`WS_USAGE`) for a bad sample.
   */
  async audit<P, R>(pipeline: Pipeline<P, R>, params?: P, options: AuditOptions = {}): Promise<AuditReport> {
    this.#refuseClosed();
    const { auditPipeline } = await import("./repository-audit.ts");
    return auditPipeline(this.#open, pipeline, params, options);
  }

  /**
   * Offers the results that a step's code before computed for its present code, after running the present code aside on
   * the inputs of each: only where every output is equal by content, and nothing at all where any differs. Who said so,
   * when, and on what evidence is recorded and shown wherever such a result is used.
   *
   * @example
   * const { outcome, differing } = await repository.accept(flights, "train");
   *
   * @throws PipelineError for a pipeline that is not valid, RepositoryError (`WS_USAGE`) for options that contradict.
   */
  async accept<P, R>(pipeline: Pipeline<P, R>, step: string, options: AcceptOptions = {}): Promise<AcceptReport> {
    this.#refuseClosed();
    const { acceptStep } = await import("./repository-accept.ts");
    return acceptStep(this.#open, pipeline, step, options);
  }

  /** Takes what the newest acceptance of a step adopted out of every later look-up, and nothing else. */
  async undoAcceptance(step: string): Promise<UndoReport> {
    this.#refuseClosed();
    const { undoAcceptance } = await import("./undo-acceptance.ts");
    return undoAcceptance(this.#open, step);
  }

  /** The value of a stored artifact. */
  load(artifact: ArtifactRecord): Promise<unknown> {
    this.#refuseClosed();
    const { layout, materializers, stack } = this.#open;
    return this.#parts.loadArtifact(artifact, {
      artifacts: stack.artifacts,
      materializers,
      filesFolder: layout.filesFolder,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#saveStamps();
    await this.#open.stack[Symbol.asyncDispose]();
  }

  /** Without them the next run only takes longer, so a run that succeeded does not fail for them. */
  async #saveStamps(): Promise<void> {
    try {
      await this.#open.identifier.save();
      await this.#open.fileDigests.save();
      await this.#open.dataDigests.save();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      process.emitWarning(
        `The stamps of sources and data files could not be kept, so the next run reads them again: ${why}`,
      );
    }
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new RepositoryError("WS_REPOSITORY_UNUSABLE", {
      message: "The repository is closed.",
      hint: "Use it inside the block of `await using repository = await Repository.open()`.",
    });
  }
}

interface Parts {
  readonly openRepository: typeof import("./open-repository.ts").openRepository;
  readonly RepositoryQueries: typeof import("./repository-queries.ts").RepositoryQueries;
  readonly RepositoryRun: typeof import("./repository-run.ts").RepositoryRun;
  readonly loadArtifact: typeof import("./loaded-results.ts").loadArtifact;
}

/** A module that only defines steps imports the package's entry too, in every worker: so this comes with the first use. */
async function importParts(): Promise<Parts> {
  const { openRepository } = await import("./open-repository.ts");
  const { RepositoryQueries } = await import("./repository-queries.ts");
  const { RepositoryRun } = await import("./repository-run.ts");
  const { loadArtifact } = await import("./loaded-results.ts");
  return { openRepository, RepositoryQueries, RepositoryRun, loadArtifact };
}
