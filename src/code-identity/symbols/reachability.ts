import { componentsOf } from "./components.ts";
import { Walker } from "./reach.ts";
import type { Next } from "./reach.ts";

/** More found nodes than these are not kept together: answers are made again then. */
const MOST = 4_000_000;

/**
 * What is reached in a graph that stays as it is while it is asked. Circles are gone through once, however many nodes of them
 * are asked for, and equal questions get the same list: where effects lie on everything, everything is one circle, and
 * walking it anew for each unit would cost the square of the program.
 */
export class Reachability {
  readonly #next: Next;
  readonly #walker = new Walker();
  /** The component of each node that was met. */
  readonly #places: number[] = [];
  readonly #members: (readonly number[])[] = [];
  /** The components that a component leads to. */
  readonly #links: (readonly number[])[] = [];
  readonly #known = new Map<string, readonly number[]>();
  #kept = 0;

  constructor(next: Next) {
    this.#next = next;
  }

  /** The nodes that are reached from some, these included, each once. */
  from(starts: readonly number[]): readonly number[] {
    this.#condense(starts);
    const components = [...new Set(starts.map((id) => this.#placeOf(id)))].sort((a, b) => a - b);
    const key = components.join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const reached = this.#walker.reach(components, (component) => this.#links[component] ?? []);
    const found = reached.flatMap((component) => this.#members[component] ?? []);
    this.#keep(key, found);
    return found;
  }

  #keep(key: string, found: readonly number[]): void {
    this.#kept += found.length;
    if (this.#kept > MOST) {
      this.#known.clear();
      this.#kept = found.length;
    }
    this.#known.set(key, found);
  }

  /** Each component comes after all that it leads to. */
  #condense(starts: readonly number[]): void {
    const components = componentsOf(starts, this.#next, (id) => this.#places[id] !== undefined);
    for (const members of components) {
      const place = this.#members.push(members) - 1;
      for (const id of members) this.#places[id] = place;
      const links = new Set(members.flatMap((id) => this.#next(id).map((to) => this.#placeOf(to))));
      links.delete(place);
      this.#links.push([...links]);
    }
  }

  #placeOf(id: number): number {
    const place = this.#places[id];
    if (place === undefined) throw new RangeError(`Node ${id} was not met.`);
    return place;
  }
}
