/** How long a result waits for others at most, in milliseconds. */
const HOLD_MS = 5;
/** As many results as are recorded at once. */
const MOST_RESULTS = 32;

/** Results that are checked and recorded together, all of them of steps that had ended when it began. */
export interface ResultGroup {
  readonly size: number;
}

interface Gathering {
  size: number;
  readonly due: PromiseWithResolvers<ResultGroup>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Gathers results of steps that end within a few milliseconds of each other, so that whether sources changed is looked at
 * once for all of them, and one transaction records them. Nobody waits for it: results are only held while other steps
 * take the places of theirs.
 */
export class ResultGroups {
  #gathering: Gathering | undefined;
  #unrecorded = 0;
  #whenRecorded: PromiseWithResolvers<void> | undefined;

  /** Runs `record` with the group that a result came into; at once, with all that waits, where it `isUrgent`. */
  async join<T>(isUrgent: boolean, record: (group: ResultGroup) => Promise<T>): Promise<T> {
    this.#unrecorded++;
    try {
      return await record(await this.#enter(isUrgent));
    } finally {
      this.#unrecorded--;
      if (this.#unrecorded === 0) this.#whenRecorded?.resolve();
    }
  }

  /** Resolves when nothing is held: before something that may keep this thread busy for long. */
  async settled(): Promise<void> {
    this.#begin();
    if (this.#unrecorded === 0) return;
    this.#whenRecorded ??= Promise.withResolvers();
    await this.#whenRecorded.promise;
    this.#whenRecorded = undefined;
  }

  #enter(isUrgent: boolean): Promise<ResultGroup> {
    this.#gathering ??= {
      size: 0,
      due: Promise.withResolvers(),
      timer: setTimeout(() => this.#begin(), HOLD_MS),
    };
    const { due } = this.#gathering;
    this.#gathering.size++;
    if (isUrgent || this.#gathering.size >= MOST_RESULTS) this.#begin();
    return due.promise;
  }

  #begin(): void {
    if (this.#gathering === undefined) return;
    const { due, size, timer } = this.#gathering;
    this.#gathering = undefined;
    clearTimeout(timer);
    due.resolve({ size });
  }
}
