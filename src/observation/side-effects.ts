import path from "node:path";
import type { SideEffect } from "../model/reads.ts";
import { digestOfWhatIsAt } from "./data-digests.ts";
import type { DataDigests } from "./data-digests.ts";
import type { ObservedWrite } from "./write-observer.ts";

export interface SideEffectsInit {
  readonly digests: DataDigests;
  /** Folders in which a step may write as it likes: its temporary folder and the stores. */
  readonly ownFolders: readonly string[];
  nameOf(absolutePath: string): string;
}

export interface SideEffectsFound {
  readonly effects: readonly SideEffect[];
  /** Absolute paths that were created, replaced or removed. */
  readonly written: ReadonlySet<string>;
  /** Shown only: files that were appended to, as logs are. */
  readonly appended: readonly string[];
}

/** Collects the writes of one attempt and says at its end what they left behind. */
export class SideEffects {
  readonly #init: SideEffectsInit;
  readonly #writes = new Map<string, ObservedWrite["kind"]>();

  constructor(init: SideEffectsInit) {
    this.#init = init;
  }

  note(write: ObservedWrite): void {
    if (this.#isOwn(write.path)) return;
    if (write.kind === "appended" && this.#writes.has(write.path)) return;
    this.#writes.set(write.path, write.kind);
  }

  async finish(): Promise<SideEffectsFound> {
    const effects: SideEffect[] = [];
    const written = new Set<string>();
    const appended: string[] = [];
    for (const [file, kind] of this.#writes) {
      if (kind === "appended") appended.push(this.#init.nameOf(file));
      else {
        written.add(file);
        effects.push(await this.#effect(file));
      }
    }
    return { effects, written, appended };
  }

  #isOwn(file: string): boolean {
    return this.#init.ownFolders.some((folder) => file === folder || file.startsWith(folder + path.sep));
  }

  async #effect(file: string): Promise<SideEffect> {
    const path = this.#init.nameOf(file);
    const digest = await digestOfWhatIsAt(file, this.#init.digests);
    return { path, state: digest === undefined ? { kind: "removed" } : { kind: "file", digest } };
  }
}
