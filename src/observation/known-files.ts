import { isSettled } from "../code-identity/module-stamps.ts";
import { readStoredJson, writeStoredJson } from "../code-identity/stored-json.ts";
import { isDigest } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { systemClock } from "../util/clock.ts";
import type { Clock } from "../util/clock.ts";
import { lazy } from "../util/lazy.ts";
import type { DataDigests } from "./data-digests.ts";

/** A large file whose bytes were digested: plain data, to be handed from thread to thread. */
export interface KnownFile {
  /** Absolute. */
  readonly path: string;
  readonly stamp: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch, before it was read. */
  readonly recordedAt: number;
}

export interface KnownFilesInit {
  readonly digests: DataDigests;
  /** What others digested. */
  readonly known?: readonly KnownFile[];
  /** Where they are kept between processes. Damaged or missing: digested again. */
  readonly stampFile?: string;
  readonly clock?: Clock;
}

/** Smaller files are digested sooner than told of. Bytes. */
const LARGE = 1 << 20;
/** As many as are handed to every thread of a step. */
const MOST_FILES = 256;
const LABEL = "warmstart-large-files 1";

/**
 * Digests of data files that remember the large ones, so that a file of gigabytes is hashed once and not by every
 * thread whose step reads it. What is remembered counts only while the file bears the stamp that it had then, and only
 * where that stamp was old enough to tell of every later change.
 */
export class KnownFiles implements DataDigests {
  readonly #digests: DataDigests;
  readonly #stampFile: string | undefined;
  readonly #clock: Clock;
  readonly #files: () => Map<string, KnownFile>;
  #changed = false;

  constructor({ digests, known = [], stampFile, clock = systemClock }: KnownFilesInit) {
    this.#digests = digests;
    this.#stampFile = stampFile;
    this.#clock = clock;
    this.#files = lazy(() => new Map([...storedFiles(stampFile), ...known].map((file) => [file.path, file])));
  }

  /** The most recently digested, which are to be known elsewhere. */
  get all(): readonly KnownFile[] {
    return [...this.#files().values()];
  }

  stampOf(path: string): string | undefined {
    return this.#digests.stampOf(path);
  }

  async digestOfFile(path: string): ReturnType<DataDigests["digestOfFile"]> {
    const known = this.#files().get(path);
    if (known !== undefined && isSettled(known.stamp, known.recordedAt) && this.stampOf(path) === known.stamp)
      return { digest: known.digest, size: known.size, stamp: known.stamp };
    const recordedAt = this.#clock.now();
    const found = await this.#digests.digestOfFile(path);
    if (found !== undefined) this.learn([{ path, ...found, recordedAt }]);
    return found;
  }

  /** Takes over what another thread digested; of two that know a file, the later one is believed. */
  learn(files: readonly KnownFile[]): void {
    const own = this.#files();
    for (const file of files) {
      const known = own.get(file.path);
      if (file.size < LARGE || (known !== undefined && known.recordedAt >= file.recordedAt)) continue;
      own.delete(file.path);
      own.set(file.path, file);
      this.#changed = true;
    }
    for (const path of [...own.keys()].slice(0, Math.max(0, own.size - MOST_FILES))) own.delete(path);
  }

  /** Writes the stamp file, when there is one and something changed. */
  async save(): Promise<void> {
    if (this.#stampFile === undefined || !this.#changed) return;
    this.#changed = false;
    await writeStoredJson(this.#stampFile, LABEL, this.all);
  }
}

function storedFiles(stampFile: string | undefined): readonly KnownFile[] {
  const stored = stampFile === undefined ? undefined : readStoredJson(stampFile, LABEL);
  return Array.isArray(stored) ? stored.filter(isKnownFile) : [];
}

function isKnownFile(item: unknown): item is KnownFile {
  const { path, stamp, digest, size, recordedAt } = (item ?? {}) as Partial<Record<keyof KnownFile, unknown>>;
  const isNamed = typeof path === "string" && typeof stamp === "string";
  return isNamed && typeof digest === "string" && isDigest(digest) && [size, recordedAt].every(Number.isFinite);
}
