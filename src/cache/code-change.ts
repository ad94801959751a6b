import type { CodeRecord } from "../model/code-record.ts";
import { shownPath } from "../model/shown-path.ts";

/** One piece of code that differs between two identities, and how the step leads to it. */
export interface CodeChange {
  readonly kind: "changed" | "added" | "removed";
  readonly before?: CodeRecord;
  readonly after?: CodeRecord;
  /** Names from the step's function down to the piece, which is the last: `train`, `normalise`, `parseDate`. */
  readonly via: readonly string[];
  /** For `added` and `removed`: the piece was, or still is, used elsewhere by the step. */
  readonly elsewhere?: boolean;
}

const MOST_SHOWN = 6;

/** The root over effects that belong to every step of a program. */
const WHOLE_PROGRAM = "program";

/** `src/dates.ts:12 parseDate changed, used by train → normalise → parseDate`. */
export function describeCodeChange(change: CodeChange): string {
  const { before, after } = change;
  if (before !== undefined && after !== undefined) return `${bothText(before, after)}${usedBy(change, after)}`;
  const record = after ?? before;
  if (record === undefined) return "its code changed";
  return `${codeLabel(record)} ${verbOf(change, record)}${usedBy(change, record)}`;
}

/** `src/dates.ts:12 parseDate`, `package zod 4.1.0`, `src/defaults.json`. */
export function codeLabel(record: CodeRecord): string {
  const found = packageOf(record);
  if (found !== undefined) return `package ${found.name}${found.version === undefined ? "" : ` ${found.version}`}`;
  const { file, line, name } = record;
  if (file === undefined) return name;
  const short = shownPath(file);
  if (short === name || short.endsWith(`/${name}`)) return short;
  return `${short}${line === undefined ? "" : `:${line}`} ${shortName(name)}`;
}

/** A step's function is called what its step is called: `step(train)` is `train`. */
export function shortName(name: string): string {
  return /^step\(([^()]+)\)$/.exec(name)?.[1] ?? name;
}

/** Whether a record is code that runs for what it does, and not for what it is called by. */
export function isStatement({ name }: CodeRecord): boolean {
  return name === "statement";
}

/** Packages bear their version as text, or behind their name. */
export function packageOf({
  name,
  text,
}: CodeRecord): { readonly name: string; readonly version: string | undefined } | undefined {
  const match = /^package (.[^@]*)(?:@(.+))?$/.exec(name);
  if (match === null) return undefined;
  return { name: match[1] ?? "", version: match[2] ?? text };
}

function verbOf({ kind, elsewhere }: CodeChange, record: CodeRecord): string {
  if (kind === "added") return elsewhere === true && !isStatement(record) ? "is now used" : "is new";
  return isStatement(record) ? "is gone" : "is no longer used";
}

function bothText(before: CodeRecord, after: CodeRecord): string {
  const [old, now] = [packageOf(before), packageOf(after)];
  if (old !== undefined && now !== undefined && old.name === now.name)
    return old.version === now.version ? `package ${now.name} changed` : bumpText(now.name, old.version, now.version);
  if (before.file !== after.file) return `${codeLabel(after)} instead of ${codeLabel(before)}`;
  const renamed = before.name === after.name ? "" : ` (it was ${shortName(before.name)})`;
  return `${codeLabel(after)} changed${renamed}`;
}

function bumpText(name: string, before = "?", after = "?"): string {
  return `package ${name} ${before} → ${after}`;
}

function usedBy({ kind, via, elsewhere }: CodeChange, record: CodeRecord): string {
  const above = via.slice(0, -1);
  if (above.length === 0) return "";
  if (isStatement(record)) return touching(kind, above);
  if (elsewhere === true) return ` by ${wayText(above)}`;
  // A package is named already, and is no step on the way.
  const way = wayText(packageOf(record) === undefined ? via : above);
  return kind === "removed" ? `; it was used by ${way}` : `, used by ${way}`;
}

function touching(kind: CodeChange["kind"], above: readonly string[]): string {
  const touched = above.at(-1) === WHOLE_PROGRAM ? "the whole program" : above.at(-1);
  const way = above.length < 2 ? "" : `, used by ${wayText(above)}`;
  return `, ${kind === "removed" ? "touched" : "touches"} ${touched}${way}`;
}

function wayText(names: readonly string[]): string {
  const shown = names.length <= MOST_SHOWN ? names : [...names.slice(0, 2), "…", ...names.slice(-3)];
  return shown.join(" → ");
}
