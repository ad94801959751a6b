import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import type { RuntimeFacts } from "../cache/cache-key.ts";
import type { CodeIdentifier } from "../code-identity/code-identifier.ts";
import type { Executor } from "../executor/executor.ts";
import type { MaterializerRegistry } from "../materializer/registry.ts";
import type { MetadataStore } from "../metadata-store/metadata-store.ts";
import type { ArtifactRecord } from "../model/artifact.ts";
import type { RunId } from "../model/ids.ts";
import type { Revalidation } from "../observation/revalidation.ts";
import type { VariableRules } from "../observation/variable-rules.ts";
import type { PipelineSpec } from "../pipeline/pipeline-spec.ts";
import type { CachePolicy, ExecutorKind } from "../pipeline/step-options.ts";
import type { StepTable } from "../pipeline/step-table.ts";
import type { Clock } from "../util/clock.ts";
import type { RunEvent } from "./run-event.ts";

/** What a run says about caches, stronger than what steps, pipelines and the repository say. */
export interface RunPolicy {
  /** Off for all steps. */
  readonly noCache: boolean;
  /** Names of steps or ids of nodes to compute anew. */
  readonly refresh: ReadonlySet<string>;
  readonly trust: readonly string[];
  readonly repositoryCache: CachePolicy | undefined;
  readonly repositoryTrust: readonly string[];
  readonly repositoryStrict: boolean;
}

/** Folders that a run works with; all absolute. */
export interface RunFolders {
  readonly projectRoot: string;
  readonly temporaryRoot: string;
  readonly asideFolder: string;
  readonly sourceStamps: string;
  /** The repository's own folders: no side effects there, and no value may hold their paths. */
  readonly ownFolders: readonly string[];
}

/** Everything that the steps of one run share. */
export interface RunSession {
  readonly runId: RunId;
  /** Milliseconds since the epoch; of a plan, when it was asked for. */
  readonly startedAt: number;
  readonly spec: PipelineSpec;
  readonly steps: StepTable;
  readonly policy: RunPolicy;
  readonly folders: RunFolders;
  readonly metadata: MetadataStore;
  readonly artifacts: ArtifactStore;
  readonly identifier: CodeIdentifier;
  /** Imported on first use: a run that reuses everything decodes nothing. */
  materializers(): Promise<MaterializerRegistry>;
  readonly revalidation: Revalidation;
  /** Made on first use: a run that reuses everything starts none. */
  executor(kind: ExecutorKind): Promise<Executor>;
  /** Where steps run that do not say it themselves. */
  readonly defaultExecutor: ExecutorKind;
  /** Artifacts brought in by name, by `name@version`. */
  readonly named: ReadonlyMap<string, ArtifactRecord>;
  readonly secretKey: string;
  /** What the configuration says about variables that count and that do not. */
  readonly variables: VariableRules;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly facts: () => RuntimeFacts;
  emit(event: RunEvent): void;
}
