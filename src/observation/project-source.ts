import { readFileSync } from "node:fs";
import { setSourceMapsSupport } from "node:module";
import type { LoadFnOutput, LoadHookContext } from "node:module";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { SourceMap } from "oxc-transform";
import { digestOf } from "../encoding/digest.ts";
import { commonJsNames } from "./typescript-commonjs-names.ts";
import { jsonModule } from "./json-module.ts";
import { noteLoadedModule } from "./loaded-modules.ts";
import { declaredFormat, writtenFormat } from "./module-format.ts";
import type { ModuleFormat } from "./module-format.ts";
import { isOwnUrl, projectPathOf } from "./project-url.ts";
import { transformTypeScript } from "./typescript-transform.ts";
import type { TransformedSource } from "./typescript-transform.ts";

type NextLoad = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput;

const TRANSFORMED = new Set([".ts", ".tsx", ".mts", ".cts", ".jsx"]);
/** `import fs = require("node:fs")`, `export = value`: TypeScript's own spelling of CommonJS. */
const IMPORT_EQUALS = /^\s*(?:export\s+)?import\s+[\w$]+\s*=\s*require\s*\(/m;
const EXPORT_EQUALS = /^\s*export\s*=/m;
const JAVASCRIPT = new Set([".js", ".mjs", ".cjs"]);

/** True where the program itself asked Node for source maps: then maps of plain JavaScript are followed as well. */
const mapsWanted = process.sourceMapsEnabled;
let mapsEnabled = false;

/** Loads a project source from bytes that are read once: what is stamped is what is evaluated. */
export function loadProjectSource(url: string, context: LoadHookContext, next: NextLoad): LoadFnOutput {
  const path = projectPathOf(url);
  if (path === undefined) return isOwnUrl(url) ? withoutMaps(next(url, context)) : next(url, context);
  const ending = extname(path);
  if (TRANSFORMED.has(ending)) return typeScriptModule(path, readStamped(path));
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

function typeScriptModule(path: string, text: string): LoadFnOutput {
  const declared = declaredFormat(path);
  const made = declared === undefined ? transformUndeclared(path, text) : transformAs(declared, path, text);
  enableMaps();
  const speaksBoth = made.format === "module" && (declared === undefined || IMPORT_EQUALS.test(text));
  const names = speaksBoth ? commonJsNames(made.code) : "";
  // The names take a line of their own, above the first that the map knows.
  if (names === "") return finished(made.format, made.code, made.map);
  return finished(made.format, `${names}\n${made.code}`, lowered(made.map));
}

interface MadeModule extends TransformedSource {
  readonly format: ModuleFormat;
}

function transformAs(format: ModuleFormat, path: string, text: string): MadeModule {
  const made = transformTypeScript(path, text, format);
  return { ...made, format };
}

/** Neither the ending nor a package.json says what the file is: its text does. */
function transformUndeclared(path: string, text: string): MadeModule {
  if (EXPORT_EQUALS.test(text)) return transformAs("commonjs", path, text);
  const asModule = transformAs("module", path, text);
  if (writtenFormat(asModule.code) === "module") return asModule;
  const { code, map } = transformAs("commonjs", path, text);
  return { code: code.replace(/^export \{\};\s*$/m, ""), map, format: "commonjs" };
}

function lowered(map: SourceMap): SourceMap {
  return { ...map, mappings: `;${map.mappings}` };
}

function finished(format: ModuleFormat, code: string, map: SourceMap): LoadFnOutput {
  const inline = Buffer.from(JSON.stringify(map)).toString("base64");
  const comment = `//# sourceMappingURL=data:application/json;base64,${inline}`;
  return { format, shortCircuit: true, source: `${code}\n${comment}\n` };
}

function javaScriptModule(path: string, text: string): LoadFnOutput {
  const format = declaredFormat(path) ?? writtenFormat(text);
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
