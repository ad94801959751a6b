import { fileURLToPath } from "node:url";
import { RunError, WarmstartError } from "../errors.ts";
import type { ErrorRecord } from "../model/execution.ts";
import type { RunId } from "../model/ids.ts";
import type { RunCounts, RunEnd, RunRecord } from "../model/run.ts";
import { LocalOrchestrator } from "../orchestrator/local-orchestrator.ts";
import type { OrchestrationResult, Orchestrator } from "../orchestrator/orchestrator.ts";
import { planRun } from "../orchestrator/plan-run.ts";
import { idsOf, select } from "../orchestrator/selection.ts";
import type { CompiledPipeline } from "../pipeline/compile-pipeline.ts";
import type { NodeSpec } from "../pipeline/pipeline-spec.ts";
import type { RunEvent, RunObserver, RunResult, StartedNode } from "../runtime/run-event.ts";
import type { RunPlan } from "../runtime/run-plan.ts";
import type { RunSession } from "../runtime/run-session.ts";
import { flatResults, loadArtifact, loadedResults } from "./loaded-results.ts";
import type { Loaded } from "./loaded-results.ts";
import { resolveNamedArtifacts } from "./named-artifacts.ts";
import { GitQuestion, provenanceOf } from "./provenance.ts";
import { defaultParallel } from "./default-parallel.ts";
import type { OpenRepository } from "./open-repository.ts";
import { RunExecutors } from "./run-executors.ts";
import { sessionOf } from "./session-of.ts";
import { requireLayout } from "./repository-layout.ts";

const GIT_WAIT_MS = 25;

/** What one run may be told; everything is optional. */
export interface RunOptions {
  /** Steps or nodes to compute anew, whatever is stored. */
  readonly refresh?: readonly string[];
  /** Neither looks up nor stores for later, in any step. */
  readonly noCache?: boolean;
  /** Everything before these steps must be a hit. */
  readonly from?: readonly string[];
  /** Nothing behind these steps is run. */
  readonly to?: readonly string[];
  /** Both. */
  readonly only?: readonly string[];
  /** Vouches for unseen activity in this run: `["network:api.example.com"]`. */
  readonly trust?: readonly string[];
  /** How many steps compute at once. */
  readonly parallel?: number;
  /** `fail-fast` unless told. */
  readonly onFailure?: "fail-fast" | "continue";
  /** Ends the run; finished steps stay cached. */
  readonly signal?: AbortSignal;
  /** Hears of everything that happens; without one, warnings go where Node's do: `process.emitWarning`. */
  readonly observer?: RunObserver;
}

/** What a plan may be told: all that a run may, and how much to say. */
export interface PlanOptions extends RunOptions {
  /** Say every difference to the nearest earlier execution, too. */
  readonly explain?: boolean;
}

/** A finished run. */
export interface Run<R> {
  readonly id: RunId;
  readonly outputs: Loaded<R>;
  readonly counts: RunCounts;
}

/** One run of a compiled pipeline in an open repository. */
export class RepositoryRun {
  readonly #open: OpenRepository;
  readonly #orchestrator: Orchestrator = new LocalOrchestrator();
  readonly #compiled: CompiledPipeline;
  readonly #options: RunOptions;
  readonly #began: number;

  constructor(open: OpenRepository, compiled: CompiledPipeline, options: RunOptions) {
    this.#open = open;
    this.#compiled = compiled;
    this.#options = options;
    this.#began = open.clock.monotonic();
  }

  async run(): Promise<Run<unknown>> {
    const { spec } = this.#compiled;
    const { clock, projectRoot, stack } = this.#open;
    const { refresh = [], signal } = this.#options;
    signal?.throwIfAborted();
    idsOf(spec, refresh);
    const selection = select(spec, this.#options);
    const named = await resolveNamedArtifacts(spec, stack.metadata);
    const git = new GitQuestion(projectRoot);
    const record = await stack.metadata.createRun({
      pipeline: spec.name,
      params: spec.params,
      startedAt: clock.now(),
      provenance: provenanceOf(projectRoot),
      ...this.#module(),
    });
    this.#emit({
      kind: "run-started",
      runId: record.id,
      pipeline: spec.name,
      nodes: spec.nodes.map((node) => this.#started(node)),
    });
    await using executors = this.#executors();
    const session = this.#session(record, named, executors);
    try {
      const { onFailure = "fail-fast", parallel = defaultParallel(this.#open.config) } = this.#options;
      const result = await this.#orchestrator.run(session, { selection, parallel, onFailure });
      await this.#finish(record.id, result, git);
      return this.#conclude(record.id, result);
    } catch (error) {
      await this.#finishBroken(record.id, error, git);
      throw error;
    }
  }

  /** What `run` would do, without doing it: nothing is computed and nothing is recorded. */
  async plan({ explain = false }: Pick<PlanOptions, "explain"> = {}): Promise<RunPlan> {
    const { spec } = this.#compiled;
    idsOf(spec, this.#options.refresh ?? []);
    const selection = select(spec, this.#options);
    const named = await resolveNamedArtifacts(spec, this.#open.stack.metadata);
    await using executors = this.#executors();
    const session = this.#session({ id: 0 as RunId, startedAt: this.#open.clock.now() }, named, executors);
    return planRun(session, selection, { explain });
  }

  #module(): { readonly module?: string } {
    const { url } = this.#compiled.spec.at;
    return url.startsWith("file:") ? { module: this.#open.paths.nameOf(fileURLToPath(url)) } : {};
  }

  #started({ id, step, stepKey }: NodeSpec): StartedNode {
    const definedAt = this.#compiled.steps.get(stepKey)?.definedAt;
    return { id, step, ...(definedAt === undefined ? {} : { definedAt }) };
  }

  #executors(): RunExecutors {
    return new RunExecutors(this.#open, this.#compiled);
  }

  #session(
    { id: runId, startedAt }: Pick<RunRecord, "id" | "startedAt">,
    named: RunSession["named"],
    executors: RunExecutors,
  ): RunSession {
    const { noCache = false, refresh = [], signal, trust = [] } = this.#options;
    return sessionOf(this.#open, this.#compiled, {
      runId,
      startedAt,
      named,
      executors,
      policy: { noCache, refresh: new Set(refresh), trust },
      signal: signal ?? new AbortController().signal,
      emit: (event) => this.#emit(event),
    });
  }

  async #finish(id: RunId, result: OrchestrationResult, git: GitQuestion): Promise<void> {
    const { state, counts, failures } = result;
    const results = this.#results(result);
    const [failure] = failures;
    await this.#end(id, git, {
      state,
      results: results.map(({ path, artifact }) => ({ path, artifactId: artifact.id })),
      counts,
      ...(failure === undefined ? {} : { error: `${failure.nodeId}: ${failure.error.message}` }),
    });
    const durationMs = this.#open.clock.monotonic() - this.#began;
    this.#emit({ kind: "run-finished", runId: id, state, counts, durationMs, results });
  }

  #results({ outputs }: OrchestrationResult): readonly RunResult[] {
    return flatResults(this.#compiled.spec.results, (source) => outputs.artifact(source));
  }

  async #finishBroken(id: RunId, error: unknown, git: GitQuestion): Promise<void> {
    if (error instanceof RunError && (error.code === "WS_STEP_FAILED" || error.code === "WS_ABORTED")) return;
    const message = error instanceof Error ? error.message : String(error);
    const counts: RunCounts = { reused: 0, computed: 0, failed: 0, canceled: 0, savedMs: 0 };
    try {
      await this.#end(id, git, { state: "FAILED", error: message, results: [], counts });
    } catch (suppressed) {
      // The store may be what is broken; the first error is the one to tell, with this one beside it.
      if (error instanceof WarmstartError) return;
      throw new SuppressedError(error, suppressed);
    }
  }

  async #end(id: RunId, git: GitQuestion, end: Omit<RunEnd, "endedAt" | "git">): Promise<void> {
    requireLayout(this.#open.layout);
    const endedAt = this.#open.clock.now();
    await this.#open.stack.metadata.finishRun(id, { ...end, endedAt, git: await git.within(GIT_WAIT_MS) });
  }

  #conclude(id: RunId, result: OrchestrationResult): Run<unknown> {
    if (result.state === "FAILED") throw runFailed(id, result.failures);
    if (result.state === "CANCELED") {
      const hint = "Finished steps are kept: the next run goes on from there.";
      throw new RunError("WS_ABORTED", { message: `Run ${id} was ended.`, hint, details: { runId: id } });
    }
    const { layout, materializers, stack } = this.#open;
    const init = { artifacts: stack.artifacts, materializers, filesFolder: layout.filesFolder };
    const artifactOf = (
      source: Parameters<typeof result.outputs.artifact>[0],
    ): ReturnType<typeof result.outputs.artifact> => result.outputs.artifact(source);
    const outputs = loadedResults(this.#compiled.spec.results, artifactOf, (artifact) => loadArtifact(artifact, init));
    return { id, outputs: outputs as Run<unknown>["outputs"], counts: result.counts };
  }

  #emit(event: RunEvent): void {
    const { observer } = this.#options;
    if (observer !== undefined) observer(event);
    else if (event.kind === "notice" && event.level === "warning") process.emitWarning(event.text, "WarmstartWarning");
  }
}

function runFailed(id: RunId, failures: OrchestrationResult["failures"]): RunError {
  const [first] = failures;
  const text = first === undefined ? "" : `: ${first.nodeId}: ${first.error.message}`;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
  return new RunError("WS_STEP_FAILED", {
    message: `Run ${id} failed${text}${more}`,
    hint:
      first?.error.hint ??
      `\`warmstart logs ${id} ${first?.nodeId ?? ""}\` shows what it wrote. The next run goes on from the last good step.`,
    details: {
      runId: id,
      failures: failures.map(({ nodeId, error }: { nodeId: string; error: ErrorRecord }) => ({ nodeId, error })),
    },
  });
}
