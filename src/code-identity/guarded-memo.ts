import { isSettled } from "./module-stamps.ts";
import type { FileStamp } from "./module-stamps.ts";
import type { Clock } from "../util/clock.ts";

/** What a memo keeps between processes. */
export interface StoredMemo {
  readonly values: readonly (readonly [key: string, value: unknown])[];
  /** Path, its stamp (null: there was nothing), and when that was seen. */
  readonly guards: readonly (readonly [path: string, stamp: FileStamp | null, recordedAt: number])[];
}

/** Notes that an answer depends on what is, or is not, at a path. */
export type Guard = (path: string) => void;

/**
 * Answers that follow from the layout of the file system (what an import means, which package is installed), kept as long as
 * nothing that was looked at has changed: folders, configuration files, and places where nothing was.
 *
 * One changed guard drops all answers: resolving anew costs less than knowing which answer hung on which folder.
 */
export class GuardedMemo {
  readonly #stampOf: (path: string) => FileStamp | undefined;
  readonly #clock: Clock;
  readonly #values: Map<string, unknown>;
  /** Answers that no guard can keep, for this round only. */
  readonly #fleeting = new Map<string, unknown>();
  readonly #guards: Map<string, readonly [stamp: FileStamp | null, recordedAt: number]>;
  #verified = false;
  #changed = false;

  constructor(init: {
    stampOf: (path: string) => FileStamp | undefined;
    clock: Clock;
    stored: StoredMemo | undefined;
  }) {
    this.#stampOf = init.stampOf;
    this.#clock = init.clock;
    this.#values = new Map(init.stored?.values);
    this.#guards = new Map(init.stored?.guards.map(([path, stamp, at]) => [path, [stamp, at]]));
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Looks at every guard, once per round. False when something changed, and every answer was dropped. */
  verify(): boolean {
    if (this.#verified) return true;
    this.#verified = true;
    for (const [path, [stamp, recordedAt]] of this.#guards) {
      if ((this.#stampOf(path) ?? null) === stamp && (stamp === null || isSettled(stamp, recordedAt))) continue;
      this.#values.clear();
      this.#guards.clear();
      this.#changed = true;
      return false;
    }
    return true;
  }

  /** Begins a new round: the next `verify` looks again. */
  forget(): void {
    this.#verified = false;
    this.#fleeting.clear();
  }

  /** `fleeting` tells after computing that the answer must not outlive this round. */
  get<T>(key: string, compute: (guard: Guard) => T, fleeting: (value: T) => boolean = () => false): T {
    const known = this.#values.get(key) ?? this.#fleeting.get(key);
    if (known !== undefined) return known as T;
    const value = compute((path) => this.#guard(path));
    if (fleeting(value)) this.#fleeting.set(key, value);
    else {
      this.#values.set(key, value);
      this.#changed = true;
    }
    return value;
  }

  toStored(): StoredMemo {
    this.#changed = false;
    return { values: [...this.#values], guards: [...this.#guards].map(([path, [stamp, at]]) => [path, stamp, at]) };
  }

  #guard(path: string): void {
    if (this.#guards.has(path)) return;
    const recordedAt = this.#clock.now();
    this.#guards.set(path, [this.#stampOf(path) ?? null, recordedAt]);
  }
}
