import { lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Digest } from "../../../encoding/digest.ts";
import { ArtifactError } from "../../../errors.ts";
import { refusedPath } from "../../artifact-failure.ts";
import { fileFailure, onFile } from "../../file-failure.ts";
import { errnoOf } from "../../../util/errno.ts";
import { blobPlace, formatVersion, objectsName, objectsVersion } from "./blob-path.ts";

// The first line is fixed by the convention: backup programs look for exactly these bytes.
const cacheTag = `Signature: 8a477f597d28d172789f06886806bc55
# Warmstart keeps artifacts here. They can be computed again, so that backups may leave this folder out.
# The convention is described at https://bford.info/cachedir/
`;

/**
 * The folders of a store, made when first needed.
 *
 * Each one below the root is looked at on every use, so that a link that someone put in its place is refused, and a
 * folder that someone removed is made again. The root itself may be a link: that is how people move a store.
 */
export class StoreFolders {
  readonly root: string;
  readonly objects: string;
  readonly staging: string;
  readonly damaged: string;
  #tagged = false;
  #firstMade: string | undefined;

  constructor(root: string) {
    this.root = resolve(root);
    this.objects = join(this.root, objectsName);
    this.staging = join(this.root, "staging");
    this.damaged = join(this.root, "damaged");
  }

  /** Refuses a store of a newer format: what it holds must not be doubled or swept by rules that it no longer follows. */
  checkFormat(): void {
    const versions = this.#names()
      .map(objectsVersion)
      .filter((version) => version !== undefined);
    const newest = Math.max(0, ...versions);
    if (newest <= formatVersion || versions.includes(formatVersion)) return;
    throw new ArtifactError("WS_ARTIFACT_STORE", {
      message: `${this.root} is an artifact store of format ${newest}; this Warmstart knows format ${formatVersion}.`,
      hint: "A newer Warmstart made it: update this one, or choose another folder.",
      details: { path: this.root, found: newest, expected: formatVersion },
    });
  }

  /** The path of a blob whose folders are there; undefined when one is missing. */
  find(digest: Digest): string | undefined {
    const { shard, rest } = blobPlace(digest);
    const folder = join(this.objects, shard);
    return isFolder(this.objects) && isFolder(folder) ? join(folder, rest) : undefined;
  }

  /** The path of a blob in folders that are there from now on. */
  make(digest: Digest): string {
    const { shard, rest } = blobPlace(digest);
    const folder = join(this.objects, shard);
    this.#ensure(this.objects);
    this.#ensure(folder);
    return join(folder, rest);
  }

  makeStaging(): string {
    this.#ensure(this.staging);
    return this.staging;
  }

  makeDamaged(): string {
    this.#ensure(this.damaged);
    return this.damaged;
  }

  /** The folders above the shards that may hold an entry made for this store, topmost first. */
  ancestors(): readonly string[] {
    const found = [this.objects, this.root];
    // The root itself may be another process's work of just now, which did not reach the disk yet.
    const top = dirname(this.#firstMade ?? this.root);
    for (let at = this.root; at !== top && at !== dirname(at); at = dirname(at)) found.push(dirname(at));
    return found.reverse();
  }

  #ensure(folder: string): void {
    if (isFolder(folder)) return;
    this.#makeRoot();
    try {
      mkdirSync(folder);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST" || !isFolder(folder)) throw fileFailure("writing", folder, error);
    }
  }

  #makeRoot(): void {
    this.#firstMade = makeFolder(this.root) ?? this.#firstMade;
    if (this.#tagged) return;
    const tag = join(this.root, "CACHEDIR.TAG");
    try {
      writeFileSync(tag, cacheTag, { flag: "wx" });
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw fileFailure("writing", tag, error);
    }
    this.#tagged = true;
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.root);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw fileFailure("reading", this.root, error);
    }
  }
}

/**
 * Makes a folder and those above it; answers with the topmost that it made. Node's own recursive call says ENOENT on a
 * read-only disk, and the true reason is what people need.
 */
function makeFolder(path: string): string | undefined {
  const first = tryFolder(path);
  if (first !== "no parent") return first === "made" ? path : undefined;
  const topmost = makeFolder(dirname(path));
  return tryFolder(path) === "made" ? (topmost ?? path) : topmost;
}

function tryFolder(path: string): "made" | "there" | "no parent" {
  try {
    mkdirSync(path);
    return "made";
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EEXIST" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return "there";
    if (errno === "ENOENT" && dirname(path) !== path) return "no parent";
    throw fileFailure("writing", path, error);
  }
}

/** Whether a folder is there. Anything else under its name is refused, a link to a folder too. */
export function isFolder(path: string): boolean {
  const stats = onFile("reading", path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (stats === undefined) return false;
  if (!stats.isDirectory()) throw refusedPath(path, "a folder", kindOf(stats));
  return true;
}

/** The stats of a regular file, undefined when nothing is there. Anything else under its name is refused. */
export function regularFile(path: string): Stats | undefined {
  const stats = onFile("reading", path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (stats !== undefined && !stats.isFile()) throw refusedPath(path, "a regular file", kindOf(stats));
  return stats;
}

export function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isDirectory()) return "a folder";
  return stats.isFile() ? "a file" : "a special file";
}
