import { pipeline } from "warmstart";
import { evaluate } from "./steps/evaluate.ts";
import { importFlights } from "./steps/import-flights.ts";
import { makeFeatures } from "./steps/make-features.ts";
import { report } from "./steps/report.ts";
import { splitByTime } from "./steps/split-by-time.ts";
import type { TrainingSettings } from "./steps/train-model.ts";
import { trainModel } from "./steps/train-model.ts";

const data = "node_modules/vega-datasets/data";

/** Will this flight be more than 15 minutes late? */
export default pipeline(
  "flights",
  ({ learningRate = 0.002, epochs = 8, layers = [32, 16], seed = 1 }: Partial<TrainingSettings>) => {
    const settings = { learningRate, epochs, layers, seed };
    const flights = importFlights({ path: `${data}/flights-3m.parquet` });
    const features = makeFeatures({ flights, airports: `${data}/airports.csv` });
    const { train, validate, test } = splitByTime({ features });
    const model = trainModel({ train, validate, ...settings });
    const evaluation = evaluate({ model, train, validate, test });
    return { model, evaluation, report: report({ evaluation, settings }) };
  },
);
