import { join } from "node:path";
import type { FileValue, StepContext } from "warmstart";
import { file, step } from "warmstart";
import { literal, withDuckDb, writeParquet } from "./duckdb.ts";

/**
 * One row per flight: when it leaves, where it flies, how usual that is, and whether it arrived more than 15 minutes late.
 *
 * `usual` is the share of the route's flights from January to April that left in this hour, `usual_before` in the hour
 * before: a departure at two on a route that flies at one has probably waited already.
 */
async function describeFlights(
  { flights, airports }: { flights: FileValue; airports: string },
  ctx: StepContext,
): Promise<FileValue> {
  const target = join(ctx.tempDirectory, "features.parquet");
  const query = featureQuery(literal(flights.path), literal(ctx.file(airports)));
  await withDuckDb((connection) => writeParquet(connection, query, target));
  return file(target);
}

const featureQuery = (flights: string, airports: string): string => `
  WITH flight AS (
    SELECT *, hour(departure) AS hour, (month(departure) <= 4)::INTEGER AS itself FROM ${flights}
  ), place AS (
    SELECT iata, latitude::FLOAT AS latitude, longitude::FLOAT AS longitude FROM read_csv(${airports}, header = true)
  ), seen AS (
    SELECT origin, destination, hour, count(*) AS flights FROM flight WHERE itself = 1 GROUP BY ALL
  ), route AS (
    SELECT origin, destination, sum(flights) AS flights FROM seen GROUP BY ALL
  )
  SELECT
    month(departure)::UTINYINT AS month,
    day(departure)::UTINYINT AS day,
    (isodow(departure) - 1)::UTINYINT AS weekday,
    f.hour::UTINYINT AS hour,
    distance,
    a.latitude AS origin_latitude, a.longitude AS origin_longitude,
    b.latitude AS destination_latitude, b.longitude AS destination_longitude,
    ((coalesce(now.flights, 0) - itself) / greatest(coalesce(route.flights, 0) - itself, 1))::FLOAT AS usual,
    (coalesce(before.flights, 0) / greatest(coalesce(route.flights, 0) - itself, 1))::FLOAT AS usual_before,
    f.origin, f.destination,
    delay,
    (delay > 15) AS late
  FROM flight f
  JOIN place a ON a.iata = f.origin
  JOIN place b ON b.iata = f.destination
  LEFT JOIN route ON route.origin = f.origin AND route.destination = f.destination
  LEFT JOIN seen now ON now.origin = f.origin AND now.destination = f.destination AND now.hour = f.hour
  LEFT JOIN seen before ON before.origin = f.origin AND before.destination = f.destination AND before.hour = f.hour - 1
  ORDER BY departure, f.origin, f.destination, delay, distance`;

export const makeFeatures = step("makeFeatures", { trust: ["native:@duckdb/node-bindings"] }, describeFlights);
