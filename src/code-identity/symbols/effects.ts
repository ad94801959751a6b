import type { EffectPlacement, EffectPlacer } from "./effect-placer.ts";
import type { Next } from "./reach.ts";

/** Which evaluations have an effect on which nodes. */
export class Effects {
  readonly #below: Next;
  readonly #on = new Map<number, Set<number>>();
  readonly #next = new Map<number, readonly number[]>();
  readonly #ranks = new Map<number, number>();

  /** `below` is the graph that these effects are laid on. */
  constructor(below: Next) {
    this.#below = below;
  }

  /** False when it was known. */
  add(target: number, effect: number): boolean {
    const known = this.#on.get(target) ?? new Set();
    if (known.has(effect)) return false;
    this.#on.set(target, known.add(effect));
    this.#next.delete(target);
    return true;
  }

  /** In the order in which they happen. */
  on(target: number): readonly number[] {
    const rankOf = (id: number): number => this.#ranks.get(id) ?? 0;
    return [...(this.#on.get(target) ?? [])].sort((a, b) => rankOf(a) - rankOf(b));
  }

  /** What is changed by some evaluation. */
  targets(): IterableIterator<number> {
    return this.#on.keys();
  }

  readonly next: Next = (id) => {
    const effects = this.#on.get(id);
    if (effects === undefined) return this.#below(id);
    const known = this.#next.get(id);
    if (known !== undefined) return known;
    const next = [...new Set([...this.#below(id), ...effects])];
    this.#next.set(id, next);
    return next;
  };

  /**
   * Places the effects of units. Since a unit also runs what others put into what it reaches, they are placed until nothing
   * is added: the least solution, the same in whatever order units come. They come in the order of their evaluation.
   */
  place(candidates: readonly number[], placerIn: (next: Next) => EffectPlacer): ReadonlyMap<number, EffectPlacement> {
    for (const id of candidates) this.#ranks.set(id, this.#ranks.size);
    for (;;) {
      const placer = placerIn(this.next);
      const placements = new Map(candidates.map((id) => [id, placer.place(id)]));
      let added = false;
      for (const [id, { targets }] of placements) {
        for (const target of targets) if (this.add(target, id)) added = true;
      }
      if (!added) return placements;
    }
  }
}
