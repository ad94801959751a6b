import { realpathSync } from "node:fs";
import path from "node:path";

export interface PlaceNames {
  readonly projectRoot: string;
  /** Rooted name of an absolute path, by its real path. */
  readonly nameOf: (absolutePath: string) => string;
}

/**
 * The rooted name of a place, as it was asked for: a link on the way keeps its own name, since it may lead elsewhere
 * the next time. Where no link is on the way, it is the name that the file has in keys.
 *
 * @example placeName("/srv/app/latest.csv", names) // "project:latest.csv", also where that is a link to 2026-11.csv
 */
export function placeName(absolutePath: string, { projectRoot, nameOf }: PlaceNames): string {
  if (realPathOf(absolutePath) === absolutePath) return nameOf(absolutePath);
  const inside = path.relative(projectRoot, absolutePath);
  if (inside === ".." || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)) return absolutePath;
  const placed = path.join(realPathOf(projectRoot), inside);
  return realPathOf(placed) === placed ? nameOf(placed) : `project:${inside.split(path.sep).join("/")}`;
}

/** The real path where there is one; else that of the nearest folder that is there, with the rest. */
export function realPathOf(absolutePath: string): string {
  try {
    return realpathSync.native(absolutePath);
  } catch {
    const parent = path.dirname(absolutePath);
    return parent === absolutePath ? absolutePath : path.join(realPathOf(parent), path.basename(absolutePath));
  }
}
