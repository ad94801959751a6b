import type { DuckDBConnection, DuckDBVector } from "@duckdb/node-api";

/**
 * Runs `work` on a DuckDB database in memory and closes it afterwards.
 *
 * The engine (a 68 MB native library) is loaded here and nowhere else, so a run that reuses everything never loads it.
 * One thread and a sorted result make the bytes of a written Parquet file the same on every machine: with more threads
 * DuckDB may cut row groups elsewhere, which would look like changed data to every step downstream.
 */
export async function withDuckDb<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", autoinstall_known_extensions: "false" });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Writes the rows of a query to a Parquet file. The query has to fix the order of its rows. */
export async function writeParquet(connection: DuckDBConnection, query: string, path: string): Promise<void> {
  await connection.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
}

/** Reads numeric columns of a query as typed arrays, without making one JavaScript object per row. */
export async function readColumns<Name extends string>(
  connection: DuckDBConnection,
  names: readonly Name[],
  from: string,
): Promise<Record<Name, Float32Array>> {
  const counted = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM ${from}`);
  const rows = Number(counted.getRows()[0]?.[0] ?? 0);
  const columns = names.map(() => new Float32Array(rows));
  const result = await connection.stream(`SELECT ${names.map((name) => `${name}::FLOAT`).join(", ")} FROM ${from}`);
  let at = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [index, column] of columns.entries()) column.set(floats(chunk.getColumnVector(index)), at);
    at += chunk.rowCount;
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]])) as Record<Name, Float32Array>;
}

/** The numbers of a FLOAT vector as they lie in the engine's memory; asked one by one they would be boxed. */
function floats(vector: DuckDBVector): Float32Array {
  return (vector as unknown as { readonly items: Float32Array }).items;
}

/** A path or text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
