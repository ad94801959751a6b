import { existsSync, statSync } from "node:fs";
import { devNull } from "node:os";
import path from "node:path";
import type { SideEffect } from "../model/reads.ts";
import { lazy } from "../util/lazy.ts";
import { digestAt } from "./data-digests.ts";
import type { DataDigests } from "./data-digests.ts";
import { placeName, realPathOf } from "./place-name.ts";
import type { ObservedWrite } from "./observed-write.ts";

export interface SideEffectsInit {
  readonly projectRoot: string;
  readonly digests: DataDigests;
  /** Folders in which a step may write as it likes: its temporary folder and the stores. */
  readonly ownFolders: readonly string[];
  nameOf(absolutePath: string): string;
}

export interface SideEffectsFound {
  readonly effects: readonly SideEffect[];
  /** Absolute paths that were created, replaced or removed. */
  readonly written: ReadonlySet<string>;
  /** Shown only: files that were appended to, as logs are, and devices and pipes, which keep nothing. */
  readonly appended: readonly string[];
  /** What was written and cannot be read back, so that nobody can say later whether it still stands. */
  readonly unreadable: readonly string[];
}

/** Collects the writes of one attempt and says at its end what they left behind. */
export class SideEffects {
  readonly #init: SideEffectsInit;
  readonly #ownFolders: () => readonly string[];
  readonly #writes = new Map<string, ObservedWrite["kind"]>();
  /** Folders and files that were not there when they were made or first appended to. */
  readonly #begun = new Set<string>();

  constructor(init: SideEffectsInit) {
    this.#init = init;
    this.#ownFolders = lazy(() => [...new Set(init.ownFolders.flatMap((folder) => [folder, realPathOf(folder)]))]);
  }

  note(write: ObservedWrite): void {
    if (this.#isOwn(write.path)) return;
    const adds = write.kind === "appended" || write.kind === "made";
    if (adds && this.#writes.has(write.path)) return;
    // Told before it is done, so what is not there now is begun by it.
    if (adds && !existsSync(write.path)) this.#begun.add(write.path);
    if (write.kind !== "made" || this.#begun.has(write.path)) this.#writes.set(write.path, write.kind);
  }

  async finish(): Promise<SideEffectsFound> {
    const effects: SideEffect[] = [];
    const written = new Set<string>();
    const appended: string[] = [];
    const unreadable: string[] = [];
    for (const [file, kind] of this.#writes) {
      const name = placeName(file, this.#init);
      if (kind === "appended" || keepsNothing(file)) appended.push(name);
      if (kind === "appended" || kind === "made") {
        if (this.#begun.has(file))
          effects.push({ path: name, state: { kind: existsSync(file) ? "present" : "removed" } });
      } else if (!keepsNothing(file)) {
        written.add(file);
        const effect = await this.#effect(file, name);
        if (effect === undefined) unreadable.push(name);
        else effects.push(effect);
      }
    }
    return { effects, written, appended, unreadable };
  }

  #isOwn(file: string): boolean {
    if (file === devNull) return true;
    return this.#ownFolders().some((folder) => file === folder || file.startsWith(folder + path.sep));
  }

  async #effect(file: string, name: string): Promise<SideEffect | undefined> {
    try {
      const digest = await digestAt(file, this.#init.digests);
      return { path: name, state: digest === undefined ? { kind: "removed" } : { kind: "file", digest } };
    } catch {
      return undefined;
    }
  }
}

const APPENDED = ", which a hit will not do again";

/** What is recorded of a file that an execution appended to. */
export function appendWarning(file: string): string {
  return `wrote to ${file}${APPENDED}`;
}

/** The file of such a warning; undefined for other warnings. */
export function appendedFile(warning: string): string | undefined {
  return warning.startsWith("wrote to ") && warning.endsWith(APPENDED)
    ? warning.slice("wrote to ".length, -APPENDED.length)
    : undefined;
}

/** Whether it is a device, a pipe or a socket. */
function keepsNothing(file: string): boolean {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats !== undefined && !stats.isFile() && !stats.isDirectory();
  } catch {
    return false;
  }
}
