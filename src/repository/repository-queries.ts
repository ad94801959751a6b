import { trustWords } from "../cache/cache-policy.ts";
import { CodeComparisons } from "../cache/code-comparisons.ts";
import { explainDifferences } from "../cache/explain-differences.ts";
import type { ExplainedDifference } from "../cache/explain-differences.ts";
import { missReason, nearestExecution } from "../cache/miss-reason.ts";
import type { Comparison } from "../cache/miss-reason.ts";
import { describeEach } from "../cache/describe-difference.ts";
import { MetadataError } from "../errors.ts";
import { readLog } from "../executor/output-capture.ts";
import type { LogLine } from "../executor/output-capture.ts";
import type {
  AnnotationChange,
  AnnotationTarget,
  ArtifactQuery,
  CodeIdentityUse,
  ExecutionQuery,
  MetadataStore,
  Page,
  PipelineSummary,
  RunQuery,
} from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import type { ArtifactId, ExecutionId, RunId } from "../model/ids.ts";
import type { Annotations, RunRecord } from "../model/run.ts";
import { resolveReference } from "./named-artifacts.ts";
import type { OpenRepository } from "./open-repository.ts";
import type { RunDiff } from "./run-diff.ts";

/** Why one execution was computed, leaf by leaf, against the nearest earlier execution of its step; or where it came from. */
export interface Explanation {
  readonly execution: ExecutionRecord;
  /** For a miss with an earlier execution to compare with. */
  readonly nearest: ExecutionRecord | undefined;
  readonly differences: readonly ExplainedDifference[];
  /** For a hit: the execution that computed the outputs. */
  readonly origin: ExecutionRecord | undefined;
  /** Words for `trust` that vouch for all that could not be seen; a result that needs any was taken on somebody's word. */
  readonly trust: readonly string[];
  /** The reason that was recorded when it was decided. */
  readonly text: string;
}

/** What was recorded in a repository. Listings are paged, newest first. */
export class RepositoryQueries {
  readonly #open: OpenRepository;
  #code: CodeComparisons | undefined;

  constructor(open: OpenRepository) {
    this.#open = open;
  }

  get #metadata(): MetadataStore {
    return this.#open.stack.metadata;
  }

  pipelines(): Promise<readonly PipelineSummary[]> {
    return this.#metadata.pipelines();
  }

  runs(query?: RunQuery): Promise<Page<RunRecord>> {
    return this.#metadata.runs(query);
  }

  /** @throws MetadataError (`WS_NOT_FOUND`). */
  async run(id: RunId): Promise<RunRecord> {
    return (await this.#metadata.run(id)) ?? notFound("run", id);
  }

  executions(query?: ExecutionQuery): Promise<Page<ExecutionRecord>> {
    return this.#metadata.executions(query);
  }

  /** @throws MetadataError (`WS_NOT_FOUND`). */
  async execution(id: ExecutionId): Promise<ExecutionRecord> {
    return (await this.#metadata.execution(id)) ?? notFound("execution", id);
  }

  /** All executions of a run, in order of recording. */
  async executionsOf(runId: RunId): Promise<readonly ExecutionRecord[]> {
    const all: ExecutionRecord[] = [];
    let after: number | undefined;
    do {
      const page = await this.#metadata.executions({ runId, limit: 1000, ...(after === undefined ? {} : { after }) });
      all.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    return all.reverse();
  }

  artifacts(query?: ArtifactQuery): Promise<Page<ArtifactRecord>> {
    return this.#metadata.artifacts(query);
  }

  /**
   * One artifact by id or by reference: `late-model@latest`, `late-model@3`, `late-model@sha256:…`.
   *
   * @throws MetadataError (`WS_NOT_FOUND`) or PipelineError (`WS_BAD_REFERENCE`).
   */
  async artifact(which: ArtifactId | string): Promise<ArtifactRecord> {
    if (typeof which === "number") return (await this.#metadata.artifact(which)) ?? notFound("artifact", which);
    const [name = which, version = "latest"] = which.split("@");
    return resolveReference({ name, version }, this.#metadata);
  }

  artifactUses(id: ArtifactId): ReturnType<MetadataStore["artifactUses"]> {
    return this.#metadata.artifactUses(id);
  }

  /** Every distinct code identity that a step, or any step, ever ran with. */
  codeIdentities(step?: string): Promise<readonly CodeIdentityUse[]> {
    return this.#metadata.codeIdentities(step);
  }

  stepNames(): Promise<readonly string[]> {
    return this.#metadata.stepNames();
  }

  /** Tags, note and properties of a run or an artifact. */
  annotations(target: AnnotationTarget): Promise<Annotations> {
    return this.#metadata.annotations(target);
  }

  annotate(target: AnnotationTarget, change: AnnotationChange): Promise<Annotations> {
    return this.#metadata.annotate(target, change);
  }

  /** What an execution wrote to the console and to its log; empty when nothing was kept. */
  async log(execution: ExecutionRecord): Promise<readonly LogLine[]> {
    if (execution.log === undefined) return [];
    return readLog(await this.#open.stack.artifacts.read(execution.log));
  }

  /** The bytes of an artifact's blob, verified. */
  bytes(artifact: ArtifactRecord): AsyncIterable<Uint8Array> {
    return this.#open.stack.artifacts.stream(artifact.digest);
  }

  async explain(execution: ExecutionRecord): Promise<Explanation> {
    const { originId, unseen } = execution;
    const origin = originId === undefined ? undefined : await this.#metadata.execution(originId);
    const comparison = origin === undefined ? await this.#compare(execution) : undefined;
    const { id: before, inputs, codeIdentity } = execution;
    const key = { before, inputs, ...(codeIdentity === undefined ? {} : { codeIdentity }) };
    return {
      execution,
      origin,
      nearest: comparison?.execution,
      differences: await explainDifferences(comparison?.differences ?? [], key, this.#metadata),
      trust: trustWords(unseen),
      text: textOf(execution, comparison),
    };
  }

  /**
   * Two runs side by side: parameters, and for each node what differs of its key, outputs, metrics and times.
   *
   * @throws MetadataError (`WS_NOT_FOUND`).
   */
  async diff(before: RunId, after: RunId): Promise<RunDiff> {
    const { diffRuns } = await import("./run-diff.ts");
    const content = async (id: RunId): Promise<Parameters<typeof diffRuns>[0]> => ({
      run: await this.run(id),
      executions: await this.executionsOf(id),
    });
    return diffRuns(await content(before), await content(after), this.#metadata);
  }

  async #compare({ id, step, nodeId, key, runId }: ExecutionRecord): Promise<Comparison | undefined> {
    const tree = key === undefined ? undefined : await this.#metadata.keyTree(key);
    if (tree === undefined) return undefined;
    this.#code ??= new CodeComparisons(this.#metadata);
    const { startedAt } = await this.run(runId);
    const run = { id: runId, startedAt };
    return nearestExecution({ step, nodeId, tree, answers: [], before: id, run }, this.#metadata, this.#code);
  }
}

/** The recorded reason; for a plain miss every difference, not only the first few. */
function textOf({ reason }: ExecutionRecord, comparison: Comparison | undefined): string {
  if (reason.kind !== "changed" || comparison === undefined) return reason.text;
  const texts = describeEach(comparison.differences);
  return texts.length === 0 ? missReason(comparison).text : texts.join("; ");
}

function notFound(what: string, id: number): never {
  throw new MetadataError("WS_NOT_FOUND", {
    message: `The repository has no ${what} ${id}.`,
    hint: "`warmstart runs` lists what there is.",
  });
}
