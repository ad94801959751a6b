import { statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { StoredProgram } from "./known-identities.ts";
import type { StoredMemo } from "./guarded-memo.ts";
import type { StoredShapes } from "./function-shapes.ts";
import { processConditions } from "./module-resolver.ts";
import type { PackageFacts } from "./package-scan.ts";
import type { StoredDetails } from "./restored-identity.ts";
import type { StoredFacts } from "./source-facts.ts";
import type { StoredUnits } from "./symbols/unit-store.ts";
import { lazy } from "../util/lazy.ts";
import { releaseVersion } from "../util/release-version.ts";
import { readStoredJson, readStoredLines, writeStoredJson, writeStoredLines } from "./stored-json.ts";

/** What an identifier keeps between processes: all of it can be found out again. */
export interface StoredIdentityFacts {
  readonly memo: StoredMemo;
  readonly facts: StoredFacts;
  /** By `name@version`. */
  readonly packages: readonly (readonly [title: string, facts: PackageFacts])[];
  readonly shapes: StoredShapes;
}

/** Bumped with any change of what is stored or of how sources are read. */
const FORMAT = 10;

const MOST_PROGRAMS = 64;

export function readStoredFacts(path: string | undefined): StoredIdentityFacts | undefined {
  return path === undefined ? undefined : (readStoredJson(path, label("facts")) as StoredIdentityFacts | undefined);
}

export async function writeStoredFacts(path: string, facts: StoredIdentityFacts): Promise<void> {
  await writeStoredJson(path, label("facts"), facts);
}

/** Of one program, by what names it: versions of it, the newest first. */
export function readStoredPrograms(path: string | undefined, key: string): readonly StoredProgram[] {
  if (path === undefined) return [];
  const lines = readStoredLines(programFile(path, key), `${label("program")} ${digestOf(key)}`);
  return Array.from({ length: lines.length / 2 }, (_, index) => [lines[2 * index], lines[2 * index + 1]]).flatMap(
    ([head, details]) => {
      const [text, rest] = [head?.(), details?.()];
      if (text === undefined || rest === undefined) return [];
      const stored = JSON.parse(text) as Omit<StoredProgram, "details">;
      return [{ ...stored, details: () => JSON.parse(rest) as StoredDetails }];
    },
  );
}

export async function writeStoredPrograms(
  path: string,
  key: string,
  programs: readonly StoredProgram[],
): Promise<void> {
  const lines = programs.flatMap(({ details, ...head }) => [head, details()]);
  const file = programFile(path, key);
  await writeStoredLines(file, `${label("program")} ${digestOf(key)}`, lines);
  await keepNewest(dirname(file));
}

/** Programs come and go. One that is removed while another process reads it is found out again. */
async function keepNewest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MOST_PROGRAMS) return;
  const files = names.map((name) => join(folder, name));
  const aged = files.map((file) => [file, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0] as const);
  const old = aged.sort(([, a], [, b]) => b - a).slice(MOST_PROGRAMS);
  await Promise.all(old.map(([file]) => rm(file, { force: true })));
}

function programFile(path: string, key: string): string {
  return join(`${path}.programs`, digestOf(key).slice(0, 16));
}

export function readStoredUnits(path: string | undefined): StoredUnits {
  return path === undefined ? [] : ((readStoredJson(`${path}.units`, label("units")) as StoredUnits | undefined) ?? []);
}

export async function writeStoredUnits(path: string, units: StoredUnits): Promise<void> {
  await writeStoredJson(`${path}.units`, label("units"), units);
}

const release = lazy(releaseVersion);

/**
 * A file under the name of another is not taken for it. Whatever else decides what an import means is part of the label:
 * other answers, another file. So is the release, since one that reads sources in another way must not go by what an
 * older one found in them.
 */
function label(what: "facts" | "program" | "units"): string {
  const [conditions, folders] = [processConditions().join(","), process.env["NODE_PATH"] ?? ""];
  const parts = [FORMAT, release(), process.versions.node, conditions, folders];
  return `warmstart-${what} ${parts.map(encodeURIComponent).join(" ")}`;
}
