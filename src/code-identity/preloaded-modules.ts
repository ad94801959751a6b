import { realpathSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { joinOptionValues, nodeOptionWords, withoutQuotes } from "../util/node-options.ts";
import { packageFolderOf } from "./rooted-path.ts";

/**
 * The project's own modules that Node was told to load before everything else (`--import ./setup.ts`, `--require`). Each
 * thread loads them, too, so what they set up belongs to its program. Real paths; of packages the program names none by that.
 */
export function preloadedModules(): readonly string[] {
  const ofVariable = nodeOptionWords(process.env["NODE_OPTIONS"] ?? "").map(withoutQuotes);
  const options = [...joinOptionValues(ofVariable), ...joinOptionValues(process.execArgv)];
  const found = options.flatMap((option) => fileOf(/^--(?:import|require)=(.+)$/s.exec(option)?.[1]) ?? []);
  return [...new Set(found)].filter((file) => packageFolderOf(file) === undefined);
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
