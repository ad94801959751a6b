import { basename } from "node:path";
import type { SourceMap } from "oxc-transform";
import { declaredFormat, writtenFormat } from "./module-format.ts";
import type { ModuleFormat } from "./module-format.ts";
import { transformTypeScript } from "./typescript-transform.ts";
import type { TransformedSource } from "./typescript-transform.ts";
import { commonJsNames } from "./typescript-commonjs-names.ts";

/** What Node evaluates in place of a TypeScript or JSX file; the map back is inside. */
export interface ModuleText {
  readonly format: ModuleFormat;
  readonly source: string;
}

interface MadeModule extends TransformedSource {
  readonly format: ModuleFormat;
}

/** `import fs = require("node:fs")`, `export = value`: TypeScript's own spelling of CommonJS. */
const IMPORT_EQUALS = /^\s*(?:export\s+)?import\s+[\w$]+\s*=\s*require\s*\(/m;
const EXPORT_EQUALS = /^\s*export\s*=/m;

/**
 * Makes a module of a TypeScript or JSX file. The result depends on the arguments, the file's name, what the nearest
 * package.json calls it and the settings of its folder, and on nothing else.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`)
 */
export function typeScriptModule(path: string, text: string): ModuleText {
  const declared = declaredFormat(path);
  const made = declared === undefined ? transformUndeclared(path, text) : transformAs(declared, path, text);
  const speaksBoth = made.format === "module" && (declared === undefined || IMPORT_EQUALS.test(text));
  const names = speaksBoth ? commonJsNames(made.code) : "";
  // The names take a line of their own, above the first that the map knows.
  const mappings = names === "" ? made.map.mappings : `;${made.map.mappings}`;
  const code = names === "" ? made.code : `${names}\n${made.code}`;
  return { format: made.format, source: `${code}\n${mapComment(path, { ...made.map, mappings })}\n` };
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

/** The source is named beside the module, so that the text is the same wherever the project lies. */
function mapComment(path: string, map: SourceMap): string {
  const { version, names, mappings } = map;
  const body = JSON.stringify({ version, sources: [encodeURIComponent(basename(path))], names, mappings });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(body).toString("base64")}`;
}
