import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";
import type { ProgramGraph } from "./program-graph.ts";
import type { SymbolNode } from "./symbol-node.ts";

/**
 * Which of several installed packages of one name each piece of code gets. Their versions are told elsewhere, and none of them
 * is in a digest, so that an upgrade does not look like an edit; but two that change places are a change. Undefined where
 * each name means one package, as nearly always.
 */
export function packageWiring(
  reached: readonly SymbolNode[],
  program: ProgramGraph,
  nodeAt: (id: number) => SymbolNode,
  titleOf: (folder: string) => string,
): Digest | undefined {
  const several = ambiguousFolders(reached);
  if (several.size === 0) return undefined;
  const lines = reached.flatMap(({ id }) => {
    const folders = program.next(id).flatMap((to) => folderOf(nodeAt(to), several));
    return folders.map((folder) => `${program.digestOf(id)} ${titleOf(folder)}`);
  });
  return digestOf(`package wiring\n${[...new Set(lines)].sort().join("\n")}`);
}

function folderOf({ kind, folder, path }: SymbolNode, several: ReadonlySet<string>): readonly string[] {
  return kind === "package" && path !== undefined && folder !== undefined && several.has(folder) ? [folder] : [];
}

function ambiguousFolders(reached: readonly SymbolNode[]): ReadonlySet<string> {
  const byName = new Map<string, Set<string>>();
  for (const { kind, name, folder } of reached) {
    if (kind !== "package" || folder === undefined) continue;
    byName.set(name, (byName.get(name) ?? new Set()).add(folder));
  }
  return new Set([...byName.values()].filter((folders) => folders.size > 1).flatMap((folders) => [...folders]));
}
