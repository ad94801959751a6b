import { runtimeFacts } from "../cache/runtime-facts.ts";
import type { RunId } from "../model/ids.ts";
import { Revalidation } from "../observation/revalidation.ts";
import type { CompiledPipeline } from "../pipeline/compile-pipeline.ts";
import type { RunEvent } from "../runtime/run-event.ts";
import type { RunPolicy, RunSession } from "../runtime/run-session.ts";
import type { OpenRepository } from "./open-repository.ts";
import type { RunExecutors } from "./run-executors.ts";

/** What differs between the sessions of one repository. */
export interface SessionInit {
  readonly runId: RunId;
  /** Now, unless told. */
  readonly startedAt?: number;
  readonly named: RunSession["named"];
  readonly executors: RunExecutors;
  readonly policy: Pick<RunPolicy, "noCache" | "refresh" | "trust">;
  readonly signal: AbortSignal;
  emit(event: RunEvent): void;
}

/** What the steps of one run of the pipeline share, in a repository that is open. */
export function sessionOf(open: OpenRepository, { spec, steps }: CompiledPipeline, init: SessionInit): RunSession {
  const { clock, config, dataDigests, identifier, layout, materializers, paths, projectRoot, stack } = open;
  const { runId, named, executors, policy, signal } = init;
  return {
    runId,
    startedAt: init.startedAt ?? clock.now(),
    spec,
    steps,
    policy: {
      ...policy,
      repositoryCache: config.cache,
      repositoryTrust: config.trust ?? [],
      repositoryStrict: config.strict ?? false,
    },
    folders: {
      projectRoot,
      temporaryRoot: layout.temporaryFolder,
      asideFolder: layout.asideFolder,
      sourceStamps: layout.sourceStamps,
      ownFolders: [layout.folder],
    },
    metadata: stack.metadata,
    artifacts: stack.artifacts,
    identifier,
    materializers,
    revalidation: new Revalidation({
      digests: dataDigests,
      environment: process.env,
      environmentKey: layout.secretKey,
      pathOf: (name) => paths.pathOf(name),
    }),
    executor: (kind) => executors.of(kind),
    defaultExecutor: config.executor ?? "worker-thread",
    named,
    secretKey: layout.secretKey,
    variables: config.env ?? {},
    clock,
    signal,
    facts: runtimeFacts,
    emit: (event) => init.emit(event),
  };
}
