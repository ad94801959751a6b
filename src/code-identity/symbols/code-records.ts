import type { Digest } from "../../encoding/digest.ts";
import type { CodeRecord } from "../../model/code-record.ts";
import type { ProgramGraph } from "./program-graph.ts";
import type { SymbolLinks } from "./symbol-links.ts";
import type { SymbolNode } from "./symbol-node.ts";
import type { SymbolSources } from "./symbol-source.ts";

export interface CodeRecordsInit {
  readonly links: SymbolLinks;
  readonly sources: SymbolSources;
  readonly programs: () => Iterable<ProgramGraph>;
  /** Rooted name of a file. */
  readonly nameOf: (path: string) => string;
}

/** Makes records of nodes that have their digests. */
export class CodeRecords {
  readonly #init: CodeRecordsInit;

  constructor(init: CodeRecordsInit) {
    this.#init = init;
  }

  recordOf(digest: Digest): CodeRecord | undefined {
    for (const program of this.#init.programs()) {
      const id = program.idOf(digest);
      if (id !== undefined) return this.#record(digest, program, id);
    }
    return undefined;
  }

  /** The records of these digests and of all that they lead to, each once. */
  recordsBelow(digests: readonly Digest[]): readonly CodeRecord[] {
    const found = new Map<Digest, CodeRecord>();
    const queue = [...digests];
    for (let digest = queue.pop(); digest !== undefined; digest = queue.pop()) {
      const record = found.has(digest) ? undefined : this.recordOf(digest);
      if (record === undefined) continue;
      found.set(digest, record);
      queue.push(...record.uses);
    }
    return [...found.values()];
  }

  #record(digest: Digest, program: ProgramGraph, id: number): CodeRecord {
    const node = this.#init.links.table.get(id);
    const { name, path, line } = node;
    const uses = this.#uses(program, id).map((to) => program.digestOf(to));
    const text = this.#textOf(node);
    return {
      digest,
      own: program.ownOf(id),
      name: node.kind === "root" ? shortName(name) : name,
      ...(path === undefined ? {} : { file: this.#init.nameOf(path), line: line ?? 1 }),
      uses: [...new Set(uses)].filter((used) => used !== digest),
      ...(text === undefined ? {} : { text }),
    };
  }

  /** What is there for the graph's own sake is passed through. */
  #uses(program: ProgramGraph, id: number): readonly number[] {
    const named = new Set(this.#init.links.next(id));
    // Effects have no order of their own: the same ones are told in the same order before and after an edit.
    const keyOf = (to: number): string => `${this.#init.links.table.get(to).name} ${program.digestOf(to)}`;
    const effects = program.next(id).flatMap((to) => (named.has(to) ? [] : [[keyOf(to), to] as const]));
    const sorted = effects.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, to]) => to);
    return [...named, ...sorted].flatMap((to): readonly number[] => {
      const { kind, path } = this.#init.links.table.get(to);
      if (kind === "own" || kind === "nothing") return [];
      return kind === "package" && path !== undefined ? this.#uses(program, to) : [to];
    });
  }

  #textOf({ unit, path }: SymbolNode): string | undefined {
    if (unit === undefined || path === undefined) return undefined;
    return this.#init.sources.textOf(path)?.slice(unit.start, unit.end);
  }
}

/** `train` for `train/step(train)`: what people call the function of a step. */
function shortName(functionPath: string): string {
  return /(?:^|\/)step\(([^()]+)\)(?:#\d+)?$/.exec(functionPath)?.[1] ?? functionPath;
}
