import { digestOf } from "../../src/encoding/digest.ts";
import type { Digest } from "../../src/encoding/digest.ts";
import type { CodeRecord } from "../../src/model/code-record.ts";

/** A piece of code as a test writes it: `file.ts:12 name`, what it says, and the labels of what it leads to. */
export interface WrittenPiece {
  readonly at?: string;
  readonly text: string;
  readonly uses?: readonly string[];
}

export type WrittenCode = Readonly<Record<string, WrittenPiece>>;

/**
 * Records for pieces that are written down by label; `statement…` labels are statements. Pieces that lead to each other
 * share in one digest of all of them, as those of a circle do.
 */
export function codeGraph(code: WrittenCode): ReadonlyMap<string, CodeRecord> {
  const digests = new Map(Object.keys(code).map((label) => [label, digestBelow(code, label)]));
  return new Map(
    Object.entries(code).map(([label, { at, text, uses = [] }]) => {
      const [file, line] = at?.split(":") ?? [];
      return [
        label,
        {
          digest: digests.get(label) as Digest,
          own: digestOf(text),
          name: label.replace(/^statement.*/, "statement"),
          ...(file === undefined ? {} : { file: `project:${file}` }),
          ...(line === undefined ? {} : { line: Number(line) }),
          uses: [...new Set(uses.map((used) => digests.get(used) as Digest))],
          text,
        },
      ];
    }),
  );
}

/** Over the texts of all that a label leads to, and how: equal exactly where nothing below differs. */
function digestBelow(code: WrittenCode, root: string): Digest {
  const numbers = new Map<string, number>();
  const parts: unknown[] = [];
  const walk = (label: string): number => {
    const known = numbers.get(label);
    if (known !== undefined) return known;
    numbers.set(label, numbers.size);
    const { text = "", uses = [] } = code[label] ?? {};
    parts.push([numbers.get(label), label.startsWith("statement") ? "" : label, text, uses.map(walk)]);
    return numbers.get(label) ?? 0;
  };
  walk(root);
  return digestOf(JSON.stringify(parts));
}

export function findIn(...graphs: readonly ReadonlyMap<string, CodeRecord>[]): {
  readonly find: (digests: readonly Digest[]) => Promise<readonly (CodeRecord | undefined)[]>;
  readonly questions: readonly number[];
} {
  const all = new Map(graphs.flatMap((graph) => [...graph.values()].map((record) => [record.digest, record] as const)));
  const questions: number[] = [];
  return {
    questions,
    find: async (digests) => {
      questions.push(digests.length);
      return digests.map((digest) => all.get(digest));
    },
  };
}
