import { setImmediate as nextTurn } from "node:timers/promises";
import { observedAmount, resumeObservation } from "../../../observation/thread-observation.ts";
import type { StepResult } from "../../executor.ts";
import type { ThreadIntrinsics } from "./thread-intrinsics.ts";

/**
 * What a thread holds before an attempt, to be compared afterwards. That a step's code leaves nothing behind is proved by its
 * text; that nothing was left is looked at all the same.
 */
export class ThreadTraces {
  readonly #alive = alive();
  readonly #observed = observedAmount();
  readonly #intrinsics: ThreadIntrinsics;

  constructor(intrinsics: ThreadIntrinsics) {
    this.#intrinsics = intrinsics;
  }

  /** Whether another step could not tell that this attempt ever was; then the thread is observed as before it. */
  async isClean(result: StepResult): Promise<boolean> {
    if (result.kind !== "done" || result.effects.length > 0) return false;
    // What is being closed is gone a turn later.
    await nextTurn();
    if (alive() !== this.#alive || observedAmount() !== this.#observed || !this.#intrinsics.unchanged) return false;
    resumeObservation();
    return true;
  }
}

/** Timers, sockets, handles and requests of this thread. */
function alive(): string {
  return process.getActiveResourcesInfo().sort().join();
}
