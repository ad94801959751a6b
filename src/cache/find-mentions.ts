import type { Digest } from "../encoding/digest.ts";
import { CodeGraph } from "./code-graph.ts";
import type { FindCode } from "./code-graph.ts";
import { codeLabel } from "./code-change.ts";

/** Places of one name that are told. */
const MOST_PLACES = 5;

/**
 * Where words stand in the code below some roots: `src/load.ts:14 load`. Names that stand nowhere have no entry.
 *
 * @example await findMentions(["TZ"], [root], find) // Map { "TZ" => ["src/load.ts:14 load"] }
 */
export async function findMentions(
  words: readonly string[],
  roots: readonly Digest[],
  find: FindCode,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const graph = new CodeGraph(find);
  await graph.learn(roots);
  const found = new Map<string, Set<string>>();
  for (const root of graph.records(roots)) {
    for (const record of graph.records([...(await graph.reachedFrom(root)).digests])) {
      for (const word of words) {
        const line = lineOf(word, record.text);
        if (line === undefined) continue;
        const at = codeLabel({ ...record, ...(record.line === undefined ? {} : { line: record.line + line }) });
        found.set(word, (found.get(word) ?? new Set()).add(at));
      }
    }
  }
  return new Map([...found].map(([word, places]) => [word, [...places].slice(0, MOST_PLACES)]));
}

/** How many lines of the text stand before the word, which stands there as a whole word. */
function lineOf(word: string, text = ""): number | undefined {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = `${text[at - 1] ?? ""}${text[at + word.length] ?? ""}`;
    if (!/[\w$]/.test(around)) return text.slice(0, at).split("\n").length - 1;
  }
  return undefined;
}
