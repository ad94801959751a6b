import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Guard } from "./guarded-memo.ts";
import { asRecord, parseJsonWithComments, readText } from "./json-with-comments.ts";
import type { Json } from "./json-with-comments.ts";
import { extendedFile } from "./typescript-base.ts";

/** What of a TypeScript configuration decides how a source becomes the code that runs. */
export interface TypeScriptOptions {
  /** Real path of the nearest tsconfig.json; undefined where there is none. */
  readonly file: string | undefined;
  /** Emit options by name, `extends` followed. */
  readonly emit: Readonly<Record<string, unknown>>;
  /** True when imports may be mapped (`paths`, `baseUrl`, `rootDirs`, `references`). */
  readonly maps: boolean;
  /** Why not all of it can be known, for people: `tsconfig.json extends ./base.json, which is not there`. */
  readonly problem?: string;
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

/** What is read so far: the files that one extends another through, and the first thing that is wrong. */
interface Reading {
  readonly guard: Guard;
  readonly done: Set<string>;
  readonly open: readonly string[];
  readonly problems: string[];
}

/** Reads the options that hold for the sources of a folder. What cannot be read counts as empty, and is said in `problem`. */
export function readTypeScriptOptions(folder: string, guard: Guard): TypeScriptOptions {
  const file = nearest(folder, guard);
  if (file === undefined) return { file, emit: {}, maps: false };
  const problems: string[] = [];
  const merged = readMerged(file, { guard, done: new Set(), open: [], problems });
  const compiler = asRecord(merged["compilerOptions"]);
  const emit = Object.fromEntries(EMIT.filter((name) => name in compiler).map((name) => [name, compiler[name]]));
  const maps = "references" in merged || MAPPING.some((name) => name in compiler);
  const [problem] = problems;
  return { file, emit, maps, ...(problem === undefined ? {} : { problem }) };
}

function nearest(folder: string, guard: Guard): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, "tsconfig.json");
    guard(candidate);
    if (readText(candidate) !== undefined) return realpathSync.native(candidate);
    if (dirname(at) === at) return undefined;
  }
}

function readMerged(file: string, reading: Reading): Json {
  const { guard, done, open, problems } = reading;
  if (open.includes(file)) problems.push(`${basename(file)} extends itself`);
  if (done.has(file) || done.size > MOST_EXTENDS) return {};
  done.add(file);
  guard(file);
  const own = parseJsonWithComments(readText(file) ?? "");
  if (own === undefined) problems.push(`${basename(file)} is no valid JSON`);
  const listed: unknown = own?.["extends"];
  let compilerOptions: Json = {};
  for (const parent of Array.isArray(listed) ? (listed as unknown[]) : [listed]) {
    if (typeof parent !== "string") continue;
    const path = extendedFile(parent, file, guard);
    if (path === undefined) problems.push(`${basename(file)} extends ${parent}, which is not there`);
    else {
      const base = readMerged(path, { ...reading, open: [...open, file] });
      compilerOptions = { ...compilerOptions, ...asRecord(base["compilerOptions"]) };
    }
  }
  return { ...own, compilerOptions: { ...compilerOptions, ...asRecord(own?.["compilerOptions"]) } };
}
