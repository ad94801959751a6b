import { parkIfStepThread } from "../executor/parking.ts";
import type { Pipeline } from "../pipeline/pipeline-types.ts";
import { loadAll } from "./loaded-results.ts";
import type { LoadedValues } from "./loaded-results.ts";
import { Repository } from "./repository.ts";
import type { RunArguments } from "./repository.ts";

/**
 * Opens the project's repository, runs a pipeline, loads its results and closes.
 *
 * @throws what `Repository.open` and `Repository.run` throw.
 * @example const { model } = await run(flights, { rounds: 200 });
 */
export async function run<P, R>(pipeline: Pipeline<P, R>, ...rest: RunArguments<P>): Promise<LoadedValues<R>> {
  await parkIfStepThread("run");
  await using repository = await Repository.open();
  const { outputs } = await repository.run(pipeline, ...rest);
  return (await loadAll(outputs)) as LoadedValues<R>;
}
