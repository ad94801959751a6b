import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

/** Work of a step that reads many small files, or none. */
export interface ReadWork {
  readonly how: "text" | "bytes" | "promises" | "compute";
  readonly folder: string;
  readonly count: number;
}

export async function readWork({ how, folder, count }: ReadWork): Promise<number> {
  let sum = 0;
  const fileOf = (index: number): string => path.join(folder, `${index}.txt`);
  if (how === "text") for (let index = 0; index < count; index++) sum += readFileSync(fileOf(index), "utf8").length;
  if (how === "bytes") for (let index = 0; index < count; index++) sum += readFileSync(fileOf(index)).length;
  if (how === "promises") sum = await readTogether(count, fileOf);
  if (how === "compute")
    for (let index = 0; index < count * 5; index++) sum += createHash("sha256").update(String(index)).digest()[0] ?? 0;
  return sum;
}

async function readTogether(count: number, fileOf: (index: number) => string): Promise<number> {
  let sum = 0;
  for (let begin = 0; begin < count; begin += 64) {
    const indexes = Array.from({ length: Math.min(64, count - begin) }, (_, offset) => begin + offset);
    for (const text of await Promise.all(indexes.map((index) => readFile(fileOf(index), "utf8")))) sum += text.length;
  }
  return sum;
}
