import { realpathSync } from "node:fs";
import { isSettled } from "./module-stamps.ts";
import type { FileStamp } from "./module-stamps.ts";
import type { Clock } from "../util/clock.ts";

/** What a memo keeps between processes. */
export interface StoredMemo extends StoredGuards {
  readonly values: readonly (readonly [key: string, value: unknown])[];
}

/** What answers hang on. */
export interface StoredGuards {
  readonly guards: readonly StoredGuard[];
  /** Folders by their real paths: a link that was put in the place of one, or above it, leads elsewhere. */
  readonly folders: readonly string[];
}

/** Path, its stamp (null: there was nothing), and when that was seen. */
export type StoredGuard = readonly [path: string, stamp: FileStamp | null, recordedAt: number];

/** Notes that an answer depends on what is, or is not, at a path. */
export type Guard = (path: string) => void;

/** Notes that an answer depends on a folder's having this real path. */
export type FolderGuard = (folder: string) => void;

/** Whether everything is as it was when it was guarded. A stamp that was taken too early to tell is no evidence. */
export function holds({ guards, folders }: StoredGuards, stampOf: (path: string) => FileStamp | undefined): boolean {
  return folders.every(isReal) && guards.every((guard) => isSame(guard, stampOf));
}

function isSame([path, stamp, recordedAt]: StoredGuard, stampOf: (path: string) => FileStamp | undefined): boolean {
  return (stampOf(path) ?? null) === stamp && (stamp === null || isSettled(stamp, recordedAt));
}

function isReal(folder: string): boolean {
  try {
    return realpathSync.native(folder) === folder;
  } catch {
    return false;
  }
}

/**
 * Answers that follow from the layout of the file system (what an import means, which package is installed), kept as long as
 * nothing that was looked at has changed: folders, configuration files, and places where nothing was.
 *
 * One changed guard drops all answers: resolving anew costs less than knowing which answer hung on which folder.
 */
export class GuardedMemo {
  readonly #stampOf: (path: string) => FileStamp | undefined;
  readonly #clock: Clock;
  readonly #load: () => StoredMemo | undefined;
  readonly #values = new Map<string, unknown>();
  /** Answers that no guard can keep, for this round only. */
  readonly #fleeting = new Map<string, unknown>();
  readonly #guards = new Map<string, StoredGuard>();
  readonly #folders = new Set<string>();
  #loaded = false;
  #verified = false;
  #changed = false;

  /** `load` is called when something is first asked. */
  constructor(init: {
    stampOf: (path: string) => FileStamp | undefined;
    clock: Clock;
    load: () => StoredMemo | undefined;
  }) {
    this.#stampOf = init.stampOf;
    this.#clock = init.clock;
    this.#load = init.load;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Looks at every guard, once per round. False when something changed, and every answer was dropped. */
  verify(): boolean {
    if (this.#verified) return true;
    this.#verified = true;
    this.#restore();
    if (holds(this.#guarded, this.#stampOf)) return true;
    this.#values.clear();
    this.#guards.clear();
    this.#folders.clear();
    this.#changed = true;
    return false;
  }

  /** Begins a new round: the next `verify` looks again. */
  forget(): void {
    this.#verified = false;
    this.#fleeting.clear();
  }

  /** `fleeting` tells after computing that the answer must not outlive this round. */
  get<T>(
    key: string,
    compute: (guard: Guard, guardFolder: FolderGuard) => T,
    fleeting: (value: T) => boolean = () => false,
  ): T {
    const known = this.#values.get(key) ?? this.#fleeting.get(key);
    if (known !== undefined) return known as T;
    const value = compute(
      (path) => this.#guard(path),
      (folder) => this.#folders.add(folder),
    );
    if (fleeting(value)) this.#fleeting.set(key, value);
    else {
      this.#values.set(key, value);
      this.#changed = true;
    }
    return value;
  }

  toStored(): StoredMemo {
    this.#changed = false;
    return { values: [...this.#values], ...this.#guarded };
  }

  /** Everything that the answers of this round, and earlier ones, hang on; undefined when some hang on more than is guarded. */
  get guards(): StoredGuards | undefined {
    return this.#fleeting.size > 0 ? undefined : this.#guarded;
  }

  get #guarded(): StoredGuards {
    return { guards: [...this.#guards.values()], folders: [...this.#folders] };
  }

  #restore(): void {
    if (this.#loaded) return;
    this.#loaded = true;
    const stored = this.#load();
    for (const [key, value] of stored?.values ?? []) this.#values.set(key, value);
    for (const guard of stored?.guards ?? []) this.#guards.set(guard[0], guard);
    for (const folder of stored?.folders ?? []) this.#folders.add(folder);
  }

  #guard(path: string): void {
    if (this.#guards.has(path)) return;
    const recordedAt = this.#clock.now();
    this.#guards.set(path, [path, this.#stampOf(path) ?? null, recordedAt]);
  }
}
