import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Project } from "../project.ts";

/** Replaces the first occurrence, or every one. */
export type Replacement = readonly [from: string, to: string, every?: "every"];

/** By path: replacements, a whole new text, or `null` for a file that is removed. */
export type CaseEdits = Readonly<Record<string, string | null | readonly Replacement[]>>;

interface Case {
  readonly id: string;
  readonly words: string;
  /** Whether the edit can change what the step computes. */
  readonly must: "change" | "stay";
  readonly edits: CaseEdits;
}

export interface EditCase extends Case {
  /** `train` unless told. */
  readonly target?: "s3" | "inline";
  /** What the identity must be flagged with after the edit. */
  readonly flag?: string;
}

export interface AdversarialCase extends Case {
  /** `p.ts` unless told. */
  readonly entry?: string;
  readonly top: string;
  readonly body: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Reads a text in which `=== path` begins a file. */
function readProgram(path: string): Readonly<Record<string, string>> {
  const parts = readFileSync(path, "utf8").split(/^=== (.+)\n/m);
  const files: Record<string, string> = {};
  for (let index = 1; index < parts.length; index += 2) files[parts[index] ?? ""] = parts[index + 1] ?? "";
  return files;
}

/** The program of the edit cases. */
export function editProgram(): Project {
  const project = new Project(readProgram(join(import.meta.dirname, "fixtures/program.txt")));
  project.link("packages/feat", "node_modules/@acme/feat");
  return project;
}

export function adversarialProgram({ top, body, files }: AdversarialCase): Project {
  const project = new Project({
    ...files,
    "package.json": '{"type":"module"}',
    "p.ts": [
      "import { step } from 'warmstart';",
      top,
      `export const t = step('t', async () => { ${body} });`,
      "export const other = step('other', async () => 1);",
      "",
    ].join("\n"),
  });
  project.package("dj", "1.0.0", "");
  return project;
}

/** Edits the files of a project; gives what undoes it. */
export function applyEdits(root: string, edits: CaseEdits): () => void {
  const undo = Object.entries(edits).map(([path, edit]) => applyEdit(join(root, path), edit));
  return () => {
    for (const restore of undo.toReversed()) restore();
  };
}

function applyEdit(path: string, edit: CaseEdits[string]): () => void {
  const before = readIfThere(path);
  if (edit === null) rmSync(path);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof edit === "string" ? edit : replaced(path, before ?? "", edit));
  }
  return () => {
    if (before === undefined) rmSync(path);
    else writeFileSync(path, before);
  };
}

function replaced(path: string, text: string, edits: readonly Replacement[]): string {
  let result = text;
  for (const [from, to, every] of edits) {
    if (!result.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`);
    result = every === undefined ? result.replace(from, () => to) : result.replaceAll(from, () => to);
  }
  return result;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
