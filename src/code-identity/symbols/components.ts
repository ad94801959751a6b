interface Frame {
  readonly id: number;
  readonly next: readonly number[];
  at: number;
}

/**
 * The strongly connected components of what is reached from some nodes, each after all that it leads to. Nodes that are
 * `done` are left out, with what they lead to.
 */
export function componentsOf(
  starts: Iterable<number>,
  next: (id: number) => readonly number[],
  done: (id: number) => boolean,
): readonly (readonly number[])[] {
  const search = new ComponentSearch(next, done);
  for (const id of starts) search.from(id);
  return search.components;
}

class ComponentSearch {
  readonly components: number[][] = [];
  readonly #next: (id: number) => readonly number[];
  readonly #done: (id: number) => boolean;
  readonly #order = new Map<number, number>();
  readonly #low = new Map<number, number>();
  readonly #open = new Set<number>();
  readonly #stack: number[] = [];
  readonly #frames: Frame[] = [];

  constructor(next: (id: number) => readonly number[], done: (id: number) => boolean) {
    this.#next = next;
    this.#done = done;
  }

  /** Chains of references may be longer than the call stack is deep. */
  from(start: number): void {
    this.#enter(start);
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const child = frame.next[frame.at++];
      if (child === undefined) this.#leave(frame.id);
      else if (this.#open.has(child)) this.#lower(frame.id, this.#order.get(child) ?? 0);
      else this.#enter(child);
    }
  }

  #enter(id: number): void {
    if (this.#order.has(id) || this.#done(id)) return;
    const order = this.#order.size;
    this.#order.set(id, order);
    this.#low.set(id, order);
    this.#open.add(id);
    this.#stack.push(id);
    this.#frames.push({ id, next: this.#next(id), at: 0 });
  }

  #leave(id: number): void {
    this.#frames.pop();
    const low = this.#low.get(id) ?? 0;
    const parent = this.#frames.at(-1);
    if (parent !== undefined) this.#lower(parent.id, low);
    if (low !== this.#order.get(id)) return;
    const component = this.#stack.splice(this.#stack.lastIndexOf(id));
    for (const member of component) this.#open.delete(member);
    this.components.push(component);
  }

  #lower(id: number, low: number): void {
    if (low < (this.#low.get(id) ?? 0)) this.#low.set(id, low);
  }
}
