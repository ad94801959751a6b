/** What a node leads to, the effects that are known to touch it among it. */
export type Next = (id: number) => readonly number[];

/** Walks over a graph of numbered nodes. Marks are kept from walk to walk, so that none costs more than what it visits. */
export class Walker {
  readonly #marks: number[] = [];
  #round = 0;

  /** What is reached from the starts, these included, each once. `next` is asked once for each. */
  reach(starts: Iterable<number>, next: Next): readonly number[] {
    const round = ++this.#round;
    const found: number[] = [];
    const visit = (id: number): void => {
      if (this.#marks[id] === round) return;
      this.#marks[id] = round;
      found.push(id);
    };
    for (const id of starts) visit(id);
    for (let at = 0; at < found.length; at++) for (const id of next(found[at] as number)) visit(id);
    return found;
  }
}
