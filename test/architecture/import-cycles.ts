/**
 * Groups of files that import each other in a circle (strongly connected components, Tarjan), each sorted by name.
 * A file that imports itself is a group of one.
 */
export function importCycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];

  const close = (file: string): void => {
    const group = open.splice(open.indexOf(file));
    for (const member of group) lowest.set(member, Number.POSITIVE_INFINITY);
    if (group.length > 1 || graph.get(file)?.includes(file) === true) cycles.push(group.toSorted());
  };

  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    lowest.set(file, index);
    open.push(file);
    for (const target of graph.get(file) ?? []) {
      const reach = order.has(target) ? (lowest.get(target) ?? index) : visit(target);
      lowest.set(file, Math.min(lowest.get(file) ?? index, reach));
    }
    const low = lowest.get(file) ?? index;
    if (low === index) close(file);
    return lowest.get(file) ?? index;
  };

  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return cycles;
}
