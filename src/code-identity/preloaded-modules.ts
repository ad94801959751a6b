import { realpathSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFolderOf } from "./rooted-path.ts";

/** Words of `NODE_OPTIONS`: quotes keep blanks together. */
const WORD = /(?:"(?:\\.|[^"\\])*"|[^\s"])+/g;

/**
 * The project's own modules that Node was told to load before everything else (`--import ./setup.ts`, `--require`). Each
 * thread loads them, too, so what they set up belongs to its program. Real paths; of packages the program names none by that.
 */
export function preloadedModules(): readonly string[] {
  const ofVariable = [...(process.env["NODE_OPTIONS"] ?? "").matchAll(WORD)].map(([word]) => withoutQuotes(word));
  const words = [...ofVariable, ...process.execArgv];
  const found = words.flatMap((word, index) => fileOf(specifierAt(word, words[index + 1])) ?? []);
  return [...new Set(found)].filter((file) => packageFolderOf(file) === undefined);
}

function specifierAt(word: string, next: string | undefined): string | undefined {
  if (word === "--import" || word === "--require" || word === "-r") return next;
  return /^(?:--import|--require|-r)=(.+)$/s.exec(word)?.[1];
}

function fileOf(specifier: string | undefined): string | undefined {
  if (specifier === undefined) return undefined;
  try {
    const isUrl = specifier.startsWith("file:");
    if (!isUrl && !isAbsolute(specifier) && !/^\.{1,2}[/\\]/.test(specifier)) return undefined;
    return realpathSync.native(isUrl ? fileURLToPath(specifier) : resolve(specifier));
  } catch {
    // Whatever is not there is not loaded either: Node has said so by now.
    return undefined;
  }
}

function withoutQuotes(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, text: string) => text.replaceAll(/\\(.)/g, "$1"));
}
