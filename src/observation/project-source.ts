import { readFileSync } from "node:fs";
import { setSourceMapsSupport } from "node:module";
import type { LoadFnOutput, LoadHookContext } from "node:module";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { noteFaithful } from "../code-identity/faithful-sources.ts";
import { digestOf } from "../encoding/digest.ts";
import { jsonModule } from "./json-module.ts";
import { noteLoadedModule } from "./loaded-modules.ts";
import { declaredFormat, writtenFormat } from "./module-format.ts";
import { isOwnUrl, projectPathOf } from "./project-url.ts";
import { cachedModule } from "./transformed-cache.ts";
import { typeScriptModule } from "./typescript-module.ts";

type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

const TRANSFORMED = new Set([".ts", ".tsx", ".mts", ".cts", ".jsx"]);
const JAVASCRIPT = new Set([".js", ".mjs", ".cjs"]);

/** True where the program itself asked Node for source maps: then maps of plain JavaScript are followed as well. */
const mapsWanted = process.sourceMapsEnabled;
let mapsEnabled = false;

/** Loads a project source from bytes that are read once: what is stamped is what is evaluated. */
export function loadProjectSource(url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput {
  const path = projectPathOf(url);
  if (path === undefined) return isOwnUrl(url) ? withoutMaps(next(url, context)) : next(url, context);
  const ending = extname(path);
  if (TRANSFORMED.has(ending)) return transformed(path, readStamped(path));
  if (JAVASCRIPT.has(ending)) return javaScriptModule(path, readStamped(path));
  if (ending === ".json") return jsonSource(readStamped(path), context);
  return stamped(path, next(url, context));
}

/** Without the byte order mark, as Node evaluates it; the stamp is that of all bytes. */
function readStamped(path: string): string {
  const bytes = readFileSync(path);
  note(path, bytes);
  const text = bytes.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function note(path: string, bytes: Uint8Array | string): void {
  noteLoadedModule({ url: pathToFileURL(path).href, digest: digestOf(bytes) });
}

/** Other kinds, such as WebAssembly: stamped where Node hands out the bytes that it will evaluate. */
function stamped(path: string, loaded: LoadFnOutput): LoadFnOutput {
  const { source } = loaded;
  if (typeof source === "string") note(path, source);
  else if (ArrayBuffer.isView(source)) note(path, new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  else if (source instanceof ArrayBuffer) note(path, new Uint8Array(source));
  return loaded;
}

function transformed(path: string, text: string): LoadFnOutput {
  const { format, source } = cachedModule(path, text, typeScriptModule);
  enableMaps();
  if (!mapsWanted) noteFaithful(path);
  return { format, shortCircuit: true, source };
}

function javaScriptModule(path: string, text: string): LoadFnOutput {
  const format = declaredFormat(path) ?? writtenFormat(text);
  if (!mapsWanted) noteFaithful(path);
  return { format, shortCircuit: true, source: withoutMapComment(text) };
}

/** As data for `require` and `with { type: "json" }`; as a module for an import without attributes, which Node refuses. */
function jsonSource(text: string, context: LoadHookContext): LoadFnOutput {
  const attributes: LoadHookContext["importAttributes"] | undefined = context.importAttributes;
  const asData = attributes === undefined || attributes["type"] === "json";
  return asData
    ? { format: "json", shortCircuit: true, source: text }
    : { format: "module", shortCircuit: true, source: jsonModule(text) };
}

/** So that stack texts give the places of the source. Other sources keep the places that Node gives them without maps. */
function enableMaps(): void {
  if (mapsEnabled) return;
  mapsEnabled = true;
  if (!mapsWanted) setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
}

function withoutMaps(loaded: LoadFnOutput): LoadFnOutput {
  const { source } = loaded;
  if (mapsWanted || !mapsEnabled || !ArrayBuffer.isView(source)) return loaded;
  const text = Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString("utf8");
  return { ...loaded, source: withoutMapComment(text) };
}

/** The comment stays a comment of the same length, and no longer names a map. */
function withoutMapComment(text: string): string {
  return mapsWanted ? text : text.replace(/^(\s*\/[/*][#@] )sourceMappingURL=/gm, "$1sourceMappingurl=");
}
