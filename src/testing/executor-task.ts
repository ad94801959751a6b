import path from "node:path";
import type { ArtifactStoreLocation } from "../artifact-store/artifact-store.ts";
import { digestOf } from "../encoding/digest.ts";
import type { StepTask } from "../executor/executor.ts";

export interface ExecutorTaskInit {
  /** The project's folder; what Warmstart keeps lies in `own` below it, artifacts in `store`. */
  readonly root: string;
  /** The module that defines the step. */
  readonly url: string;
  readonly step: StepTask["step"];
  readonly artifacts: ArtifactStoreLocation | undefined;
}

/** A first attempt of a step without inputs that returns one value, in which nothing was checked or proved. */
export function executorTask({ root, url, step, artifacts }: ExecutorTaskInit): StepTask {
  return {
    nodeId: step.name,
    step,
    modules: [url],
    pipelineModule: url,
    properties: [],
    inputs: [],
    outputs: [{ name: "output" }],
    secrets: [],
    manyOutputs: false,
    expectedModules: [],
    contained: false,
    program: undefined,
    expectedCaptures: [],
    sourceStamps: path.join(root, "own/stamps"),
    artifacts,
    ownFolders: [path.join(root, "own"), path.join(root, "store")],
    projectRoot: root,
    temporaryRoot: path.join(root, "own/tmp"),
    asideFolder: path.join(root, "own/aside"),
    seed: digestOf("seed"),
    environmentKey: "key",
    attempt: 1,
    timeoutMs: undefined,
  };
}
