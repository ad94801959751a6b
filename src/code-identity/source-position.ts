import { realpathSync } from "node:fs";
import { findSourceMap, SourceMap } from "node:module";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { positionInStackText, prepareStackText } from "./stack-text.ts";
import type { ScriptPlace } from "./function-inspector.ts";
import type { LinePosition } from "./syntax.ts";

/**
 * The place in the source that a place in a running script comes from; undefined when the script is the source. `thorough`
 * asks for maps that only the script itself knows of: finding it takes tens of milliseconds, once.
 */
export type MapPosition = (place: ScriptPlace, thorough: boolean) => LinePosition | undefined;

/**
 * Maps by the source map that Node knows of (`tsx`, `--enable-source-maps`, our hooks), by the one that the script carries in
 * itself, or by asking whoever rewrites stack traces (test runners), where the map leads to the very file that was loaded. A map
 * that leads elsewhere, as from `dist/x.js` to `src/x.ts`, is not followed: the code that runs is the one in `dist`.
 */
export const mapBySourceMap: MapPosition = (place, thorough) => {
  const map = findSourceMap(place.url) ?? (thorough ? inlineMap(place.sourceMapUrl()) : undefined);
  if (map === undefined) return thorough ? mapByStackTrace(place) : undefined;
  const entry = map.findEntry(place.line, place.column);
  if (!("originalSource" in entry) || !isSameFile(entry.originalSource, place.url)) return undefined;
  return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
};

/** The path of a script's or location's file: a `file:` URL or an absolute path, without query; undefined for anything else. */
export function filePathOf(url: string): string | undefined {
  const path = url.startsWith("file:") ? pathOfUrl(url.replace(/[?#].*$/s, "")) : url;
  if (path === undefined || !isAbsolute(path)) return undefined;
  try {
    return realpathSync.native(path);
  } catch {
    // It is gone, and who asks for its content will say so.
    return path;
  }
}

function pathOfUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}

/** Undefined when the text names the place as it was: then nobody knows better, or there is nothing to know. */
function mapByStackTrace(place: ScriptPlace): LinePosition | undefined {
  // The inspector gives a URL also where the script was compiled under a path, by which its map is known.
  for (const url of [place.url, filePathOf(place.url)]) {
    const text = url === undefined ? undefined : prepareStackText({ ...place, url });
    const found = text === undefined ? undefined : positionInStackText(text);
    if (found === undefined || !isSameFile(found.url, place.url)) continue;
    if (found.line !== place.line + 1 || found.column !== place.column + 1)
      return { line: found.line, column: found.column };
  }
  return undefined;
}

const inlineMaps = new Map<string, SourceMap | undefined>();

function inlineMap(url: string): SourceMap | undefined {
  if (!url.startsWith("data:")) return undefined;
  if (!inlineMaps.has(url)) inlineMaps.set(url, parseInlineMap(url));
  return inlineMaps.get(url);
}

function parseInlineMap(url: string): SourceMap | undefined {
  const comma = url.indexOf(",");
  const encoding = url.slice(0, comma).endsWith(";base64") ? "base64" : "utf8";
  const body = url.slice(comma + 1);
  try {
    const text = encoding === "base64" ? Buffer.from(body, "base64").toString("utf8") : decodeURIComponent(body);
    return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return undefined;
  }
}

function isSameFile(source: string, scriptUrl: string): boolean {
  const script = filePathOf(scriptUrl);
  if (script === undefined) return false;
  const base = scriptUrl.startsWith("file:") ? scriptUrl : `file://${scriptUrl}`;
  return filePathOf(URL.canParse(source, base) ? new URL(source, base).href : source) === script;
}
