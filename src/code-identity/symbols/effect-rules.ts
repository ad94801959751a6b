import type { Digest } from "../../encoding/digest.ts";
import { Reachability } from "./reachability.ts";
import type { Next } from "./reach.ts";
import type { SymbolLinks } from "./symbol-links.ts";
import { isDefinition } from "./symbol-node.ts";
import type { SymbolNode } from "./symbol-node.ts";

/** What there is to say of top-level units by references alone: effects come later. */
export class EffectRules {
  readonly #links: SymbolLinks;
  readonly #references: Reachability;
  readonly #drivers = new Map<number, boolean>();
  readonly #keeping = new Map<readonly number[], boolean>();

  constructor(links: SymbolLinks) {
    this.#links = links;
    this.#references = new Reachability(this.outsideOfSteps((id) => links.next(id)));
  }

  /** Whether evaluating the unit may do anything beside giving its names their values. */
  isCandidate(id: number): boolean {
    const node = this.#node(id);
    const { unit } = node;
    return (
      unit !== undefined &&
      !isDefinition(node) &&
      (unit.facts.runs || unit.facts.reads || unit.kind === "effect-import")
    );
  }

  /** Of a node, without what it leads to. */
  ownOf(id: number): Digest {
    return this.#node(id).own;
  }

  /** What may run when units are evaluated: steps that they define do not. */
  runBy(ids: readonly number[]): readonly number[] {
    return this.#references.from(ids);
  }

  /** Whether it makes steps or starts pipelines, by functions of the project perhaps. */
  drives(id: number): boolean {
    const known = this.#drivers.get(id);
    if (known !== undefined) return known;
    const drives = this.runBy(this.calledBy(id)).some((to) => {
      const node = this.#node(to);
      return node.kind === "own" || isDefinition(node);
    });
    this.#drivers.set(id, drives);
    return drives;
  }

  /** What a unit calls while it is evaluated, as far as it is known. */
  calledBy(id: number): readonly number[] {
    const { unit } = this.#node(id);
    if (unit === undefined) return [];
    const called = this.#links.targetsOf(id, unit.facts.calls);
    // Where nothing of the project is called, what is handed over is called by what is not seen: `[a].forEach(load)`.
    const seen = called.some((to) => this.#node(to).unit !== undefined);
    return seen ? called : [...called, ...this.#links.targetsOf(id, unit.facts.hands)];
  }

  /** Whether what it leads to keeps state that has no name. */
  keepsState(id: number): boolean {
    const reached = this.runBy([id]);
    const known = this.#keeping.get(reached);
    if (known !== undefined) return known;
    const keeps = reached.some((to) => {
      const node = this.#node(to);
      return !isDefinition(node) && node.unit?.facts.keeps === true;
    });
    this.#keeping.set(reached, keeps);
    return keeps;
  }

  outsideOfSteps(next: Next): Next {
    return (id) => (isDefinition(this.#node(id)) ? [] : next(id));
  }

  #node(id: number): SymbolNode {
    return this.#links.table.get(id);
  }
}
