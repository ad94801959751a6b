import type { ReadRecord } from "../model/reads.ts";
import { shownPath } from "../model/shown-path.ts";

/** What a step declared through its `ctx`: rooted names of files and folders, names of variables. */
export interface DeclaredReads {
  readonly places: readonly string[];
  readonly variables: ReadonlySet<string>;
}

/**
 * What was read and not declared, for people. A package's reads of its own files are part of the package, by its version.
 */
export function undeclaredReads(reads: readonly ReadRecord[], declared: DeclaredReads): readonly string[] {
  const undeclared = reads.filter(({ kind, name }) => {
    if (kind === "env") return !declared.variables.has(name);
    if (name.startsWith("package:") || /[:/]node_modules\//.test(name)) return false;
    return !declared.places.some((place) => name === place || name.startsWith(`${place}/`));
  });
  return [...new Set(undeclared.map(shown))];
}

function shown({ kind, name }: ReadRecord): string {
  return kind === "env" ? `the environment variable ${name}` : shownPath(name);
}
