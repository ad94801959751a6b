import type { Executor, StepTask } from "../executor/executor.ts";
import type { StepFunction } from "../executor/execute-task.ts";
import type { CompiledPipeline } from "../pipeline/compile-pipeline.ts";
import type { ExecutorKind } from "../pipeline/step-options.ts";
import { lazy } from "../util/lazy.ts";
import type { OpenRepository } from "./open-repository.ts";

/** The executors of one run, each imported and made when the first step needs it. */
export class RunExecutors implements AsyncDisposable {
  readonly #made: Promise<Executor>[] = [];
  readonly #open: OpenRepository;
  readonly #compiled: CompiledPipeline;
  readonly #stepOfNode = lazy(() => {
    const { spec, steps } = this.#compiled;
    return new Map(spec.nodes.map(({ id, stepKey }) => [id, steps.get(stepKey)]));
  });
  readonly #byKind: Readonly<Record<ExecutorKind, () => Promise<Executor>>>;

  constructor(open: OpenRepository, compiled: CompiledPipeline) {
    this.#open = open;
    this.#compiled = compiled;
    this.#byKind = {
      "worker-thread": lazy(() => this.#keep(workerThreads(this.#open))),
      "in-process": lazy(() => this.#keep(this.#inProcess())),
    };
  }

  of(kind: ExecutorKind): Promise<Executor> {
    return this.#byKind[kind]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const made of this.#made) await (await made)[Symbol.asyncDispose]();
  }

  #keep(made: Promise<Executor>): Promise<Executor> {
    this.#made.push(made);
    return made;
  }

  async #inProcess(): Promise<Executor> {
    const { InProcessExecutor } = await import("../executor/backends/in-process/in-process-executor.ts");
    const { dataDigests, materializers, paths, stack } = this.#open;
    return new InProcessExecutor({
      artifacts: stack.artifacts,
      materializers: await materializers(),
      digests: dataDigests,
      nameOf: (absolute) => paths.nameOf(absolute),
      functionOf: (task) => this.#functionOf(task),
    });
  }

  #functionOf({ nodeId }: StepTask): StepFunction {
    const step = this.#stepOfNode().get(nodeId);
    if (step === undefined) throw new Error(`the pipeline has no node ${nodeId}`);
    return step.fn as StepFunction;
  }
}

async function workerThreads({ dataDigests }: OpenRepository): Promise<Executor> {
  const { WorkerThreadExecutor } = await import("../executor/backends/worker-thread/worker-thread-executor.ts");
  return new WorkerThreadExecutor({ files: dataDigests });
}
