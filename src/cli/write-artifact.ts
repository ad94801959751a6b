import { createWriteStream } from "node:fs";
import { copyFile, cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline as pipe } from "node:stream/promises";
import { inspect } from "node:util";
import type { ArtifactRecord } from "../model/artifact.ts";
import { specialKindOf } from "../pipeline/value-kinds.ts";
import type { SpecialValue } from "../pipeline/value-kinds.ts";
import type { Repository } from "../repository/repository.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

export interface WriteArtifactInit {
  readonly artifact: ArtifactRecord;
  readonly repository: Repository;
  /** As it was typed; standard output unless told. */
  readonly out: string | undefined;
  /** The stored bytes as they are. */
  readonly raw: boolean;
  readonly cwd: string;
  readonly terminal: Terminal;
}

/** Writes an artifact's value to a file, a folder, or standard output; gives the path where there is one. */
export async function writeArtifact(init: WriteArtifactInit): Promise<string | undefined> {
  const { artifact, repository, out, raw, cwd } = init;
  const target = out === undefined ? undefined : path.resolve(cwd, out);
  if (target !== undefined) await mkdir(path.dirname(target), { recursive: true });
  if (raw) return writeRaw(init, target);
  const value = await repository.load(artifact);
  if (specialKindOf(value) !== undefined) return writeSpecial(value as SpecialValue, init, target);
  return writeContent(value instanceof Uint8Array ? value : valueText(value), init, target);
}

async function writeRaw(
  { artifact, repository, terminal }: WriteArtifactInit,
  target: string | undefined,
): Promise<string | undefined> {
  if (target !== undefined) await pipe(repository.queries.bytes(artifact), createWriteStream(target));
  else for await (const chunk of repository.queries.bytes(artifact)) terminal.outBytes(chunk);
  return target;
}

async function writeSpecial(
  value: SpecialValue,
  init: WriteArtifactInit,
  target: string | undefined,
): Promise<string | undefined> {
  switch (value.kind) {
    case "html":
    case "svg":
      return writeContent(value.text, init, target);
    case "file":
      if (target !== undefined) await copyFile(value.path, target);
      else init.terminal.outBytes(await value.bytes());
      return target;
    case "directory":
      if (target === undefined)
        throw usageError("A folder cannot be written to standard output.", "Give --out FOLDER.");
      await cp(value.path, target, { recursive: true });
      return target;
  }
}

async function writeContent(
  content: string | Uint8Array,
  { terminal }: WriteArtifactInit,
  target: string | undefined,
): Promise<string | undefined> {
  if (target !== undefined) await writeFile(target, content);
  else terminal.outBytes(content);
  return target;
}

/** Text as it is; data as JSON where JSON holds all of it, else as it would be inspected. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  const text = isJson(value)
    ? JSON.stringify(value, null, 2)
    : inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null });
  return `${text}\n`;
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value === "boolean" || typeof value === "string") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).every(isJson);
}
