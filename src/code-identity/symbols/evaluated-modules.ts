import type { EffectRules } from "./effect-rules.ts";
import type { SymbolLinks } from "./symbol-links.ts";

/**
 * All modules that are evaluated when some are imported: what they import, and what their top level may import while it
 * runs. Modules in `known` are left out.
 */
export function evaluatedModules(
  files: readonly string[],
  links: SymbolLinks,
  rules: EffectRules,
  known: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (let queue = files; queue.length > 0; ) {
    const fresh = importedFrom(queue, links, (path) => known.has(path) || found.has(path));
    for (const path of fresh) found.add(path);
    const candidates = fresh.flatMap((path) => links.unitsOf(path).filter((id) => rules.isCandidate(id)));
    const running = candidates.filter((id) => !rules.drives(id));
    // What starts a pipeline imports what it names itself; what its steps import they import later.
    const named = candidates.filter((id) => rules.drives(id)).flatMap((id) => links.next(id));
    queue = [...loadedBy(running, links, rules), ...importsAmong(named, links)].filter(
      (path) => !known.has(path) && !found.has(path),
    );
  }
  return found;
}

function importedFrom(
  files: readonly string[],
  links: SymbolLinks,
  known: (path: string) => boolean,
): readonly string[] {
  const found = new Set<string>();
  const queue = [...files];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (known(path) || found.has(path)) continue;
    found.add(path);
    queue.push(...links.requestsOf(path));
  }
  return [...found];
}

function loadedBy(units: readonly number[], links: SymbolLinks, rules: EffectRules): readonly string[] {
  return importsAmong(
    rules.runBy(units, (id) => links.next(id)),
    links,
  );
}

function importsAmong(ids: readonly number[], links: SymbolLinks): readonly string[] {
  return ids.flatMap((id) => {
    const { kind, path } = links.table.get(id);
    return kind === "evaluation" && path !== undefined ? [path] : [];
  });
}
