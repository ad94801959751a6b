import { statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import type { ResolveFnOutput, ResolveHookContext } from "node:module";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createModuleResolver } from "../code-identity/module-resolver.ts";
import type { ModuleResolver, ResolveKind } from "../code-identity/module-resolver.ts";
import { optionsOfFolder } from "./typescript-settings.ts";
import { projectPathOf } from "./project-url.ts";

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** Imported by transformed sources, and found beside us wherever the user's file is. */
const TRANSFORM_HELPERS = "@oxc-project/runtime/helpers/";
const NOT_FOUND = new Set([
  "ERR_MODULE_NOT_FOUND",
  "MODULE_NOT_FOUND",
  "ERR_UNSUPPORTED_DIR_IMPORT",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
]);

let resolver: ModuleResolver | undefined;

/**
 * Resolves what a project file imports: as Node does where that is sure to be meant, else by the project's rules
 * (tsconfig `paths`, endings left out, `.js` for `.ts`). What neither finds ends in Node's own error.
 */
export function resolveProjectImport(
  specifier: string,
  context: ResolveHookContext,
  next: NextResolve,
): ResolveFnOutput {
  const importer = projectPathOf(context.parentURL);
  if (importer === undefined || isBuiltin(specifier) || isForeignUrl(specifier)) return next(specifier, context);
  if (specifier.startsWith(TRANSFORM_HELPERS)) return transformHelper(specifier);
  const kind = context.conditions.includes("require") ? "require" : "import";
  if (!isPath(specifier)) return resolveBare(specifier, importer, kind, context, next);
  if (isExactFile(specifier, importer, kind)) return next(specifier, context);
  return next(byProjectRules(specifier, importer, kind) ?? specifier, context);
}

function resolveBare(
  specifier: string,
  importer: string,
  kind: ResolveKind,
  context: ResolveHookContext,
  next: NextResolve,
): ResolveFnOutput {
  if (optionsOfFolder(dirname(importer)).maps) {
    return next(byProjectRules(specifier, importer, kind) ?? specifier, context);
  }
  try {
    return next(specifier, context);
  } catch (error) {
    const found = NOT_FOUND.has(codeOf(error)) ? byProjectRules(specifier, importer, kind) : undefined;
    if (found === undefined) throw error;
    return next(found, context);
  }
}

/** In the form that Node takes for the kind of import: a URL, or a path for `require`. */
function byProjectRules(specifier: string, importer: string, kind: ResolveKind): string | undefined {
  resolver ??= createModuleResolver({ projectRoot: process.cwd() });
  const found = resolver.resolve(specifier, importer, kind);
  if (found.kind === "builtin") return found.name;
  if (found.kind === "unresolved") return undefined;
  if (kind === "require") return found.path;
  return pathToFileURL(found.path).href + (isPath(specifier) ? (/[?#].*$/s.exec(specifier)?.[0] ?? "") : "");
}

function isExactFile(specifier: string, importer: string, kind: ResolveKind): boolean {
  const path = exactPath(specifier, importer, kind);
  if (path === undefined || extname(path) === "") return false;
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function exactPath(specifier: string, importer: string, kind: ResolveKind): string | undefined {
  if (kind === "require") return resolve(dirname(importer), specifier);
  const url = URL.parse(specifier, pathToFileURL(importer).href);
  if (url === null || url.protocol !== "file:" || /%2f|%5c/i.test(url.pathname)) return undefined;
  return fileURLToPath(url);
}

function transformHelper(specifier: string): ResolveFnOutput {
  const path = createRequire(import.meta.url).resolve(specifier);
  return { url: pathToFileURL(path).href, format: "commonjs", shortCircuit: true };
}

function isPath(specifier: string): boolean {
  return /^(?:\.{0,2}\/|file:|\.{1,2}$)/.test(specifier);
}

/** `data:`, `https:` and the like; a single letter is a drive of Windows. */
function isForeignUrl(specifier: string): boolean {
  return /^[a-zA-Z][a-zA-Z+.-]+:/.test(specifier) && !specifier.startsWith("file:");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
