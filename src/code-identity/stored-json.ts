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

/**
 * Reads what `writeStoredLines` wrote with the same label: each line's text is checked when it is asked for, and undefined when
 * it was damaged. No lines when there is nothing, or another version's file.
 */
export function readStoredLines(path: string, label: string): readonly (() => string | undefined)[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  const [head = "", ...lines] = text.split("\n");
  if (!head.startsWith(`${label} `)) return [];
  const digests = head.slice(label.length + 1).split(" ");
  return lines.map((line, index) => () => (digestOf(Buffer.from(line)) === digests[index] ? line : undefined));
}

/** Writes values of which a reader may want but some. */
export async function writeStoredLines(path: string, label: string, values: readonly unknown[]): Promise<void> {
  const lines = values.map((value) => JSON.stringify(value));
  const digests = lines.map((line) => digestOf(Buffer.from(line)));
  await writeWhole(path, [[label, ...digests].join(" "), ...lines].join("\n"));
}

/** Writes a value whole or not at all: a reader sees the old file or the new one. The last of two writers stays. */
export async function writeStoredJson(path: string, label: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  await writeWhole(path, `${headOf(label, body)}\n${body}`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function headOf(label: string, body: string): string {
  return `${label} ${digestOf(Buffer.from(body))}`;
}
