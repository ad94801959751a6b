import type { EffectPlacer } from "./effect-placer.ts";
import type { EffectRules } from "./effect-rules.ts";
import type { Effects } from "./effects.ts";
import type { ImportCircles } from "./import-circles.ts";

export interface MomentsInit {
  /** In the order of their evaluation. */
  readonly units: readonly number[];
  readonly effects: Effects;
  readonly rules: EffectRules;
  readonly placer: EffectPlacer;
  readonly circles: ImportCircles;
}

/**
 * For units whose evaluation reads what others change: how many of the changes come before it, by what is changed; and, in
 * circles of imports, what is not there yet.
 */
export function momentsOf({ units, effects, rules, placer, circles }: MomentsInit): ReadonlyMap<number, string> {
  const ranks = new Map(units.map((id, rank) => [id, rank]));
  const changes = new Map([...effects.targets()].map((target) => [target, ranksOf(effects.on(target), ranks)]));
  const moments = new Map<number, string>();
  for (const [id, rank] of ranks) {
    const reached = changes.size === 0 || !rules.isCandidate(id) ? [] : placer.runBy([id]).ids;
    const counts = reached.flatMap((to) => {
      const found = changes.get(to);
      return found === undefined ? [] : [`${rules.ownOf(to)} ${countBelow(found, rank)}`];
    });
    const missing = circles.missingFor(id, ranks).map((to) => `${rules.ownOf(to)} missing`);
    if (counts.length + missing.length > 0) moments.set(id, [...counts, ...missing].sort().join("\n"));
  }
  return moments;
}

function ranksOf(effects: readonly number[], ranks: ReadonlyMap<number, number>): readonly number[] {
  return effects.map((effect) => ranks.get(effect) ?? 0).sort((a, b) => a - b);
}

/** How many of some sorted numbers are smaller than one. */
function countBelow(sorted: readonly number[], bound: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
