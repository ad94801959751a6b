import { createRequire } from "node:module";
import { dirname, extname } from "node:path";
import type { OxcError, SourceMap, TransformOptions, TransformResult } from "oxc-transform";
import { CodeIdentityError } from "../errors.ts";
import { settingsOfFolder } from "./typescript-settings.ts";
import type { TransformSettings } from "./typescript-settings.ts";

/** JavaScript made from a source, and the map back. */
export interface TransformedSource {
  readonly code: string;
  readonly map: SourceMap;
}

const LINE_OF_DECORATOR = /^[ \t]*(?:export\s+(?:default\s+)?)?@[\w$(]/m;
/** A decorator where no comment line starts. Doubt costs a second transform and nothing else. */
const LIKELY_DECORATOR = /^(?![ \t]*(?:\*|\/\/|\/\*)).*@[\w$(]/m;

let transformSync: typeof import("oxc-transform").transformSync | undefined;

/**
 * Makes JavaScript of TypeScript or JSX, one file at a time, by the project's own settings. Newer syntax stays as it is:
 * Node runs it.
 *
 * @throws CodeIdentityError (`WS_SOURCE_SYNTAX`) that names file, line and column; also for decorators of the standard's
 * kind, which Node cannot run.
 */
export function transformTypeScript(path: string, text: string, sourceType: "module" | "commonjs"): TransformedSource {
  const settings = settingsOfFolder(dirname(path));
  const options = transformOptions(path, sourceType, settings);
  const result = transform(path, text, options);
  const [error] = result.errors.filter((one) => one.severity === "Error");
  if (error !== undefined) throw syntaxError(path, text, error);
  if (result.map === undefined) throw new TypeError(`${path} was transformed without a source map.`);
  if (!settings.legacyDecorators) refuseDecorators(path, text, result.code, options);
  return { code: result.code, map: result.map };
}

/** Loaded when the first TypeScript source is: a project of plain JavaScript never pays for it. */
function transform(path: string, text: string, options: TransformOptions): TransformResult {
  transformSync ??= (createRequire(import.meta.url)("oxc-transform") as typeof import("oxc-transform")).transformSync;
  return transformSync(path, text, options);
}

function transformOptions(
  path: string,
  sourceType: "module" | "commonjs",
  settings: TransformSettings,
): TransformOptions {
  const { jsx } = settings;
  const classic = jsx.runtime === "classic" ? { jsxPragma: jsx.factory, jsxPragmaFrag: jsx.fragment } : {};
  const plain = !settings.defineFields && !path.endsWith(".jsx");
  return {
    lang: languageOf(path),
    sourceType: sourceType === "module" ? "module" : "commonjs",
    sourcemap: true,
    target: "esnext",
    typescript: {
      ...classic,
      onlyRemoveTypeImports: settings.keepUnmarkedImports,
      removeClassFieldsWithoutInitializer: plain,
    },
    assumptions: { setPublicClassFields: plain },
    decorator: {
      legacy: settings.legacyDecorators,
      emitDecoratorMetadata: settings.decoratorMetadata,
      strictNullChecks: settings.strictNullChecks,
    },
    jsx:
      jsx.runtime === "classic"
        ? { runtime: "classic", pragma: jsx.factory, pragmaFrag: jsx.fragment }
        : { runtime: "automatic", importSource: jsx.importSource },
  };
}

function languageOf(path: string): "ts" | "tsx" | "jsx" {
  const ending = extname(path);
  return ending === ".tsx" ? "tsx" : ending === ".jsx" ? "jsx" : "ts";
}

function refuseDecorators(path: string, text: string, code: string, options: TransformOptions): void {
  if (!LIKELY_DECORATOR.test(code)) return;
  const lowered = transform(path, text, { ...options, decorator: { legacy: true } });
  if (!("decorate" in lowered.helpersUsed)) return;
  const found = LINE_OF_DECORATOR.exec(text) ?? LIKELY_DECORATOR.exec(text);
  const place = placeOf(path, text.slice(0, (found?.index ?? 0) + (found?.[0].lastIndexOf("@") ?? 0)));
  throw new CodeIdentityError("WS_SOURCE_SYNTAX", {
    message: `${place}: decorators of the ECMAScript proposal cannot be run: Node does not know them.`,
    hint: 'Set "experimentalDecorators": true in tsconfig.json if these are TypeScript\'s own decorators, or call the decorating function.',
    details: { path },
  });
}

function syntaxError(path: string, text: string, error: OxcError): CodeIdentityError {
  // The places of the transform count bytes.
  const before = Buffer.from(text)
    .subarray(0, error.labels.at(-1)?.start ?? 0)
    .toString("utf8");
  return new CodeIdentityError("WS_SOURCE_SYNTAX", {
    message: `${placeOf(path, before)}: ${error.message}.`.replace(/\.\.$/, "."),
    hint: error.helpMessage ?? "Correct the source; nothing of it was evaluated.",
    details: { path, frame: error.codeframe ?? "" },
  });
}

/** `path:line:column`, both from 1, of what comes after a text. */
function placeOf(path: string, before: string): string {
  const lines = before.split(/\r\n|[\n\r\u2028\u2029]/);
  return `${path}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}
