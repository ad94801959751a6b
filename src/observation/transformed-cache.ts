import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { digestOf } from "../encoding/digest.ts";
import { declaredFormat } from "./module-format.ts";
import { settingsOfFolder } from "./typescript-settings.ts";
import type { ModuleText } from "./typescript-module.ts";

/** Bumped with any change of what we make of a source; the transform's own version counts beside it. */
const FORMAT = "transformed-v1";
/** A folder without it is no repository yet, and anything of ours in it would keep it from becoming one. */
const MARK = "repository.json";
const MOST_ENTRIES = 5_000;

// Taken before the file system is patched: what the loader keeps is no step's side effect.
const write = { mkdir: mkdirSync, file: writeFileSync, rename: renameSync, remove: rmSync };

const folders = new Map<string, string | undefined>();
const tidied = new Set<string>();
let transformVersion: string | undefined;

/**
 * Keeps modules made of TypeScript in `.warmstart`, named by the digest of everything that they are made from. An entry
 * begins with its own digest, so a damaged one is made again; where there is no repository nothing is kept.
 */
export function cachedModule(path: string, text: string, make: (path: string, text: string) => ModuleText): ModuleText {
  const folder = cacheFolder(dirname(path));
  if (folder === undefined) return make(path, text);
  const file = join(folder, entryName(path, text));
  const kept = readEntry(file);
  if (kept !== undefined) return kept;
  const made = make(path, text);
  keepEntry(file, made);
  return made;
}

function entryName(path: string, text: string): string {
  transformVersion ??= versionOfTransform();
  const from = [transformVersion, basename(path), declaredFormat(path) ?? "", settingsOfFolder(dirname(path))];
  return `${digestOf(`${JSON.stringify(from)}\n${text}`)}.js`;
}

function versionOfTransform(): string {
  const { version } = createRequire(import.meta.url)("oxc-transform/package.json") as { readonly version: string };
  return version;
}

/** The folder in the nearest repository at or above a source. */
function cacheFolder(folder: string): string | undefined {
  if (folders.has(folder)) return folders.get(folder);
  const repository = join(folder, ".warmstart");
  const above = dirname(folder);
  const found = existsSync(join(repository, MARK))
    ? join(repository, FORMAT)
    : above === folder
      ? undefined
      : cacheFolder(above);
  folders.set(folder, found);
  return found;
}

function readEntry(file: string): ModuleText | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const [digest, body] = [text.slice(0, 64), text.slice(65)];
  if (digestOf(body) !== digest) return undefined;
  const format = body.startsWith("module\n") ? "module" : "commonjs";
  return { format, source: body.slice(format.length + 1) };
}

/** Whether it could be kept: a folder that cannot be written to only costs time. */
function keepEntry(file: string, made: ModuleText): boolean {
  const body = `${made.format}\n${made.source}`;
  const draft = `${file}.${process.pid}-${threadId}`;
  try {
    tidy(dirname(file));
    write.file(draft, `${digestOf(body)}\n${body}`);
    write.rename(draft, file);
    return true;
  } catch {
    return false;
  }
}

/** Once per thread: a folder of too many entries is begun anew. Never makes the repository's own folder. */
function tidy(folder: string): void {
  if (tidied.has(folder)) return;
  tidied.add(folder);
  if (existsSync(folder) && readdirSync(folder).length > MOST_ENTRIES) write.remove(folder, { recursive: true });
  if (!existsSync(folder)) write.mkdir(folder);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
