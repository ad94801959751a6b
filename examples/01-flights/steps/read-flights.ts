import type { FlightColumns } from "../model/flight-features.ts";
import { featureColumns } from "../model/flight-features.ts";
import { literal, readColumns, withDuckDb } from "./duckdb.ts";

export interface LabelledFlights {
  readonly flights: FlightColumns;
  readonly month: Float32Array;
  /** 1 for a flight that arrived more than 15 minutes late, else 0. */
  readonly late: Float32Array;
}

const labelledColumns = [...featureColumns, "month", "late"] as const;

/** Reads every `every`-th flight of a feature table, in the order of the table. */
export async function readFlights(path: string, every = 1): Promise<LabelledFlights> {
  const rows = `(SELECT * FROM read_parquet(${literal(path)}, file_row_number = true) WHERE file_row_number % ${every} = 0)`;
  const columns = await withDuckDb((connection) => readColumns(connection, labelledColumns, rows));
  return { flights: columns, month: columns.month, late: columns.late };
}
