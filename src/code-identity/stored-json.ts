import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { digestOf } from "../encoding/digest.ts";

/**
 * Reads what `writeStoredJson` wrote with the same label. Anything else (nothing, a torn or damaged file, another
 * version's label) is undefined: such a file only saves work, and is made again.
 */
export function readStoredJson(path: string, label: string): unknown {
  try {
    const text = readFileSync(path, "utf8");
    const head = text.indexOf("\n");
    const body = text.slice(head + 1);
    if (head === -1 || text.slice(0, head) !== headOf(label, body)) return undefined;
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Writes a value whole or not at all: a reader sees the old file or the new one. The last of two writers stays. */
export async function writeStoredJson(path: string, label: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, `${headOf(label, body)}\n${body}`);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function headOf(label: string, body: string): string {
  return `${label} ${digestOf(Buffer.from(body))}`;
}
