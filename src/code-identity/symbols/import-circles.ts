import { componentsOf } from "./components.ts";
import type { EffectRules } from "./effect-rules.ts";
import type { SymbolLinks } from "./symbol-links.ts";
import type { SymbolNode } from "./symbol-node.ts";

/**
 * Which module of a circle of imports is evaluated first depends on who imports it first. For units that may look at others of
 * their circle while they are evaluated: what is not there yet by then. Outside of circles, what a module imports is there.
 */
export class ImportCircles {
  readonly #links: SymbolLinks;
  readonly #rules: EffectRules;
  readonly #circles: ReadonlyMap<string, number>;

  constructor(modules: Iterable<string>, links: SymbolLinks, rules: EffectRules) {
    this.#links = links;
    this.#rules = rules;
    this.#circles = circlesOf([...modules], links);
  }

  /** Units of other modules that a unit can reach and that are evaluated after it. `ranks` say when units are evaluated. */
  missingFor(id: number, ranks: ReadonlyMap<number, number>): readonly number[] {
    const node = this.#links.table.get(id);
    const circle = this.#circleOf(node);
    if (circle === undefined || !this.#looks(node)) return [];
    const rank = ranks.get(id) ?? 0;
    return this.#rules.runBy([id]).filter((to) => {
      const other = this.#links.table.get(to);
      // Function declarations are there from the beginning.
      if (other.path === node.path || other.unit?.kind === "function") return false;
      return this.#circleOf(other) === circle && (ranks.get(to) ?? 0) > rank;
    });
  }

  #circleOf({ path }: SymbolNode): number | undefined {
    return path === undefined ? undefined : this.#circles.get(path);
  }

  /** Bodies of functions and methods look later. */
  #looks({ id, unit }: SymbolNode): boolean {
    return this.#rules.isCandidate(id) || (unit?.kind === "variable" && unit.holds === "object");
  }
}

function circlesOf(modules: readonly string[], links: SymbolLinks): ReadonlyMap<string, number> {
  const places = new Map(modules.map((path, place) => [path, place]));
  const requested = (place: number): readonly number[] =>
    links.requestsOf(modules[place] ?? "").flatMap((path) => places.get(path) ?? []);
  const components = componentsOf(modules.keys(), requested, () => false);
  const circles = components.filter(({ length }) => length > 1);
  return new Map(circles.flatMap((members, circle) => members.map((place) => [modules[place] ?? "", circle] as const)));
}
