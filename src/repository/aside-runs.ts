import { mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { ArtifactStore } from "../artifact-store/artifact-store.ts";
import { RunError } from "../errors.ts";
import type { RunId } from "../model/ids.ts";
import { unseenKinds } from "../model/reads.ts";
import type { CompiledPipeline } from "../pipeline/compile-pipeline.ts";
import { rerunStep } from "../runtime/rerun-step.ts";
import type { RerunOutcome } from "../runtime/rerun-step.ts";
import type { RunSession } from "../runtime/run-session.ts";
import { StepIdentities } from "../runtime/step-identities.ts";
import type { KeyedNode } from "../runtime/step-plan.ts";
import { pipelineModuleOf } from "../runtime/step-task.ts";
import { resolveNamedArtifacts } from "./named-artifacts.ts";
import type { OpenRepository } from "./open-repository.ts";
import { RunExecutors } from "./run-executors.ts";
import { sessionOf } from "./session-of.ts";

export interface AsideInit {
  readonly open: OpenRepository;
  readonly compiled: CompiledPipeline;
  readonly signal: AbortSignal;
}

/**
 * Steps of a pipeline run again where nobody sees it: what they return goes into a folder that is removed at the end,
 * and nothing is written to the repository's stores. What a step does to the rest of the world it does again.
 */
export class AsideRuns implements AsyncDisposable {
  readonly #folder: string;
  readonly #artifacts: ArtifactStore;
  readonly #executors: RunExecutors;
  readonly session: RunSession;
  readonly identities: StepIdentities;

  private constructor(folder: string, artifacts: ArtifactStore, executors: RunExecutors, session: RunSession) {
    this.#folder = folder;
    this.#artifacts = artifacts;
    this.#executors = executors;
    this.session = session;
    this.identities = new StepIdentities(session.identifier, pipelineModuleOf(session));
  }

  static async open({ open, compiled, signal }: AsideInit): Promise<AsideRuns> {
    const named = await resolveNamedArtifacts(compiled.spec, open.stack.metadata);
    const { temporaryFolder } = open.layout;
    await mkdir(temporaryFolder, { recursive: true });
    const folder = await mkdtemp(path.join(temporaryFolder, "aside-"));
    const artifacts = await asideStore(open.stack.artifacts, path.join(folder, "artifacts"));
    const aside: OpenRepository = {
      ...open,
      layout: { ...open.layout, asideFolder: path.join(folder, "values"), filesFolder: path.join(folder, "files") },
      stack: { ...open.stack, artifacts },
    };
    const executors = new RunExecutors(aside, compiled);
    const session = sessionOf(aside, compiled, {
      runId: 0 as RunId,
      named,
      executors,
      // What nobody vouches for is looked at all the same: it stays under the rules of trust wherever it is used.
      policy: { noCache: false, refresh: new Set(), trust: unseenKinds },
      signal,
      emit: () => undefined,
    });
    return new AsideRuns(folder, artifacts, executors, session);
  }

  /** @throws RunError (`WS_ABORTED`) when the signal ends it. */
  async rerun(node: KeyedNode): Promise<RerunOutcome> {
    try {
      return await rerunStep(node, { session: this.session, identities: this.identities });
    } catch (error) {
      if (!this.session.signal.aborted) throw error;
      throw new RunError("WS_ABORTED", {
        message: `Running ${node.node.id} again was ended.`,
        hint: "Nothing was recorded.",
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#executors[Symbol.asyncDispose]();
    await this.#artifacts[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 2 });
  }
}

async function asideStore(base: ArtifactStore, folder: string): Promise<ArtifactStore> {
  const { openAsideArtifactStore } = await import("../artifact-store/layers/aside-artifact-store.ts");
  return openAsideArtifactStore({ base, scratch: await scratchFor(base, folder), ownsBase: false });
}

async function scratchFor(base: ArtifactStore, folder: string): Promise<ArtifactStore> {
  if (base.location === undefined) {
    const { openMemoryArtifactStore } = await import("../artifact-store/backends/memory/memory-artifact-store.ts");
    return openMemoryArtifactStore();
  }
  const { openArtifactStore } = await import("../artifact-store/open-artifact-store.ts");
  return openArtifactStore({ kind: "local", folder, durability: "process-crash" });
}
