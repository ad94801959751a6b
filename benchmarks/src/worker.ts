import { mkdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Pipeline } from "warmstart";
import { openArtifactStore } from "../../src/artifact-store/open-artifact-store.ts";
import type { StepTask } from "../../src/executor/executor.ts";
import { compilePipeline } from "../../src/pipeline/compile-pipeline.ts";
import { executorTask } from "../../src/testing/executor-task.ts";
import type { Benchmark } from "./harness/bench.ts";
import { Project } from "./harness/project.ts";
import { Thread } from "./harness/thread.ts";

const ROUNDS = 15;

export const benchmark: Benchmark = {
  name: "worker",
  about: "Starting the thread of a step and handing it a task, against a bare worker thread that answers messages.",
  async run(bench) {
    using project = new Project();
    const task = await trivialTask(project);
    const bareStart = { name: "bare thread", run: () => timeStart(() => Thread.bare()) };
    const echo = { name: "message and answer", run: () => timeDispatch(() => Thread.bare(), "started", task) };
    await bench.compare({
      what: "start of a worker until it is ready, no module",
      rounds: ROUNDS,
      ours: () => timeStart(() => Thread.ours([])),
      floor: bareStart,
      budget: { kind: "at-most", limit: 60 },
    });
    await bench.compare({
      what: "start until the pipeline's module is imported",
      rounds: ROUNDS,
      ours: () => timeStart(() => Thread.ours(task.modules)),
      floor: bareStart,
    });
    await bench.compare({
      what: "dispatch to a waiting worker, until it says that it began",
      rounds: ROUNDS,
      ours: () => timeDispatch(() => Thread.ours(task.modules), "started", task),
      floor: echo,
      budget: { kind: "at-most", limit: 0.15 },
    });
    await bench.compare({
      what: "dispatch of a trivial step, until its stored result is back",
      rounds: ROUNDS,
      ours: () => timeDispatch(() => Thread.ours(task.modules), "result", task),
      floor: echo,
    });
  },
};

async function timeStart(start: () => Thread): Promise<number> {
  const began = performance.now();
  await using thread = start();
  await thread.until("loaded");
  return performance.now() - began;
}

async function timeDispatch(start: () => Thread, answer: "started" | "result", task: StepTask): Promise<number> {
  await using thread = start();
  await thread.until("loaded");
  // The thread has said that it is ready, and is now at rest.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const began = performance.now();
  thread.send({ kind: "task", changed: task, gone: [] });
  const message = await thread.until(answer);
  const taken = performance.now() - began;
  if (message.kind === "result" && message.result.kind !== "done")
    throw new Error(`the step ended as ${message.result.kind}`);
  return taken;
}

async function trivialTask(project: Project): Promise<StepTask> {
  const { wide } = await project.import<{ wide: Pipeline<{ count: number }, unknown> }>("shapes.ts");
  const { spec, steps } = await compilePipeline(wide, { count: 1 });
  const [node] = spec.nodes;
  const step = node === undefined ? undefined : steps.get(node.stepKey);
  if (node === undefined || step === undefined) throw new Error("the pipeline has no node");
  const folders = {
    artifacts: project.path("artifacts"),
    temporary: project.path("temporary"),
    aside: project.path("aside"),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  await using artifacts = await openArtifactStore({
    kind: "local",
    folder: folders.artifacts,
    durability: "process-crash",
  });
  const url = pathToFileURL(project.path("shapes.ts")).href;
  return {
    ...executorTask({ root: project.root, url, step: step.address, artifacts: artifacts.location }),
    nodeId: node.id,
    properties: node.properties.map(({ name, bytes }) => ({ name, bytes })),
    outputs: node.outputs,
    ownFolders: [],
    temporaryRoot: folders.temporary,
    asideFolder: folders.aside,
    // A thread says that it began where a limit counts from then on.
    timeoutMs: 60_000,
  };
}
