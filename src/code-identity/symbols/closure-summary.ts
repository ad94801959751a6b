import type { UnseenActivity } from "../../model/reads.ts";
import type { PlaceOf } from "./closure-places.ts";
import { isContained } from "./contained.ts";
import type { ProgramGraph } from "./program-graph.ts";
import type { CodeWarning, SymbolClosure } from "./symbol-closure.ts";
import type { SymbolNode } from "./symbol-node.ts";
import { ARGUMENTS } from "./unit-notices.ts";

const NATIVE = new Set(["node:sqlite", "node:wasi"]);

/** What is wrong with the settings by which a module's imports are found, which is then why one leads nowhere. */
export type ProblemAt = (path: string) => string | undefined;

type Summary = Omit<SymbolClosure, "digest" | "ambient">;

/**
 * What there is to say about the nodes that a function and the ambient effects of its program lead to; `own` are those of
 * the function alone.
 */
export function summarise(
  reached: readonly SymbolNode[],
  own: readonly SymbolNode[],
  program: ProgramGraph,
  nodeAt: (id: number) => SymbolNode,
  placeOf: PlaceOf,
  problemAt: ProblemAt,
): Summary {
  // Most nodes have nothing to tell but where they stand.
  const units = reached.filter(({ unit }) => unit !== undefined);
  return {
    packages: packagesOf(reached),
    modules: modulesOf(reached),
    unseen: unseenOf(reached, new Set(own), placeOf, problemAt),
    warnings: warningsOf(units, placeOf),
    environment: environmentOf(units, placeOf),
    state: stateOf(reached, program, nodeAt, placeOf),
    localeSensitive: units.some(({ unit }) => unit?.localeSensitive === true),
    natives: nativesOf(reached, placeOf),
    contained: isContained(reached),
  };
}

function packagesOf(reached: readonly SymbolNode[]): Summary["packages"] {
  const found = reached.flatMap(({ kind, folder, path }) =>
    kind === "package" && folder !== undefined && path !== undefined ? [{ folder, path }] : [],
  );
  return found.sort((a, b) => order(a.folder, b.folder) || order(a.path, b.path));
}

function modulesOf(reached: readonly SymbolNode[]): readonly string[] {
  const paths = new Set<string>();
  for (const { kind, path } of reached) if (path !== undefined && kind !== "package") paths.add(path);
  return [...paths].sort();
}

function unseenOf(
  reached: readonly SymbolNode[],
  own: ReadonlySet<SymbolNode>,
  placeOf: PlaceOf,
  problemAt: ProblemAt,
): readonly UnseenActivity[] {
  const found: UnseenActivity[] = [];
  for (const node of reached) {
    if (node.kind === "unresolved") {
      const problem = node.path === undefined ? undefined : problemAt(node.path);
      const cause = problem === undefined ? "" : `, where ${problem}`;
      found.push({ kind: "code", name: node.name, note: `${placeOf(node)}${cause}` });
    }
    for (const { name, line } of node.unit?.flags ?? []) {
      // A script that starts its own run reads its arguments for it, in statements that belong to every step.
      if (ARGUMENTS.has(name) && !own.has(node)) continue;
      found.push({ kind: "code", name, note: placeOf(node, line) });
    }
  }
  return distinct(found, ({ name, note = "" }) => `${note} ${name}`);
}

function warningsOf(units: readonly SymbolNode[], placeOf: PlaceOf): readonly CodeWarning[] {
  const found = units.flatMap((node) => {
    const lines = node.unit?.warningLines ?? [];
    return (node.unit?.warnings ?? []).map((warning, index) => ({ ...warning, at: placeOf(node, lines[index]) }));
  });
  return distinct(found, ({ name, at }) => `${at} ${name}`);
}

function environmentOf(units: readonly SymbolNode[], placeOf: PlaceOf): Summary["environment"] {
  const found = units.flatMap((node) =>
    (node.unit?.environment ?? []).map(({ name, line }) => ({ name, at: placeOf(node, line) })),
  );
  return distinct(found, ({ name, at }) => `${at} ${name}`);
}

/**
 * Variables that functions outside of the closure write. Nobody writes a constant that holds a number or text, whatever is
 * made of it. Those within it are its own doing, and what statements write is an
 * effect, which is in it.
 */
function stateOf(
  reached: readonly SymbolNode[],
  program: ProgramGraph,
  nodeAt: (id: number) => SymbolNode,
  placeOf: PlaceOf,
): Summary["state"] {
  const written = reached.filter(
    ({ id, kind, unit }) => kind === "unit" && unit?.holds !== "primitive" && program.writersOf(id).length > 0,
  );
  if (written.length === 0) return [];
  const within = new Set(reached.map(({ id }) => id));
  const found = written.flatMap((node) =>
    program.writersOf(node.id).flatMap((writer) => {
      if (within.has(writer)) return [];
      return [{ name: node.name, at: placeOf(node), writtenAt: placeOf(nodeAt(writer)) }];
    }),
  );
  return distinct(found, ({ at, name, writtenAt }) => `${at} ${name} ${writtenAt}`);
}

function nativesOf(reached: readonly SymbolNode[], placeOf: PlaceOf): readonly string[] {
  const names = reached.flatMap((node): readonly string[] => {
    const { kind, name, path } = node;
    if (kind === "builtin") return NATIVE.has(name) ? [name] : [];
    // A whole file: its place is its name and a line.
    return isAddon(kind, path) ? [placeOf(node).replace(/:\d+$/, "")] : [];
  });
  return [...new Set(names)].sort();
}

function isAddon(kind: SymbolNode["kind"], path: string | undefined): boolean {
  return kind !== "place" && path?.endsWith(".node") === true;
}

function distinct<T>(found: readonly T[], keyOf: (item: T) => string): readonly T[] {
  if (found.length < 2) return found;
  const byKey = new Map(found.map((item) => [keyOf(item), item]));
  return [...byKey].sort(([a], [b]) => order(a, b)).map(([, item]) => item);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
