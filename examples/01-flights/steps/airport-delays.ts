import type { FileValue, StepContext } from "warmstart";
import { step } from "warmstart";
import { literal, withDuckDb } from "./duckdb.ts";

/** What happened to the flights that left one airport. Counts and sums are whole numbers, so their order cannot matter. */
export interface AirportDelays {
  readonly iata: string;
  readonly city: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly flights: number;
  /** How many arrived more than 15 minutes late. */
  readonly late: number;
  /** All arrival delays added up, in minutes; early arrivals count negative. */
  readonly delayMinutes: number;
}

/** Adds up delays per airport of departure. Airports without a flight in the table are there too, with zeros. */
async function sumDelays(
  { features, airports }: { features: FileValue; airports: string },
  ctx: StepContext,
): Promise<AirportDelays[]> {
  const query = `
    WITH departures AS (
      SELECT origin, count(*)::INTEGER AS flights, sum(late::INTEGER)::INTEGER AS late, sum(delay)::INTEGER AS minutes
      FROM ${literal(features.path)} GROUP BY origin
    )
    SELECT iata, coalesce(city, name) AS city, coalesce(state, '') AS state, latitude, longitude,
      coalesce(flights, 0) AS flights, coalesce(late, 0) AS late, coalesce(minutes, 0) AS "delayMinutes"
    FROM read_csv(${literal(ctx.file(airports))}, header = true)
    LEFT JOIN departures ON origin = iata
    ORDER BY iata`;
  const rows = await withDuckDb(async (connection) => (await connection.runAndReadAll(query)).getRowObjectsJS());
  const delays = rows as unknown as AirportDelays[];
  ctx.metric("airports", delays.filter((airport) => airport.flights > 0).length);
  return delays;
}

export const airportDelays = step("airportDelays", { trust: ["native:@duckdb/node-bindings"] }, sumDelays);
