import { posix } from "node:path";
import { importCycles } from "./import-cycles.ts";
import { besides, layers } from "./layer-table.ts";
import { readModuleFacts } from "./module-facts.ts";
import type { ModuleFacts, ModuleReference } from "./module-facts.ts";

/** The rules that a file can break. */
export type ArchitectureRule =
  | "unknown-layer"
  | "upward-import"
  | "sideways-import"
  | "imports-fenced"
  | "imports-outside"
  | "imports-missing"
  | "cycle"
  | "file-too-long"
  | "file-name"
  | "export-star";

export interface Violation {
  readonly rule: ArchitectureRule;
  /** Where, and what was found there, for a reader. */
  readonly message: string;
}

const MAX_LINES = 500;
const OWN_NAME = "warmstart";
const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.d)?\.ts$/;
const vagueName = /(?:^|[-.])(?:utils?|helpers?|managers?|common)(?:[-.]|$)/;

/** Checks sources, given as paths like `src/cache/cache-key.ts` with their text, against the rules of the house. */
export function checkArchitecture(sources: ReadonlyMap<string, string>): readonly Violation[] {
  const facts = new Map([...sources].map(([path, text]) => [path, readModuleFacts(path, text)]));
  const graph = new Map([...facts].map(([path, { references }]) => [path, targetsOf(path, references)]));
  return [
    ...[...facts].flatMap(([path, known]) => [...checkFile(path, known), ...checkImports(path, known, sources)]),
    ...importCycles(graph).map((files) => violation("cycle", `these import each other: ${files.join(", ")}`)),
  ];
}

function violation(rule: ArchitectureRule, message: string): Violation {
  return { rule, message };
}

function checkFile(path: string, facts: ModuleFacts): readonly Violation[] {
  const name = posix.basename(path);
  const found: Violation[] = facts.starExports.map((line) =>
    violation("export-star", `${path}:${line} exports everything of a module; list the names`),
  );
  if (!kebabCase.test(name)) found.push(violation("file-name", `${path} is not kebab-case`));
  if (vagueName.test(name)) found.push(violation("file-name", `${path} does not say what is in it`));
  if (facts.lineCount > MAX_LINES) {
    found.push(violation("file-too-long", `${path} has ${facts.lineCount} lines, more than ${MAX_LINES}`));
  }
  if (rankOf(entryOf(path)) === undefined) {
    found.push(violation("unknown-layer", `${path} stands in "${entryOf(path)}", which the layer table does not list`));
  }
  return found;
}

function checkImports(path: string, facts: ModuleFacts, sources: ReadonlyMap<string, string>): readonly Violation[] {
  return facts.references.flatMap((reference) => {
    const target = resolve(path, reference.specifier);
    const where = `${path}:${reference.line} imports ${reference.specifier}`;
    if (target === undefined) return ownName(reference.specifier) ? [violation("imports-outside", where)] : [];
    if (!target.startsWith("src/")) return [violation("imports-outside", where)];
    if (!sources.has(target)) return [violation("imports-missing", `${where}, and there is no such file`)];
    return checkLayers(where, entryOf(path), entryOf(target));
  });
}

function checkLayers(where: string, from: string, to: string): readonly Violation[] {
  const own = rankOf(from);
  const other = rankOf(to);
  if (from === to || own === undefined || other === undefined) return [];
  if (besides.has(to)) return [violation("imports-fenced", `${where}: nothing in src may import ${to}`)];
  const only = besides.get(from)?.only;
  if (only !== undefined && !only.includes(to)) {
    return [violation("upward-import", `${where}: ${from} may import ${only.join(", ")} alone`)];
  }
  if (other > own) return [violation("upward-import", `${where}: ${to} lies above ${from}`)];
  if (other === own && !besides.has(from)) {
    return [violation("sideways-import", `${where}: ${to} and ${from} are siblings`)];
  }
  return [];
}

/** The row of an entry; entries beside the layers count as standing on the highest row that they may import. */
function rankOf(entry: string): number | undefined {
  const name = besides.get(entry)?.upTo ?? entry;
  const row = layers.findIndex((names) => names.includes(name));
  return row === -1 ? undefined : row;
}

/** `src/cache/cache-key.ts` → `cache`; `src/errors.ts` → `errors.ts`. */
function entryOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function resolve(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(path), specifier);
}

function ownName(specifier: string): boolean {
  return specifier === OWN_NAME || specifier.startsWith(`${OWN_NAME}/`);
}

function targetsOf(path: string, references: readonly ModuleReference[]): readonly string[] {
  return references.flatMap(({ specifier }) => resolve(path, specifier) ?? []);
}
