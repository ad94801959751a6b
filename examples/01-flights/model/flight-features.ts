/** The columns of the feature table that the network may look at. Month is left out: the test month was never trained on. */
export const featureColumns = [
  "hour",
  "weekday",
  "distance",
  "origin_latitude",
  "origin_longitude",
  "destination_latitude",
  "destination_longitude",
  "usual",
  "usual_before",
] as const;

export type FlightColumns = Readonly<Record<(typeof featureColumns)[number], Float32Array>>;

const scaledColumns = featureColumns.filter((name) => name !== "weekday");
const clockWaves = 3;
const weekdays = 7;

/** How many numbers describe one flight to the network. */
export const inputWidth: number = scaledColumns.length + 2 * clockWaves + weekdays;

/** What a column is centred on and divided by, learnt from the training months only. */
export interface Scaling {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Sums in row order on one thread, so the same table always gives the same scaling. */
export function fitScaling(flights: FlightColumns): Scaling {
  const mean = new Float32Array(scaledColumns.length);
  const deviation = new Float32Array(scaledColumns.length);
  for (const [index, name] of scaledColumns.entries()) {
    let sum = 0;
    let squares = 0;
    for (const x of flights[name]) {
      sum += x;
      squares += x * x;
    }
    const rows = flights[name].length;
    mean[index] = sum / rows;
    deviation[index] = Math.sqrt(Math.max(squares / rows - (sum / rows) ** 2, 0)) || 1;
  }
  return { mean, deviation };
}

/** Turns flights into the network's numbers, one flight at a time. */
export class FlightEncoder {
  readonly #columns: readonly Float32Array[];
  readonly #weekday: Float32Array;
  readonly #hour: Float32Array;
  readonly #scaling: Scaling;

  constructor(flights: FlightColumns, scaling: Scaling) {
    this.#columns = scaledColumns.map((name) => flights[name]);
    this.#weekday = flights.weekday;
    this.#hour = flights.hour;
    this.#scaling = scaling;
  }

  /** Writes the flight of a row into `into`, starting at `at`. */
  encode(row: number, into: Float32Array, at: number): void {
    const { mean, deviation } = this.#scaling;
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index++) {
      into[at + index] = ((columns[index]?.[row] ?? 0) - (mean[index] ?? 0)) / (deviation[index] ?? 1);
    }
    const waves = clock[this.#hour[row] ?? 0] as Float32Array;
    into.set(waves, at + columns.length);
    const weekday = at + columns.length + waves.length;
    into.fill(0, weekday, weekday + weekdays);
    into[weekday + (this.#weekday[row] ?? 0)] = 1;
  }
}

/** Each hour of the day as a point on circles that turn once, twice and three times a day, so 23 lies beside 0. */
const clock = Array.from({ length: 24 }, (_, hour) =>
  Float32Array.from({ length: 2 * clockWaves }, (_, index) => {
    const angle = (Math.floor(index / 2) + 1) * (hour / 24) * 2 * Math.PI;
    return index % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  }),
);
