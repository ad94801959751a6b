import { canonicalDigest } from "../../encoding/canonical.ts";
import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";
import type { KeyLeaf } from "../../encoding/key-tree.ts";
import type { CodeRecord } from "../../model/code-record.ts";
import type { CodeClosure, CodeClosures } from "../code-closure.ts";
import type { CodeRemarks } from "../code-identity.ts";
import type { FunctionFacts } from "../function-reader.ts";
import { refuseUnreadable } from "../identity-part.ts";
import type { IdentityPart } from "../identity-part.ts";
import { digestOfLeaves } from "../module-leaf.ts";
import type { SymbolClosure, SymbolRoot } from "./symbol-closure.ts";
import type { SymbolGraph } from "./symbol-graph.ts";

const PROGRAM_OWN = digestOf("statements that belong to every step");

/** What a part is asked for with: functions and what they captured, and the modules that a thread imports for the step. */
interface PartRequest {
  readonly prefix: readonly string[];
  readonly functions: readonly FunctionFacts[];
  /** Real paths. */
  readonly program: readonly string[];
}

/** A part of an identity without the functions and modules that it is asked for with. */
interface PartFacts extends Pick<CodeClosure, "leaves" | "unseen" | "localeSensitive" | "native"> {
  readonly own: readonly KeyLeaf[];
  /** Digests of leaves that stand for pieces of code. */
  readonly pieces: readonly Digest[];
  readonly remarks: CodeRemarks;
}

/** What was read of the sources in one round. */
class Reading {
  readonly graph: SymbolGraph;
  /** What each root leaf was made from, so that its records can be told later. */
  readonly roots = new Map<Digest, { readonly root: SymbolRoot; readonly program: readonly string[] }>();
  /** By the digests of all that is loaded. */
  readonly programs = new Set<Digest>();

  constructor(graph: SymbolGraph) {
    this.graph = graph;
  }

  /** Whether the functions that some leaves are of were all asked for. */
  knows(leaves: readonly KeyLeaf[]): boolean {
    return leaves.every(({ path, digest }) => !path.at(-1)?.startsWith("function") || this.roots.has(digest));
  }
}

/** Makes parts of identities from closures at the grain of symbols. */
export class SymbolParts {
  readonly #createGraph: () => SymbolGraph;
  readonly #closures: CodeClosures;
  /** Of this round: most steps of a program share their materializers. */
  readonly #facts = new Map<string, PartFacts>();
  readonly #within = new WeakMap<CodeClosure, ReadonlySet<string>>();
  #reading: Reading;
  /** Of the last round before this one in which anything was read. */
  #before: Reading | undefined;

  constructor(createGraph: () => SymbolGraph, closures: CodeClosures) {
    this.#createGraph = createGraph;
    this.#closures = closures;
    this.#reading = new Reading(createGraph());
  }

  forget(): void {
    this.#facts.clear();
    if (this.#reading.programs.size === 0) return;
    this.#before = this.#reading;
    this.#reading = new Reading(this.#createGraph());
  }

  partOf(request: PartRequest): IdentityPart {
    const { prefix, functions, program } = request;
    // Any module that the thread evaluates may have come to change what the step reaches.
    const loaded = this.#loaded(functions, program);
    this.#reading.programs.add(loaded.digest);
    const { own, leaves, pieces, remarks, ...rest } =
      prefix.length === 0 ? this.#factsOf(request) : this.#sharedFacts(request);
    this.#noteRoots(own, request);
    const { paths, modules, entries, unversioned } = loaded;
    // What of the program cannot be read and the functions reach has been refused.
    const closure = {
      ...rest,
      leaves,
      digest: digestOfLeaves(leaves),
      paths,
      modules,
      entries,
      unversioned,
      errors: [],
    };
    return { prefix, own, functions, closure, pieces, remarks };
  }

  /** Whether records can be told without reading anything. `program` is the digest of what is loaded, as it is now. */
  knows(leaves: readonly KeyLeaf[], program: Digest | undefined): boolean {
    return this.#readingOf(leaves, program).knows(leaves);
  }

  /** The pieces of code below root leaves, each once. */
  recordsBelow(leaves: readonly KeyLeaf[], program: Digest | undefined): readonly CodeRecord[] {
    const { graph, roots: known } = this.#readingOf(leaves, program);
    const reached = leaves.flatMap(({ digest }) => {
      const made = known.get(digest);
      return made === undefined ? [] : [graph.closureOf(made.root, made.program)];
    });
    const programs = programRecords(reached);
    const roots = [...reached.map(({ digest }) => digest), ...programs.flatMap(({ uses }) => uses)];
    return [...programs, ...graph.recordsBelow(roots)];
  }

  /** What was read before tells of a program that is still the same, with all its texts. */
  #readingOf(leaves: readonly KeyLeaf[], program: Digest | undefined): Reading {
    const before = program !== undefined && this.#before?.programs.has(program) === true ? this.#before : undefined;
    return before?.knows(leaves) === true && !this.#reading.knows(leaves) ? before : this.#reading;
  }

  /** What a thread evaluates; a function may stand in a module that is imported later, if ever. */
  #loaded(functions: readonly FunctionFacts[], program: readonly string[]): CodeClosure {
    const whole = this.#closures.closureOf(program, program[0]);
    const within = this.#within.get(whole) ?? new Set(whole.paths);
    this.#within.set(whole, within);
    const files = functions.flatMap((facts) => facts.files);
    if (files.every((file) => within.has(file))) return whole;
    return this.#closures.closureOf([...new Set([...program, ...files])], program[0]);
  }

  #sharedFacts(request: PartRequest): PartFacts {
    const key = JSON.stringify(request);
    const facts = this.#facts.get(key) ?? this.#factsOf(request);
    this.#facts.set(key, facts);
    return facts;
  }

  #noteRoots(own: readonly KeyLeaf[], { functions, program }: PartRequest): void {
    const met = functions.flatMap((facts) => facts.functions);
    const leaves = own.filter(({ path: [name = ""] }) => name.startsWith("function"));
    for (const [index, { digest }] of leaves.entries()) {
      const root = met[index]?.root;
      if (root !== undefined) this.#reading.roots.set(digest, { root, program });
    }
  }

  #factsOf({ functions, program }: PartRequest): PartFacts {
    const reached: SymbolClosure[] = [];
    const own = functions.flatMap((facts, index) => {
      const number = functions.length === 1 ? "" : `:${index}`;
      return this.#ownLeaves(facts, number, program, reached);
    });
    const modules = [...new Set(reached.flatMap((closure) => closure.modules))].sort();
    const around = this.#closures.surroundingsOf(uniquePackages(reached), modules);
    refuseUnreadable(around);
    const programs = programRecords(reached);
    return {
      own,
      leaves: [...programs.map(programLeaf), ...around.leaves],
      unseen: [...reached.flatMap((closure) => closure.unseen), ...around.unseen, ...nativeCode(reached)],
      localeSensitive: around.localeSensitive || reached.some((closure) => closure.localeSensitive),
      native: around.native || reached.some((closure) => closure.natives.length > 0),
      pieces: [...new Set([...reached, ...programs].map(({ digest }) => digest))],
      remarks: remarksOf(reached, functions),
    };
  }

  #ownLeaves(
    { functions, captures }: FunctionFacts,
    number: string,
    program: readonly string[],
    reached: SymbolClosure[],
  ): readonly KeyLeaf[] {
    const roots = functions.map(({ name, place, root }, position): KeyLeaf => {
      const closure = root && this.#reading.graph.closureOf(root, program);
      if (closure !== undefined) reached.push(closure);
      // What captured it calls it by its number.
      const path = position === 0 ? `function${number}` : `function${number}:${position} ${name}`;
      return { path: [path], digest: closure?.digest ?? canonicalDigest([...place]), shown: place.join("#") };
    });
    const values = captures.map(({ name, digest, shown }) => ({ path: [`capture${number}:${name}`], digest, shown }));
    return [...roots, ...values];
  }
}

/** Statements that belong to every step, as one record; none when there are none. */
function programRecords(reached: readonly SymbolClosure[]): readonly CodeRecord[] {
  const uses = [...new Set(reached.flatMap((closure) => closure.ambient))];
  return uses.length === 0 ? [] : [{ digest: canonicalDigest(uses), own: PROGRAM_OWN, name: "program", uses }];
}

function programLeaf({ digest, uses }: CodeRecord): KeyLeaf {
  return { path: ["code", "program"], digest, shown: `${uses.length} statements that may touch anything` };
}

/** Reached by the project's own modules, loaded already or not. */
function nativeCode(reached: readonly SymbolClosure[]): PartFacts["unseen"] {
  const names = new Set(reached.flatMap(({ natives }) => natives));
  return [...names].sort().map((name) => ({ kind: "native", name }));
}

function uniquePackages(reached: readonly SymbolClosure[]): SymbolClosure["packages"] {
  const unique = new Map(reached.flatMap(({ packages }) => packages.map((found) => [found.path, found] as const)));
  return [...unique.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A thread in which a captured value was changed would hand the changed one to the next step. */
function remarksOf(reached: readonly SymbolClosure[], functions: readonly FunctionFacts[]): CodeRemarks {
  const captures = functions.some((facts) => facts.captures.length > 0);
  return {
    warnings: reached.flatMap((closure) => closure.warnings),
    environment: reached.flatMap((closure) => closure.environment),
    state: reached.flatMap((closure) => closure.state),
    contained: !captures && reached.length > 0 && reached.every((closure) => closure.contained),
  };
}
