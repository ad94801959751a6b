import type { StoredMemo } from "./guarded-memo.ts";
import type { StoredShapes } from "./function-shapes.ts";
import { processConditions } from "./module-resolver.ts";
import type { PackageFacts } from "./package-scan.ts";
import type { StoredFacts } from "./source-facts.ts";
import type { StoredParts } from "./symbols/part-memo.ts";
import type { StoredUnits } from "./symbols/unit-store.ts";
import { readStoredJson, writeStoredJson } from "./stored-json.ts";

/** What an identifier keeps between processes: all of it can be found out again. */
export interface StoredIdentityFacts {
  readonly memo: StoredMemo;
  readonly facts: StoredFacts;
  /** By `name@version`. */
  readonly packages: readonly (readonly [title: string, facts: PackageFacts])[];
  readonly shapes: StoredShapes;
}

/** Bumped with any change of what is stored or of how sources are read. */
const FORMAT = 7;

export function readStoredFacts(path: string | undefined): StoredIdentityFacts | undefined {
  return path === undefined ? undefined : (readStoredJson(path, label()) as StoredIdentityFacts | undefined);
}

export async function writeStoredFacts(path: string, facts: StoredIdentityFacts): Promise<void> {
  await writeStoredJson(path, label(), facts);
}

export function readStoredParts(path: string | undefined): StoredParts | undefined {
  return path === undefined ? undefined : (readStoredJson(`${path}.parts`, label()) as StoredParts | undefined);
}

export async function writeStoredParts(path: string, parts: StoredParts): Promise<void> {
  await writeStoredJson(`${path}.parts`, label(), parts);
}

export function readStoredUnits(path: string | undefined): StoredUnits {
  return path === undefined ? [] : ((readStoredJson(`${path}.units`, label()) as StoredUnits | undefined) ?? []);
}

export async function writeStoredUnits(path: string, units: StoredUnits): Promise<void> {
  await writeStoredJson(`${path}.units`, label(), units);
}

/** Whatever else decides what an import means is part of the label: other answers, another file. */
function label(): string {
  const conditions = encodeURIComponent(processConditions().join(","));
  return `warmstart-sources ${FORMAT} ${process.versions.node} ${conditions} ${encodeURIComponent(process.env["NODE_PATH"] ?? "")}`;
}
