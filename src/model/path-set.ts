import type { PathSet, ReadQuestion } from "./reads.ts";

/** The same questions are one path set, however often and in whatever order they were asked. */
export function pathSetOf(asked: Iterable<ReadQuestion>): PathSet {
  const questions = new Map<string, ReadQuestion>();
  for (const { kind, name } of asked) questions.set(`${kind}:${name}`, { kind, name });
  const sorted = [...questions.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { questions: sorted.map(([, question]) => question) };
}
