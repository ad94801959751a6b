import type { KeyDifference } from "../encoding/key-tree.ts";
import { describeCodeChange } from "./code-change.ts";
import type { LeafDifference } from "./code-comparisons.ts";
import { recordDifferences } from "./record-difference.ts";

const SHOWN = 3;

/** The differences in one line: `rounds: 100 → 200; src/model.ts changed`. */
export function describeDifferences(differences: readonly LeafDifference[]): string {
  const texts = describeEach(differences);
  const rest = texts.length - SHOWN;
  return rest > 0 ? `${texts.slice(0, SHOWN).join("; ")}; and ${rest} more` : texts.join("; ");
}

/** One text per difference or piece of code; a package that went and came with another version is one. */
export function describeEach(differences: readonly LeafDifference[]): readonly string[] {
  const { rest, bumps } = pairPackages(differences);
  return [...new Set([...rest.flatMap(describeOne), ...bumps])];
}

function describeOne(difference: LeafDifference): readonly string[] {
  return difference.code === undefined ? [describe(difference)] : difference.code.map(describeCodeChange);
}

function describe(difference: KeyDifference): string {
  const [head = "", ...path] = difference.path;
  const name = path.join("/");
  const { before, after } = difference;
  switch (head) {
    case "config":
      return valueChange(name, before?.shown, after?.shown);
    case "inputs":
      return inputChange(name, difference.kind);
    case "code":
      return codeChange(name, difference);
    case "reads":
      return `${shortRead(name)} ${verb(difference)}`;
    case "env":
      return `environment variable ${name} changed`;
    case "runtime":
      return valueChange(runtimeNames[name] ?? name, before?.shown, after?.shown);
    case "secrets":
      return `secret ${path.at(-1) ?? ""} ${verb(difference)}`;
    case "outputs":
      return valueChange(`output ${name}`, before?.shown, after?.shown);
    default:
      return valueChange(head, before?.shown, after?.shown);
  }
}

const runtimeNames: Readonly<Record<string, string>> = {
  node: "Node",
  timeZone: "time zone",
  locale: "locale",
  icu: "ICU",
  architecture: "architecture",
};

function valueChange(name: string, before: string | undefined, after: string | undefined): string {
  if (before === undefined) return after === undefined ? `${name} changed` : `${name}: ${after} is new`;
  if (after === undefined) return `${name}: ${before} is gone`;
  if (before === after) return `${name} changed`;
  const entries = recordDifferences(before, after);
  if (entries === undefined) return `${name}: ${before} → ${after}`;
  return entries.map((entry) => `${name}.${entry.name}: ${entry.before} → ${entry.after}`).join(", ");
}

function inputChange(name: string, kind: KeyDifference["kind"]): string {
  if (kind === "changed") return `its input \`${name}\` changed`;
  return kind === "added" ? `its input \`${name}\` is new` : `its input \`${name}\` is gone`;
}

function codeChange(name: string, difference: KeyDifference): string {
  if (name === "") return "its code changed";
  if (name === "function") return "another function, or the function at another place of its file";
  if (name === "typescript") return "TypeScript's options changed";
  const text = name.replace(/^materializer:([^/]+)\//, "materializer $1: ");
  return `${text
    .replace(/file:project:|file:/, "")
    .replace("package:", "package ")
    .replace("capture:", "captured ")} ${codeVerb(name, difference)}`;
}

function codeVerb(name: string, difference: KeyDifference): string {
  const { before, after } = difference;
  if (!name.includes("capture:") || before?.shown === undefined || after?.shown === undefined) return verb(difference);
  return `${before.shown} → ${after.shown}`;
}

function verb({ kind }: KeyDifference): string {
  if (kind === "changed") return "changed";
  return kind === "added" ? "is new" : "is no longer used";
}

function shortRead(name: string): string {
  return name.replace(/^(?:file|directory|listing|folder|link|source):/, "").replace(/^project:/, "");
}

interface PackageLeaf {
  readonly prefix: string;
  readonly version: string;
}

/** `…package:zod@4.1.0` in a leaf's path. */
function packageOf({ path }: KeyDifference): PackageLeaf | undefined {
  const match = /^(.*package:.+)@([^@]+)$/.exec(path.slice(1).join("/"));
  return match === null || path[0] !== "code" ? undefined : { prefix: match[1] ?? "", version: match[2] ?? "" };
}

function pairPackages(differences: readonly LeafDifference[]): {
  readonly rest: readonly LeafDifference[];
  readonly bumps: readonly string[];
} {
  const gone = new Map<string, { readonly version: string; readonly difference: KeyDifference }>();
  for (const difference of differences) {
    const found = packageOf(difference);
    if (found !== undefined && difference.kind === "removed")
      gone.set(found.prefix, { version: found.version, difference });
  }
  const paired = new Set<KeyDifference>();
  const bumps: string[] = [];
  for (const difference of differences) {
    const found = packageOf(difference);
    const before = found === undefined || difference.kind !== "added" ? undefined : gone.get(found.prefix);
    if (found === undefined || before === undefined) continue;
    paired.add(difference).add(before.difference);
    bumps.push(`package ${found.prefix.replace(/^.*package:/, "")} ${before.version} → ${found.version}`);
  }
  return { rest: differences.filter((difference) => !paired.has(difference)), bumps };
}
