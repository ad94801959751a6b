import type { EffectRules } from "./effect-rules.ts";
import type { Effects } from "./effects.ts";

/**
 * For units whose evaluation reads what others change: how many of the changes come before it, by what is changed. `units` are
 * in the order of their evaluation.
 */
export function momentsOf(units: readonly number[], effects: Effects, rules: EffectRules): ReadonlyMap<number, string> {
  const ranks = new Map(units.map((id, rank) => [id, rank]));
  const changed = new Map([...effects.targets()].map((target) => [target, effects.on(target)]));
  const moments = new Map<number, string>();
  if (changed.size === 0) return moments;
  for (const [id, rank] of ranks) {
    if (!rules.isCandidate(id)) continue;
    const counts = rules.runBy([id], effects.next).flatMap((to) => {
      const before = changed.get(to)?.filter((effect) => effect !== id && (ranks.get(effect) ?? 0) < rank).length;
      return before === undefined ? [] : [`${rules.ownOf(to)} ${before}`];
    });
    if (counts.length > 0) moments.set(id, counts.sort().join("\n"));
  }
  return moments;
}
