import path from "node:path";
import { fileURLToPath } from "node:url";
import { errnoOf } from "../util/errno.ts";
import type { ThreadReads } from "./thread-reads.ts";

const endings = ["", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".json", ".node", "/package.json"];
const indexes = ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx", "json", "node"].map((name) => `/index.${name}`);

/**
 * A module that was asked for and is not there: that it may come is what counts. `reads` is told of every place where it
 * could come to be.
 */
export function noteFailedImport(
  specifier: string,
  parentUrl: string | undefined,
  error: unknown,
  reads: ThreadReads,
): void {
  const code = errnoOf(error);
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return;
  const folder = parentUrl?.startsWith("file:") === true ? path.dirname(fileURLToPath(parentUrl)) : process.cwd();
  for (const place of placesOf(specifier, folder)) reads.read({ path: place, kind: "presence" });
}

function placesOf(specifier: string, folder: string): readonly string[] {
  if (specifier.startsWith("file:")) return variantsOf(fileURLToPath(specifier));
  if (path.isAbsolute(specifier) || /^\.{1,2}(?:\/|$)/.test(specifier))
    return variantsOf(path.resolve(folder, specifier));
  const name = /^(?:@[^/]+\/)?[^/@#][^/]*/.exec(specifier)?.[0];
  return name === undefined ? [] : foldersAround(folder).map((around) => path.join(around, "node_modules", name));
}

function variantsOf(place: string): readonly string[] {
  const bare = place.replace(/\.[cm]?jsx?$/, "");
  return [...new Set([place, bare])].flatMap((start) => [...endings, ...indexes].map((ending) => start + ending));
}

function foldersAround(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAround(parent)];
}
