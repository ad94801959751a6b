import { join } from "node:path";
import type { FileValue, StepContext } from "warmstart";
import { file, step, value } from "warmstart";
import { literal, withDuckDb, writeParquet } from "./duckdb.ts";

const splits = {
  train: value<FileValue>(),
  validate: value<FileValue>(),
  test: value<FileValue>(),
};

/** Learn from January to April, tune on May, judge on June: a model of the future may only know the past. */
async function splitMonths(
  { features }: { features: FileValue },
  ctx: StepContext,
): Promise<Record<keyof typeof splits, FileValue>> {
  const cut = async (name: string, months: string): Promise<FileValue> => {
    const target = join(ctx.tempDirectory, `${name}.parquet`);
    await withDuckDb((connection) =>
      writeParquet(connection, `SELECT * FROM ${literal(features.path)} WHERE month BETWEEN ${months}`, target),
    );
    return file(target);
  };
  return {
    train: await cut("train", "1 AND 4"),
    validate: await cut("validate", "5 AND 5"),
    test: await cut("test", "6 AND 6"),
  };
}

export const splitByTime = step(
  "splitByTime",
  { outputs: splits, trust: ["native:@duckdb/node-bindings"] },
  splitMonths,
);
