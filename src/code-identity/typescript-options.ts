import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import type { Guard } from "./guarded-memo.ts";

/** What of a TypeScript configuration decides how a source becomes the code that runs. */
export interface TypeScriptOptions {
  /** Real path of the nearest tsconfig.json; undefined where there is none. */
  readonly file: string | undefined;
  /** Emit options by name, `extends` followed. */
  readonly emit: Readonly<Record<string, unknown>>;
  /** True when imports may be mapped (`paths`, `baseUrl`, `rootDirs`, `references`). */
  readonly maps: boolean;
}

const EMIT = [
  "target",
  "module",
  "useDefineForClassFields",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "verbatimModuleSyntax",
  "isolatedModules",
  "importsNotUsedAsValues",
  "preserveValueImports",
  "preserveConstEnums",
  "alwaysStrict",
  "strict",
  "esModuleInterop",
  "allowSyntheticDefaultImports",
  "downlevelIteration",
  "importHelpers",
  "noEmitHelpers",
];
const MAPPING = ["paths", "baseUrl", "rootDirs"];
const MOST_EXTENDS = 32;

type Json = Readonly<Record<string, unknown>>;

/** Reads the options that hold for the sources of a folder. A configuration that cannot be read counts as an empty one. */
export function readTypeScriptOptions(folder: string, guard: Guard): TypeScriptOptions {
  const file = nearest(folder, guard);
  if (file === undefined) return { file, emit: {}, maps: false };
  const merged = readMerged(file, guard, new Set());
  const compiler = asRecord(merged["compilerOptions"]);
  const emit = Object.fromEntries(EMIT.filter((name) => name in compiler).map((name) => [name, compiler[name]]));
  return { file, emit, maps: "references" in merged || MAPPING.some((name) => name in compiler) };
}

function nearest(folder: string, guard: Guard): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, "tsconfig.json");
    guard(candidate);
    if (readText(candidate) !== undefined) return realpathSync.native(candidate);
    if (dirname(at) === at) return undefined;
  }
}

function readMerged(file: string, guard: Guard, seen: Set<string>): Json {
  if (seen.has(file) || seen.size > MOST_EXTENDS) return {};
  seen.add(file);
  guard(file);
  const own = parseJsonWithComments(readText(file) ?? "");
  const listed: unknown = own["extends"];
  const parents = Array.isArray(listed) ? (listed as unknown[]) : [listed];
  let compilerOptions: Json = {};
  for (const parent of parents) {
    const path = typeof parent === "string" ? extendedFile(parent, file) : undefined;
    if (path === undefined) continue;
    compilerOptions = { ...compilerOptions, ...asRecord(readMerged(path, guard, seen)["compilerOptions"]) };
  }
  return { ...own, compilerOptions: { ...compilerOptions, ...asRecord(own["compilerOptions"]) } };
}

function extendedFile(name: string, from: string): string | undefined {
  if (name.startsWith(".") || isAbsolute(name)) {
    const path = isAbsolute(name) ? name : join(dirname(from), name);
    return [path, `${path}.json`, join(path, "tsconfig.json")].find((candidate) => readText(candidate) !== undefined);
  }
  const require = createRequire(from);
  for (const candidate of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      const found = require.resolve(candidate);
      if (found.endsWith(".json")) return found;
    } catch {
      continue;
    }
  }
  return undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** JSON with comments and trailing commas; anything else is read as an empty object, as compilers report it elsewhere. */
function parseJsonWithComments(text: string): Json {
  const plain = text
    .replace(/^\uFEFF/, "")
    .replace(
      /("(?:[^"\\]|\\.)*")|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g,
      (_whole, quoted: string | undefined) => quoted ?? " ",
    )
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_whole, quoted: string | undefined) => quoted ?? "");
  try {
    return asRecord(JSON.parse(plain) as unknown);
  } catch {
    return {};
  }
}

function asRecord(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
