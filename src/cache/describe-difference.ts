import type { KeyDifference, KeyLeaf } from "../encoding/key-tree.ts";
import { shownPath } from "../model/shown-path.ts";
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

/** One text per difference or piece of code, each once. */
export function describeEach(differences: readonly LeafDifference[]): readonly string[] {
  return [...new Set(withPackageBumps(differences).flatMap(describeDifference))];
}

/** More than one text where several pieces of code differ; none where all of them are told with another leaf. */
export function describeDifference(difference: LeafDifference): readonly string[] {
  return difference.code === undefined ? [describe(difference)] : difference.code.map(describeCodeChange);
}

/** A package that went and came with another version is one difference: `code/package:zod`, 4.1.0 → 4.1.2. */
export function withPackageBumps(differences: readonly LeafDifference[]): readonly LeafDifference[] {
  const gone = new Map<string, { readonly version: string; readonly leaf: KeyLeaf }>();
  for (const { kind, path, before } of differences) {
    const found = kind === "removed" ? packageOf(path) : undefined;
    if (found !== undefined && before !== undefined) gone.set(found.prefix, { version: found.version, leaf: before });
  }
  const bumped = new Set<KeyLeaf>();
  const merged = differences.map((difference): LeafDifference => {
    const { kind, path, after } = difference;
    const found = kind === "added" ? packageOf(path) : undefined;
    const old = found && gone.get(found.prefix);
    if (found === undefined || old === undefined || after === undefined) return difference;
    bumped.add(old.leaf);
    return {
      kind: "changed",
      path: ["code", ...found.prefix.split("/")],
      before: { ...old.leaf, shown: old.version },
      after: { ...after, shown: found.version },
    };
  });
  return merged.filter(({ kind, before }) => kind !== "removed" || before === undefined || !bumped.has(before));
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
  if (name === "format") return "what package.json says of its sources (module or CommonJS) changed";
  const text = name.replace(/^materializer:([^/]+)\//, "materializer $1: ");
  return `${text
    .replace(/file:project:|file:/, "")
    .replace("package:", "package ")
    .replace("capture:", "captured ")} ${codeVerb(name, difference)}`;
}

function codeVerb(name: string, difference: KeyDifference): string {
  const { before, after } = difference;
  if (!/capture[^/]*:|package:/.test(name) || before?.shown === undefined || after?.shown === undefined)
    return verb(difference);
  return `${before.shown} → ${after.shown}`;
}

function verb({ kind }: KeyDifference): string {
  if (kind === "changed") return "changed";
  return kind === "added" ? "is new" : "is no longer used";
}

function shortRead(name: string): string {
  return shownPath(name.replace(/^(?:file|directory|listing|folder|presence|size|link|source):/, ""));
}

/** `…package:zod@4.1.0` in a leaf's path. */
function packageOf(path: readonly string[]): { readonly prefix: string; readonly version: string } | undefined {
  const match = /^(.*package:.+)@([^@]+)$/.exec(path.slice(1).join("/"));
  return match === null || path[0] !== "code" ? undefined : { prefix: match[1] ?? "", version: match[2] ?? "" };
}
