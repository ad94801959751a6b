import type { ObservedWrite } from "./observed-write.ts";
import { isStepWork } from "./own-work.ts";
import type { ObservedRead } from "./read-judges.ts";
import type { ThreadReads } from "./thread-reads.ts";

/** Where reads and writes of a thread are told to. */
export interface PathListener {
  read(read: ObservedRead): void;
  write(write: ObservedWrite): void;
  made(path: string): void;
  /** Where it is told what was handed out of whole files and left by whole writes; undefined where that is no matter. */
  whole(): ThreadReads | undefined;
}

/**
 * The paths that were read and written after the step had settled, while its outputs are stored: what is stored may or
 * may not hold what came of it. What the user's own part of storing does is still the step's.
 */
export class LateActivity implements PathListener {
  readonly #ofStep: ThreadReads;
  readonly #read = new Set<string>();
  readonly #written = new Set<string>();

  constructor(reads: ThreadReads) {
    this.#ofStep = reads;
  }

  /** Absolute paths. */
  get reads(): readonly string[] {
    return [...this.#read];
  }

  get writes(): readonly string[] {
    return [...this.#written];
  }

  read(read: ObservedRead): void {
    if (isStepWork()) this.#ofStep.read(read);
    else this.#read.add(read.path);
  }

  whole(): ThreadReads | undefined {
    return isStepWork() ? this.#ofStep : undefined;
  }

  write(write: ObservedWrite): void {
    if (isStepWork()) this.#ofStep.write(write);
    else this.#written.add(write.path);
  }

  made(file: string): void {
    if (isStepWork()) this.#ofStep.made(file);
  }
}
