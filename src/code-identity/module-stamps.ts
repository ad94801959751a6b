import { readFileSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { open } from "node:fs/promises";
import { createDigester, digestOf, isDigest } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { CodeIdentityError } from "../errors.ts";
import { systemClock } from "../util/clock.ts";
import type { Clock } from "../util/clock.ts";
import { readStoredJson, writeStoredJson } from "./stored-json.ts";

/** What the file system says about a file: equal stamps, long after the last change, mean equal bytes. */
export type FileStamp = string;

export interface FileDigest {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Of the bytes that were digested. */
  readonly stamp: FileStamp;
}

/** Digests of files, read again only when their stamps changed. For sources and data files alike. */
export interface FileDigests {
  /**
   * The digest of a file's bytes, read as a stream in constant memory. Undefined when there is no such file.
   *
   * @throws CodeIdentityError (`WS_SOURCE_UNREADABLE`) when it may not be read, is no file, or went on changing while
   * it was read.
   */
  digestOfFile(path: string): Promise<FileDigest | undefined>;
  /** The same at once, for sources: files that fit into memory. `bytes` are there when the file had to be read. */
  digestOfSource(path: string): (FileDigest & { readonly bytes?: Uint8Array }) | undefined;
  /** The stamp of a file or folder; undefined when there is nothing. Links are followed. */
  stampOf(path: string): FileStamp | undefined;
  /** Writes the stamp file, when there is one and something changed. */
  save(): Promise<void>;
}

export interface FileDigestsInit {
  /** Where digests are kept between processes. Damaged or missing: made again. */
  readonly stampFile?: string;
  readonly clock?: Clock;
}

/**
 * How long before it was recorded a file must have been changed last for its stamp to count: coarser than the time
 * stamps of any common file system, so that a second change within one tick is never taken for none.
 */
const RACY_MS = 2000;

const LABEL = "warmstart-files 1";
const MOST_ENTRIES = 200_000;
const CHUNK = 1 << 20;
const ATTEMPTS = 4;
/** Bytes. */
const SMALL = 1n << 16n;

type Entry = readonly [stamp: FileStamp, digest: Digest, size: number, recordedAt: number];

export function createFileDigests(init: FileDigestsInit = {}): FileDigests {
  return new StampedDigests(init.stampFile, init.clock ?? systemClock);
}

/** Whether a stamp that was recorded then may be trusted when it is found unchanged now. */
export function isSettled(stamp: FileStamp, recordedAt: number): boolean {
  const [, mtime = "", ctime = ""] = stamp.split(":");
  return Math.max(Number(mtime), Number(ctime)) / 1e6 + RACY_MS <= recordedAt;
}

class StampedDigests implements FileDigests {
  readonly #stampFile: string | undefined;
  readonly #clock: Clock;
  readonly #entries: Map<string, Entry>;
  #changed = false;

  constructor(stampFile: string | undefined, clock: Clock) {
    this.#stampFile = stampFile;
    this.#clock = clock;
    this.#entries = stampFile === undefined ? new Map() : readEntries(stampFile);
  }

  stampOf(path: string): FileStamp | undefined {
    const stats = lookAt(path);
    return stats && stampFrom(stats);
  }

  digestOfSource(path: string): (FileDigest & { readonly bytes?: Uint8Array }) | undefined {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const recordedAt = this.#clock.now();
      const stats = lookAt(path);
      if (stats === undefined) return undefined;
      const known = this.#known(path, stats);
      if (known !== undefined) return known;
      const bytes = readWhole(path, stats);
      const after = lookAt(path);
      if (bytes === undefined || after === undefined || stampFrom(after) !== stampFrom(stats)) continue;
      return { ...this.#record(path, stats, digestOf(bytes), recordedAt), bytes };
    }
    throw keepsChanging(path);
  }

  async digestOfFile(path: string): Promise<FileDigest | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const recordedAt = this.#clock.now();
      const stats = lookAt(path);
      if (stats === undefined) return undefined;
      const known = this.#known(path, stats);
      if (known !== undefined) return known;
      // One read at once costs a tenth of a stream, and many steps read many small files.
      const digest =
        stats.size <= SMALL && stats.isFile() ? this.#digestAtOnce(path, stats) : await this.#stream(path, stats);
      if (digest !== undefined) return this.#record(path, stats, digest, recordedAt);
    }
    throw keepsChanging(path);
  }

  async save(): Promise<void> {
    if (this.#stampFile === undefined || !this.#changed) return;
    this.#changed = false;
    const newest = [...this.#entries].slice(-MOST_ENTRIES);
    await writeStoredJson(this.#stampFile, LABEL, newest);
  }

  #known(path: string, stats: BigIntStats): FileDigest | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined || entry[0] !== stampFrom(stats) || !isSettled(entry[0], entry[3])) return undefined;
    return { stamp: entry[0], digest: entry[1], size: entry[2] };
  }

  #record(path: string, stats: BigIntStats, digest: Digest, recordedAt: number): FileDigest {
    const stamp = stampFrom(stats);
    const size = Number(stats.size);
    // Deleted first, so that the order of entries is the order of use and pruning drops the oldest.
    this.#entries.delete(path);
    this.#entries.set(path, [stamp, digest, size, recordedAt]);
    this.#changed = true;
    return { stamp, digest, size };
  }

  #digestAtOnce(path: string, before: BigIntStats): Digest | undefined {
    const bytes = readWhole(path, before);
    return bytes !== undefined && this.stampOf(path) === stampFrom(before) ? digestOf(bytes) : undefined;
  }

  /** Undefined when the file was not the same before and after. */
  async #stream(path: string, before: BigIntStats): Promise<Digest | undefined> {
    refuseNoFile(path, before);
    const file = await open(path).catch((error: unknown) => missingOrThrow(path, error));
    if (file === undefined) return undefined;
    try {
      const digester = createDigester();
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(4096, Number(before.size))));
      for (let size = 0n; ; ) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
        if (bytesRead > 0) digester.update(chunk.subarray(0, bytesRead));
        size += BigInt(bytesRead);
        if (bytesRead === 0)
          return size === before.size && this.stampOf(path) === stampFrom(before) ? digester.digest() : undefined;
      }
    } finally {
      await file.close();
    }
  }
}

function readEntries(stampFile: string): Map<string, Entry> {
  const stored = readStoredJson(stampFile, LABEL);
  return new Map(Array.isArray(stored) ? stored.filter(isStoredEntry) : []);
}

function isStoredEntry(item: unknown): item is readonly [string, Entry] {
  if (!Array.isArray(item) || typeof item[0] !== "string" || !Array.isArray(item[1])) return false;
  const [stamp, digest, size, recordedAt] = item[1] as unknown[];
  if (typeof stamp !== "string" || typeof digest !== "string" || !isDigest(digest)) return false;
  return typeof size === "number" && typeof recordedAt === "number";
}

function lookAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return missingOrThrow(path, error);
  }
}

function stampFrom(stats: BigIntStats): FileStamp {
  return `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}:${stats.dev}`;
}

function readWhole(path: string, stats: BigIntStats): Uint8Array | undefined {
  refuseNoFile(path, stats);
  try {
    return readFileSync(path);
  } catch (error) {
    return missingOrThrow(path, error);
  }
}

function refuseNoFile(path: string, stats: BigIntStats): void {
  if (!stats.isFile()) throw unreadable(path, "it is not a regular file");
}

/** A file that is gone, or a path that leads nowhere, is an answer; everything else is an error. */
function missingOrThrow(path: string, error: unknown): undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
  throw unreadable(path, error instanceof Error ? error.message : String(error), error);
}

function unreadable(path: string, why: string, cause?: unknown): CodeIdentityError {
  return new CodeIdentityError("WS_SOURCE_UNREADABLE", {
    message: `${path} cannot be read: ${why}.`,
    hint: "What it holds is part of a step's key. Make it readable, or remove the import or read.",
    details: { path },
    cause,
  });
}

function keepsChanging(path: string): CodeIdentityError {
  return new CodeIdentityError("WS_SOURCE_UNREADABLE", {
    message: `${path} changed each of ${ATTEMPTS} times while it was being read.`,
    hint: "Run again when nothing writes to it.",
    details: { path },
  });
}
