import type { SymbolLinks } from "./symbol-links.ts";

/**
 * Of effects in the order in which they happen: which say the same as earlier ones, and the how manieth each of these is. Done
 * twice is not done once, and pieces of code that are alike share a digest.
 */
export function repeatsOf(effects: Iterable<number>, links: SymbolLinks): ReadonlyMap<number, number> {
  const met = new Map<string, number>();
  const repeats = new Map<number, number>();
  for (const id of effects) {
    const { own, unit } = links.table.get(id);
    // A module is evaluated once, however often it is imported.
    if (unit?.kind === "effect-import") continue;
    const key = `${own} ${JSON.stringify(links.linksOf(id))}`;
    const times = (met.get(key) ?? 0) + 1;
    met.set(key, times);
    if (times > 1) repeats.set(id, times);
  }
  return repeats;
}
