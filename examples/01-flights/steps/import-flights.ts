import { join } from "node:path";
import type { FileValue, StepContext } from "warmstart";
import { file, step } from "warmstart";
import { literal, withDuckDb, writeParquet } from "./duckdb.ts";

/**
 * Reads the raw flights and keeps what can be true: arrivals from 90 minutes early to a day late, departures before July
 * (the file spills six flights into 1 July). Rows are sorted by every column, so equal data gives equal bytes.
 */
async function readFlights({ path }: { path: string }, ctx: StepContext): Promise<FileValue> {
  const source = ctx.file(path);
  const target = join(ctx.tempDirectory, "flights.parquet");
  await withDuckDb(async (connection) => {
    const query = `
      SELECT date AS departure, delay::SMALLINT AS delay, distance::SMALLINT AS distance, origin, destination
      FROM ${literal(source)}
      WHERE delay BETWEEN -90 AND 1440 AND date < TIMESTAMP '2001-07-01'
      ORDER BY departure, origin, destination, delay, distance`;
    await writeParquet(connection, query, target);
    const count = (path: string): string => `(SELECT count(*)::INTEGER FROM ${literal(path)})`;
    const counted = await connection.runAndReadAll(`SELECT ${count(source)}, ${count(target)}`);
    const [read = 0, kept = 0] = (counted.getRows()[0] ?? []).map(Number);
    ctx.log(`${read} flights read, ${read - kept} dropped as impossible`);
    ctx.metric("flights", kept);
  });
  return file(target);
}

export const importFlights = step("importFlights", { trust: ["native:@duckdb/node-bindings"] }, readFlights);
