import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Whole new texts by path; `null` removes a file. */
export type FileEdits = Readonly<Record<string, string | null>>;

/** A program whose steps are run to see what an edit does. */
export interface MutationProgram {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
  readonly entry: string;
  /** How many of the mutations it gets, compared with the others. */
  readonly weight: number;
  readonly steps: readonly { readonly name: string; readonly file: string; readonly inputs: readonly unknown[] }[];
}

/** `program.json` of a program's text: what it consists of beside its own files, and how its steps are exercised. */
interface Outline {
  readonly entry: string;
  /** 1 unless told. */
  readonly weight?: number;
  readonly links?: Readonly<Record<string, string>>;
  /** Sources of this repository and of its packages, by the folder that they come to lie in. */
  readonly copied?: Readonly<Record<string, { readonly from: string; readonly only: readonly string[] }>>;
  readonly steps: Readonly<Record<string, { readonly file?: string; readonly inputs: readonly unknown[] }>>;
}

const root = join(import.meta.dirname, "../..");
const folder = join(import.meta.dirname, "programs");
const OUTLINE = "program.json";

const stub = `const steps = (globalThis.__mutated ??= new Map());
export const step = (name, ...rest) => { steps.set(name, rest.at(-1)); return () => name; };
export const pipeline = (name, build) => ({ name, build });
export const materializer = (id, functions) => ({ id, ...functions });
export const value = (options) => ({ ...options });
export const secret = (name) => name;
export const artifact = (name) => name;
`;

/** All programs, or those of these names. */
export function readPrograms(names?: readonly string[]): readonly MutationProgram[] {
  const all = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  const wanted = all.filter((name) => names === undefined || names.includes(name.replace(".txt", "")));
  return wanted.toSorted().map((name) => readProgram(name));
}

function readProgram(file: string): MutationProgram {
  const { [OUTLINE]: outlineText = "{}", ...own } = readTexts(join(folder, file));
  const outline = JSON.parse(outlineText) as Outline;
  const copied = Object.entries(outline.copied ?? {}).flatMap(([to, { from, only }]) => copiedFiles(to, from, only));
  return {
    name: file.replace(".txt", ""),
    entry: outline.entry,
    weight: outline.weight ?? 1,
    links: outline.links ?? {},
    files: {
      "package.json": '{"name":"app","version":"1.0.0","type":"module"}',
      "node_modules/warmstart/package.json": '{"name":"warmstart","version":"1.0.0","type":"module","main":"index.js"}',
      "node_modules/warmstart/index.js": stub,
      ...Object.fromEntries(copied),
      ...own,
    },
    steps: Object.entries(outline.steps).map(([name, { file: at = outline.entry, inputs }]) => ({
      name,
      file: at,
      inputs,
    })),
  };
}

/** Reads a text in which `=== path` begins a file. */
function readTexts(path: string): Readonly<Record<string, string>> {
  const parts = readFileSync(path, "utf8").split(/^=== (.+)\n/m);
  const files: Record<string, string> = {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index] ?? ""] = parts[index + 1] ?? "";
  return files;
}

/** `only` are endings of paths, or folders with a slash at the end. */
function copiedFiles(to: string, from: string, only: readonly string[]): readonly (readonly [string, string])[] {
  const paths = readdirSync(join(root, from), { recursive: true, encoding: "utf8" }).toSorted();
  const wanted = paths.filter((path) =>
    only.some((word) => (word.endsWith("/") ? path.startsWith(word) : path.endsWith(word))),
  );
  const sources = wanted.filter((path) => /\.[cm]?[jt]sx?$|\.csv$/.test(path) && !/\.d\.ts$|\/tests?\//.test(path));
  return sources.map((path) => [join(to, path), readFileSync(join(root, from, path), "utf8")] as const);
}
