import { pipeline } from "warmstart";
import { airportDelays } from "./steps/airport-delays.ts";
import { delayMap } from "./steps/delay-map.ts";
import { importFlights } from "./steps/import-flights.ts";
import { makeFeatures } from "./steps/make-features.ts";

const data = "node_modules/vega-datasets/data";

/** At which airports do flights leave late? Asks for the same first steps as `flights.ts`, so they are already there. */
export default pipeline("delays-by-airport", () => {
  const airports = `${data}/airports.csv`;
  const flights = importFlights({ path: `${data}/flights-3m.parquet` });
  const features = makeFeatures({ flights, airports });
  const delays = airportDelays({ features, airports });
  return { delays, map: delayMap({ delays }) };
});
