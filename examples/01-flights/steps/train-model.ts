import type { FileValue, StepContext } from "warmstart";
import { step, value } from "warmstart";
import type { DelayModel } from "../model/delay-model.ts";
import { delayModel } from "../model/delay-model.ts";
import { areaUnderCurve, countScores } from "../model/ranking.ts";
import { trainNetwork } from "../model/train-network.ts";
import { readFlights } from "./read-flights.ts";

export interface TrainingSettings {
  readonly learningRate: number;
  readonly epochs: number;
  /** Sizes of the network's hidden layers. */
  readonly layers: readonly number[];
  readonly seed: number;
}

/** Trains on January to April, 250,000 flights per epoch, and reports how well the result ranks the flights of May. */
async function fitModel(
  { train, validate, ...settings }: { train: FileValue; validate: FileValue } & TrainingSettings,
  ctx: StepContext,
): Promise<DelayModel> {
  const { flights, late } = await readFlights(train.path);
  const plan = { ...settings, batchSize: 1024, flightsPerEpoch: 250_000 };
  const model = await trainNetwork(flights, late, plan, (epoch, loss) => {
    ctx.signal.throwIfAborted();
    ctx.progress(epoch, settings.epochs);
    ctx.log(`epoch ${epoch}: loss ${loss.toFixed(4)}`);
  });
  const may = await readFlights(validate.path);
  const auc = areaUnderCurve(countScores(model.predict(may.flights), may.late));
  ctx.metric("validation_auc", auc);
  return model;
}

export const trainModel = step(
  "trainModel",
  {
    output: value<DelayModel>({ name: "delay-model", materializer: delayModel }),
    trust: ["native:@duckdb/node-bindings"],
  },
  fitModel,
);
