import path from "node:path";
import type { ObservedWrite } from "./observed-write.ts";
import { isFree, realPlaceOf, stateOf } from "./path-state.ts";

/** What a thread itself put somewhere: no read of what was there before. */
export class OwnWrites {
  /** Files that this thread emptied or replaced, and folders that were not there before this thread made them. */
  readonly #made = new Set<string>();
  readonly #madeFolders = new Set<string>();
  readonly #appended = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #links = new Set<string>();
  /** Stamps that whole writes left; of a file that is written to by a descriptor nothing is known. */
  readonly #left = new Map<string, string>();

  get appends(): boolean {
    return this.#appended.size > 0;
  }

  /** Whether this thread put something there, be it by adding to what was there. */
  wrote(file: string): boolean {
    return this.#made.has(file) || this.#appended.has(file) || this.#removed.has(file);
  }

  /** Must be told before the write is done. */
  write({ path: file, kind, through }: ObservedWrite): void {
    this.#left.delete(file);
    if (kind === "appended") this.#appended.add(file).add(realPlaceOf(file));
    if (kind === "made") this.#makesFolder(file);
    if (kind === "removed") this.#removed.add(file);
    if (through === "symlink") this.#links.add(file);
    // What lies behind a link is not made by making the link.
    if (kind !== "replaced" || through === "symlink") return;
    if (isFree(file)) this.made(file);
    else this.#made.add(file);
  }

  /** A write of the whole file is done. */
  left(file: string): void {
    const state = stateOf(file);
    if (state.kind === "file" && this.#made.has(file)) this.#left.set(file, withoutChangeTime(state.stamp));
  }

  /** Whether somebody else wrote to a file since this thread wrote it as a whole. */
  isDisturbed(file: string): boolean {
    const left = this.#left.get(file);
    if (left === undefined) return false;
    const state = stateOf(file);
    return state.kind !== "file" || withoutChangeTime(state.stamp) !== left;
  }

  /** A file or folder that was not there before. */
  made(file: string): void {
    this.#made.add(file);
    this.#madeFolders.add(file);
  }

  isOwn(file: string): boolean {
    if (this.#made.size > 0 && this.#made.has(file)) return true;
    if (this.#madeFolders.size > 0 && placeAround(this.#madeFolders, file) !== undefined) return true;
    if (this.#removed.size === 0) return false;
    const removed = this.#removed.has(file) ? file : placeAround(this.#removed, file);
    // To remove may have failed, or somebody else put something there since.
    return removed !== undefined && isFree(removed);
  }

  /** Where a path leads that goes through a link which this thread made; otherwise the path. */
  behindLinks(file: string): string {
    if (this.#links.size === 0) return file;
    return this.#links.has(file) || placeAround(this.#links, file) !== undefined ? realPlaceOf(file) : file;
  }

  /** A folder that is about to be made, with those around it that are missing. */
  #makesFolder(folder: string): void {
    let outermost: string | undefined;
    for (let place = folder; isFree(place); place = path.dirname(place)) outermost = place;
    if (outermost === undefined) return;
    this.made(outermost);
    this.made(folder);
  }
}

function placeAround(folders: ReadonlySet<string>, file: string): string | undefined {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (folders.has(folder)) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** Modes and further names of a file change that time, and nothing in it. */
function withoutChangeTime(stamp: string): string {
  return stamp.split(":").toSpliced(2, 1).join(":");
}
