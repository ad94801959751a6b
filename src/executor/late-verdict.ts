import path from "node:path";
import { shownPath } from "../model/shown-path.ts";
import { placeName } from "../observation/place-name.ts";
import type { PlaceNames } from "../observation/place-name.ts";
import type { ThreadObservation } from "../observation/thread-observation.ts";
import { unseenActivity } from "../observation/unseen-activity.ts";
import { specialKindOf } from "../pipeline/value-kinds.ts";

export interface LateVerdictInit extends PlaceNames {
  /** Folders in which nothing counts: the step's temporary folder and the repository. */
  readonly ownFolders: readonly string[];
  /** What the step returned. */
  readonly values: readonly unknown[];
  /** Absolute paths that the step read. */
  readonly read: readonly string[];
}

export interface LateVerdict {
  /** Why the result may be used by this run alone, for people. */
  readonly refused: string | undefined;
  /** What was done late and harms nothing, as a logger does that flushes. */
  readonly warnings: readonly string[];
}

/** Whether there is anything to judge. */
export function wasLate({ activity, environment, late }: ThreadObservation): boolean {
  return [late.reads, late.writes, environment.late, activity.late].some(({ length }) => length > 0);
}

const devices = ["/proc/", "/sys/", "/dev/"];

/**
 * Judges what a step went on doing after it had settled, while its outputs were stored: whatever it learnt then, or wrote
 * to what it read or returned, may be in the outputs or not.
 */
export function judgeLate({ activity, environment, late }: ThreadObservation, init: LateVerdictInit): LateVerdict {
  const shown = (file: string): string => shownPath(placeName(file, init));
  const touched = [...init.read, ...returnedPaths(init.values)];
  const harmful = late.writes.filter((file) => touched.some((other) => isWithin(other, file)));
  const deeds = [
    ...late.reads.filter((file) => counts(file, init.ownFolders)).map((file) => `read ${shown(file)}`),
    ...environment.late.map((name) => `read the environment variable ${name}`),
    ...harmful.map((file) => `wrote to ${shown(file)}`),
    ...unseenActivity(activity.late, init).map(({ kind, name }) => `${kind}:${name}`),
  ];
  const others = late.writes.filter((file) => !harmful.includes(file) && counts(file, init.ownFolders));
  return {
    refused: deeds.length === 0 ? undefined : `it went on after it had settled (${firstOf(deeds)})`,
    warnings: others.map((file) => `wrote to ${shown(file)} after it had settled`),
  };
}

function returnedPaths(values: readonly unknown[]): readonly string[] {
  return values.flatMap((value) => {
    const kind = specialKindOf(value);
    return kind === "file" || kind === "directory" ? [(value as { readonly path: string }).path] : [];
  });
}

function counts(file: string, ownFolders: readonly string[]): boolean {
  return !ownFolders.some((folder) => isWithin(folder, file)) && !devices.some((folder) => file.startsWith(folder));
}

function isWithin(folder: string, file: string): boolean {
  return file === folder || file.startsWith(folder + path.sep);
}

function firstOf(deeds: readonly string[]): string {
  const rest = deeds.length - 3;
  return rest > 0 ? `${deeds.slice(0, 3).join(", ")} and ${rest} more` : deeds.join(", ");
}
