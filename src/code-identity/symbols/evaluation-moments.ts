import type { EffectPlacer } from "./effect-placer.ts";
import type { EffectRules } from "./effect-rules.ts";
import type { Effects } from "./effects.ts";

/**
 * For units whose evaluation reads what others change: how many of the changes come before it, by what is changed. `units` are
 * in the order of their evaluation.
 */
export function momentsOf(
  units: readonly number[],
  effects: Effects,
  rules: EffectRules,
  placer: EffectPlacer,
): ReadonlyMap<number, string> {
  const ranks = new Map(units.map((id, rank) => [id, rank]));
  const changes = new Map([...effects.targets()].map((target) => [target, ranksOf(effects.on(target), ranks)]));
  const moments = new Map<number, string>();
  if (changes.size === 0) return moments;
  for (const [id, rank] of ranks) {
    if (!rules.isCandidate(id)) continue;
    const counts = placer.runBy([id]).ids.flatMap((to) => {
      const found = changes.get(to);
      return found === undefined ? [] : [`${rules.ownOf(to)} ${countBelow(found, rank)}`];
    });
    if (counts.length > 0) moments.set(id, counts.sort().join("\n"));
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
