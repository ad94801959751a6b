import { randomSeed } from "../cache/cache-key.ts";
import { digestOf } from "../encoding/digest.ts";
import type { StepTask } from "../executor/executor.ts";
import { parseDuration } from "../pipeline/duration.ts";
import type { RunSession } from "./run-session.ts";
import { userMaterializersOf } from "./step-identities.ts";
import type { KeyedNode } from "./step-plan.ts";

/** The task of one attempt: plain data, so that any executor can take it. */
export function stepTask(plan: KeyedNode, session: RunSession, attempt: number): StepTask {
  const { node, step, inputs, keyed } = plan;
  const { folders, artifacts, secretKey } = session;
  const { timeout } = step.options;
  return {
    nodeId: node.id,
    step: step.address,
    modules: modulesOf(plan, session),
    pipelineModule: pipelineModuleOf(session),
    properties: node.properties.map(({ name, bytes }) => ({ name, bytes })),
    inputs: [...inputs].map(([label, stored]) => ({ label, stored })),
    outputs: node.outputs,
    secrets: [...new Set(node.properties.flatMap(({ secrets }) => secrets))],
    manyOutputs: step.manyOutputs,
    expectedModules: keyed?.identity.modules ?? [],
    program: keyed?.identity.program,
    expectedCaptures: keyed === undefined || keyed.identity.literal ? [] : keyed.identity.captures,
    sourceStamps: folders.sourceStamps,
    artifacts: artifacts.location,
    ownFolders: folders.ownFolders,
    projectRoot: folders.projectRoot,
    temporaryRoot: folders.temporaryRoot,
    asideFolder: folders.asideFolder,
    seed: keyed === undefined ? digestOf(node.id) : randomSeed(keyed.tree),
    environmentKey: secretKey,
    variables: session.variables,
    attempt,
    contained: leavesNothing(plan),
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout),
  };
}

/** Whether its code was proved to leave nothing behind in its thread. */
export function leavesNothing({ keyed }: KeyedNode): boolean {
  return keyed?.identity.remarks.contained === true && keyed.identity.unseen.length === 0;
}

/** The module whose `pipeline(…)` call the run is of, where it is a file. */
export function pipelineModuleOf(session: RunSession): string | undefined {
  const { url } = session.spec.at;
  return url.startsWith("file:") ? url : undefined;
}

/** What a worker imports: the pipeline's module in program order, then what registered the inputs' materializers. */
function modulesOf({ step, inputs }: KeyedNode, session: RunSession): readonly string[] {
  const pipelineModule = pipelineModuleOf(session);
  const materializers = userMaterializersOf(step, inputs.values()).map(({ definedAt }) => definedAt.url);
  const modules = [...(pipelineModule === undefined ? [] : [pipelineModule]), ...materializers];
  return [...new Set(modules.filter((url) => url.startsWith("file:")))];
}
