/** What the scheduler needs of a node. */
export interface ScheduledNode {
  readonly id: string;
  /** Ids of the nodes that must be done before, each once. */
  readonly needs: readonly string[];
}

type Status = "waiting" | "ready" | "taken" | "done" | "failed" | "canceled";

interface Entry {
  readonly node: ScheduledNode;
  readonly dependants: string[];
  status: Status;
  /** How many of its needs are not done. */
  missing: number;
}

/**
 * Which nodes may run now. Pure: it knows ids and edges, no time, no steps and no I/O.
 *
 * A node is ready when all that it needs is done, taken once it was handed out, and then done or failed; a failure
 * cancels everything behind it. `reset` puts a node and all behind it back to the beginning.
 */
export class Scheduler {
  readonly #entries = new Map<string, Entry>();
  readonly #ready = new Set<string>();
  #open: number;

  constructor(nodes: readonly ScheduledNode[]) {
    for (const node of nodes)
      this.#entries.set(node.id, { node, dependants: [], status: "waiting", missing: node.needs.length });
    for (const { id, needs } of nodes) for (const need of needs) this.#entry(need).dependants.push(id);
    this.#open = nodes.length;
    for (const entry of this.#entries.values()) if (entry.missing === 0) this.#makeReady(entry);
  }

  /** True when every node is done, failed or canceled. */
  get finished(): boolean {
    return this.#open === 0;
  }

  /** How many nodes are not done, failed or canceled. */
  get open(): number {
    return this.#open;
  }

  /** Hands out every ready node, in the order of the graph. */
  take(): readonly string[] {
    const ids = [...this.#ready];
    this.#ready.clear();
    for (const id of ids) this.#entry(id).status = "taken";
    return ids;
  }

  /** Gives back a node that was taken: it is ready again, or waits when something it needs was reset meanwhile. */
  release(id: string): void {
    const entry = this.#entry(id);
    if (entry.status !== "taken") return;
    if (entry.missing === 0) this.#makeReady(entry);
    else entry.status = "waiting";
  }

  /** Ends a node that was taken; anything else is passed over. */
  done(id: string): void {
    const entry = this.#entry(id);
    if (entry.status !== "taken") return;
    entry.status = "done";
    this.#open--;
    for (const dependant of entry.dependants) {
      const behind = this.#entry(dependant);
      behind.missing--;
      if (behind.missing === 0 && behind.status === "waiting") this.#makeReady(behind);
    }
  }

  /** Returns the nodes that can no longer run because of it, in the order of the graph. */
  failed(id: string): readonly string[] {
    this.#close(this.#entry(id), "failed");
    return this.#cancelBehind(id);
  }

  /** Cancels every node that has not been taken; returns them. */
  cancelWaiting(): readonly string[] {
    const ids: string[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.status !== "waiting" && entry.status !== "ready") continue;
      this.#close(entry, "canceled");
      ids.push(entry.node.id);
    }
    this.#ready.clear();
    return ids;
  }

  /** Cancels one node that was taken. */
  canceled(id: string): void {
    this.#close(this.#entry(id), "canceled");
  }

  /** Every node behind this one, nearest first. */
  behind(id: string): readonly string[] {
    const found = new Set<string>();
    const queue = [...this.#entry(id).dependants];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (found.has(next)) continue;
      found.add(next);
      queue.push(...this.#entry(next).dependants);
    }
    return [...found];
  }

  /**
   * Makes a node that was done run again. What is directly behind it and was not taken waits for it; what was taken or
   * done stays so until the caller releases or resets it too.
   */
  reset(id: string): void {
    const entry = this.#entry(id);
    if (entry.status !== "done") return;
    this.#open++;
    for (const dependant of entry.dependants) {
      const behind = this.#entry(dependant);
      behind.missing++;
      if (behind.status !== "ready") continue;
      this.#ready.delete(dependant);
      behind.status = "waiting";
    }
    entry.status = "waiting";
    if (entry.missing === 0) this.#makeReady(entry);
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`the graph has no node ${id}`);
    return entry;
  }

  #makeReady(entry: Entry): void {
    entry.status = "ready";
    this.#ready.add(entry.node.id);
  }

  #close(entry: Entry, status: "failed" | "canceled"): void {
    if (entry.status === "done" || entry.status === "failed" || entry.status === "canceled") return;
    entry.status = status;
    this.#ready.delete(entry.node.id);
    this.#open--;
  }

  #cancelBehind(id: string): readonly string[] {
    const ids = this.behind(id).filter((behind) => {
      const { status } = this.#entry(behind);
      return status === "waiting" || status === "ready";
    });
    for (const behind of ids) this.#close(this.#entry(behind), "canceled");
    return ids;
  }
}
