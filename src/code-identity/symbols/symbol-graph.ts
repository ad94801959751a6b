import { dirname, join } from "node:path";
import type { Digest } from "../../encoding/digest.ts";
import { CodeIdentityError } from "../../errors.ts";
import type { CodeRecord } from "../../model/code-record.ts";
import type { GuardedResolver } from "../guarded-resolver.ts";
import { createPlaceOf } from "./closure-places.ts";
import type { PlaceOf } from "./closure-places.ts";
import { summarise } from "./closure-summary.ts";
import type { ProblemAt } from "./closure-summary.ts";
import { CodeRecords } from "./code-records.ts";
import { packageWiring } from "./package-wiring.ts";
import { ProgramGraph } from "./program-graph.ts";
import type { SymbolClosure, SymbolRoot } from "./symbol-closure.ts";
import { SymbolLinks } from "./symbol-links.ts";
import type { SymbolNode } from "./symbol-node.ts";
import type { SymbolSources } from "./symbol-source.ts";

export interface SymbolGraphInit {
  readonly sources: SymbolSources;
  readonly resolver: GuardedResolver;
  /** Rooted name of a file. */
  readonly nameOf: (path: string) => string;
  /** Whether a file is Warmstart's own: left out. */
  readonly isOwn: (path: string) => boolean;
}

/**
 * Everything that functions can reach at the grain of top-level declarations, with the effects that modules have while they
 * are evaluated. Read as it is asked for, and then kept: sources that may have changed need another graph.
 *
 * @example graph.closureOf({ file: "/srv/app/flights.ts", functionPath: "step(load)" }, ["/srv/app/flights.ts"]).digest
 */
export class SymbolGraph {
  readonly #init: SymbolGraphInit;
  readonly #placeOf: PlaceOf;
  readonly #problemAt: ProblemAt;
  readonly #programs = new Map<string, ProgramGraph>();
  readonly #links: SymbolLinks;
  readonly #records: CodeRecords;

  constructor(init: SymbolGraphInit) {
    this.#init = init;
    this.#placeOf = createPlaceOf(init.nameOf);
    this.#problemAt = (path) => init.resolver.optionsOf(dirname(path)).problem;
    this.#links = new SymbolLinks(init);
    this.#records = this.#createRecords();
  }

  /**
   * The closure of a function. `program` are the real paths of the modules that a thread imports before it runs the function.
   *
   * @throws CodeIdentityError for what the function reaches and cannot be found, read or parsed. Elsewhere in the program such
   * a file is an effect of unknown meaning.
   */
  closureOf(root: SymbolRoot, program: readonly string[]): SymbolClosure {
    const graph = this.#programOf(program, root.file);
    const id = this.#rootOf(root);
    graph.settle([id]);
    const own = this.#reach(graph, [id]);
    for (const { error } of own) if (error !== undefined) throw error;
    const reached = graph.ambient.length === 0 ? own : this.#reach(graph, [id, ...graph.ambient]);
    const nodeAt = (at: number): SymbolNode => this.#links.table.get(at);
    const titleOf = (folder: string): string => this.#init.nameOf(join(folder, "package.json"));
    const wiring = packageWiring(reached, graph, nodeAt, titleOf);
    const ambient = graph.ambient.map((at) => graph.digestOf(at));
    return {
      digest: graph.digestOf(id),
      ambient: [...new Set([...ambient, ...(wiring === undefined ? [] : [wiring])])],
      ...summarise(reached, own, graph, nodeAt, this.#placeOf, this.#problemAt),
    };
  }

  /** The record of a piece of code that a closure was made of; undefined for any other. */
  recordOf(digest: Digest): CodeRecord | undefined {
    return this.#records.recordOf(digest);
  }

  /** The records of pieces of code and of all that they lead to, each once. */
  recordsBelow(digests: readonly Digest[]): readonly CodeRecord[] {
    return this.#records.recordsBelow(digests);
  }

  #reach(graph: ProgramGraph, starts: readonly number[]): readonly SymbolNode[] {
    return graph.reach(starts).map((id) => this.#links.table.get(id));
  }

  /** A function may stand in a module that its program imports later, if ever. */
  #programOf(program: readonly string[], file: string): ProgramGraph {
    const graph = this.#programFor(program);
    return graph.evaluates(file) ? graph : this.#programFor([...program, file]);
  }

  #programFor(files: readonly string[]): ProgramGraph {
    // They are imported in this order, the pipeline's module first.
    const paths = [...new Set(files)];
    const key = JSON.stringify(paths);
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const graph = new ProgramGraph(this.#links, paths);
    this.#programs.set(key, graph);
    return graph;
  }

  #createRecords(): CodeRecords {
    return new CodeRecords({ ...this.#init, links: this.#links, programs: () => this.#programs.values() });
  }

  #rootOf({ file, functionPath }: SymbolRoot): number {
    const broken = this.#links.exports.moduleAt(file);
    if (broken.kind === "broken") throw broken.error;
    const id = this.#links.rootNode(file, functionPath);
    if (id !== undefined) return id;
    throw new CodeIdentityError("WS_SOURCE_NOT_FOUND", {
      message: `${file} has no function ${functionPath} any more.`,
      hint: "Start the program again: its source has changed since it was loaded.",
      details: { path: file, function: functionPath },
    });
  }
}
