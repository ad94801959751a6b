import type { EffectRules } from "./effect-rules.ts";
import type { SymbolLinks } from "./symbol-links.ts";

/**
 * All modules that are evaluated when some are imported: what they import, and what their top level may import while it
 * runs, in the order of their evaluation. Modules in `known` are left out.
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
    queue = [...importsAmong(rules.runBy(running), links), ...importsAmong(named, links)].filter(
      (path) => !known.has(path) && !found.has(path),
    );
  }
  return found;
}

/** In the order of evaluation: what a module imports before it, in the order of its imports. */
function importedFrom(
  files: readonly string[],
  links: SymbolLinks,
  known: (path: string) => boolean,
): readonly string[] {
  const met = new Set<string>();
  const found: string[] = [];
  // By hand: chains of imports may be longer than the stack.
  const open = [{ path: "", requests: files, at: 0 }];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const path = frame.requests[frame.at++];
    if (path === undefined) {
      open.pop();
      if (frame.path !== "") found.push(frame.path);
    } else if (!known(path) && !met.has(path)) {
      met.add(path);
      open.push({ path, requests: links.requestsOf(path), at: 0 });
    }
  }
  return found;
}

function importsAmong(ids: readonly number[], links: SymbolLinks): readonly string[] {
  return ids.flatMap((id) => {
    const { kind, path } = links.table.get(id);
    return kind === "evaluation" && path !== undefined ? [path] : [];
  });
}
