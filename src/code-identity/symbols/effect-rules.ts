import type { Digest } from "../../encoding/digest.ts";
import type { UnitFacts } from "./module-units.ts";
import type { Walker } from "./reach.ts";
import type { SymbolLinks } from "./symbol-links.ts";
import { holdsObject, isDefinition, isForeign } from "./symbol-node.ts";
import type { SymbolNode } from "./symbol-node.ts";

/** What evaluating a unit changes. */
export interface EffectPlacement {
  /** Nodes whose value may be another one afterwards. */
  readonly targets: ReadonlySet<number>;
  /** It may have changed what no name leads to, and so belongs to every step of the program. */
  readonly ambient: boolean;
}

/** What a node leads to, the effects that are known to touch it among it. */
export type Next = (id: number) => readonly number[];

/** What is known of one unit while it is placed. */
interface Evaluated {
  readonly id: number;
  readonly facts: UnitFacts;
  /** Its value is thrown away: it is there for its effect. */
  readonly discarded: boolean;
  /** All that it can run or get hold of, itself among it. */
  readonly reached: readonly SymbolNode[];
  /** The part of it that may run: without a call in sight, what is hidden behind reads. */
  readonly running: readonly SymbolNode[];
  /** The part of it that its own calls lead to. */
  readonly called: readonly SymbolNode[];
  /** It makes a step or starts a pipeline: what steps do does not happen while modules are loaded. */
  readonly drives: boolean;
  /** Code that is not seen runs for its effect. */
  readonly opaque: boolean;
}

const nothing: EffectPlacement = { targets: new Set(), ambient: false };

/**
 * Decides what the evaluation of a top-level unit changes: sound before precise. Names that are written are known; where
 * something is changed that was handed in or came out of a call, everything that the unit can get hold of may be it.
 */
export class EffectRules {
  readonly #links: SymbolLinks;
  readonly #walker: Walker;
  readonly #drivers = new Map<number, boolean>();
  readonly #keeping = new Map<number, boolean>();

  constructor(links: SymbolLinks, walker: Walker) {
    this.#links = links;
    this.#walker = walker;
  }

  /** Whether evaluating the unit may do anything beside giving its names their values. */
  isCandidate(id: number): boolean {
    const node = this.#node(id);
    const { unit } = node;
    return (
      unit !== undefined &&
      !isDefinition(node) &&
      (unit.facts.runs || unit.facts.reads || unit.kind === "effect-import")
    );
  }

  /** Of a node, without what it leads to. */
  ownOf(id: number): Digest {
    return this.#node(id).own;
  }

  /** Whether it makes steps or starts pipelines, by functions of the project perhaps. By references alone: effects come later. */
  drives(id: number): boolean {
    const known = this.#drivers.get(id);
    if (known !== undefined) return known;
    const called = this.#called(id, (to) => this.#links.next(to));
    const drives = called.some((node) => node.kind === "own" || isDefinition(node));
    this.#drivers.set(id, drives);
    return drives;
  }

  /** What may run when units are evaluated: steps that they define do not. */
  runBy(ids: Iterable<number>, next: Next): readonly number[] {
    return this.#walker.reach(ids, this.#outsideOfSteps(next));
  }

  place(id: number, next: Next): EffectPlacement {
    const { unit } = this.#node(id);
    if (unit === undefined) return nothing;
    if (unit.kind === "effect-import") return { targets: new Set(), ambient: this.#importsForeign(id) };
    const evaluated = this.#evaluate(id, unit.facts, unit.kind === "statement", next);
    if (evaluated.running.length === 0) return nothing;
    const targets = this.#targets(evaluated, next);
    targets.delete(id);
    const unplaced = evaluated.discarded && targets.size === 0 && !evaluated.drives && !isHarmless(unit.facts);
    return { targets, ambient: unplaced || this.#changesGlobals(evaluated) };
  }

  #evaluate(id: number, facts: UnitFacts, discarded: boolean, next: Next): Evaluated {
    const reached = this.runBy([id], next).map((to) => this.#node(to));
    const hidden = facts.reads ? this.#hiddenIn(reached, next) : [];
    const called = [...this.#called(id, next), ...hidden];
    const drives = this.drives(id);
    const opaque = discarded && !drives && (facts.callsUnknown || called.some(isForeign) || this.#hands(id, next));
    return { id, facts, discarded, reached, running: facts.runs ? reached : hidden, called, drives, opaque };
  }

  /** What may run when what is reached is read, iterated or made text of. */
  #hiddenIn(reached: readonly SymbolNode[], next: Next): readonly SymbolNode[] {
    const hiding = reached.filter((node) => node.unit?.facts.hides === true && !isDefinition(node));
    if (hiding.length === 0) return [];
    return this.runBy(
      hiding.map(({ id }) => id),
      next,
    ).map((to) => this.#node(to));
  }

  /** Whether code is handed over that calls what is not seen: whoever gets it may call it. */
  #hands(id: number, next: Next): boolean {
    const { unit } = this.#node(id);
    const handed = unit === undefined ? [] : this.#links.targetsOf(id, unit.facts.hands);
    const code = handed.flatMap((to) => this.#codeOf(to));
    return code.length > 0 && this.runBy(code, next).some((to) => isForeign(this.#node(to)));
  }

  /** The code that a value is or holds. What made the value ran before. */
  #codeOf(id: number): readonly number[] {
    const node = this.#node(id);
    if (node.unit === undefined || isDefinition(node)) return [];
    if (node.unit.holds !== "object" || !node.unit.facts.runs) return [id];
    const made = new Set(this.#links.targetsOf(id, node.unit.facts.calls));
    return this.#links.next(id).filter((to) => !made.has(to));
  }

  #targets(evaluated: Evaluated, next: Next): Set<number> {
    const { id, facts, reached, running, called, drives, opaque } = evaluated;
    const written = running.flatMap(({ id: writer, unit }) =>
      unit === undefined ? [] : this.#links.targetsOf(writer, unit.facts.writes),
    );
    const targets = new Set(this.#aliasesOf(written, next));
    for (const to of this.#advanced(reached)) targets.add(to);
    for (const to of this.#links.targetsOf(id, facts.sets)) if (this.#node(to).kind === "package") targets.add(to);
    // The decorators of a class tell a package about it.
    const tells = opaque || (this.#node(id).unit?.kind === "class" && !drives);
    if (tells) for (const node of called) if (node.kind === "package") targets.add(node.id);
    if (drives) return targets;
    const handed = opaque || running.some(({ unit }) => unit?.facts.writesHanded === true);
    const instances = running.some(({ unit }) => unit?.facts.writesThis === true);
    for (const node of reached) {
      if (isDefinition(node)) continue;
      if (holdsObject(node) ? handed || instances : handed && node.unit?.holds === "class") targets.add(node.id);
    }
    // `this` of a static method is the class that it is called on.
    if (instances) for (const to of this.#passedClasses(running, next)) targets.add(to);
    // A function is changed only by what gets the function itself.
    if (handed) for (const to of this.#links.targetsOf(id, facts.hands)) targets.add(to);
    return targets;
  }

  /** What gives something else when it is asked again: counters in closures, generators, expressions that go on matching. */
  #advanced(reached: readonly SymbolNode[]): readonly number[] {
    const matches = reached.some(({ unit }) => unit?.facts.matches === true);
    const changed = reached.filter((node) => {
      if (!holdsObject(node) || node.unit === undefined || isDefinition(node)) return false;
      return (matches && node.unit.facts.sticky) || this.#keepsState(node.id);
    });
    return changed.map(({ id }) => id);
  }

  /** Whether what it leads to, effects aside, keeps state that has no name. */
  #keepsState(id: number): boolean {
    const known = this.#keeping.get(id);
    if (known !== undefined) return known;
    const reached = this.runBy([id], (to) => this.#links.next(to)).map((to) => this.#node(to));
    const keeps = reached.some((node) => !isDefinition(node) && node.unit?.facts.keeps === true);
    this.#keeping.set(id, keeps);
    return keeps;
  }

  #passedClasses(reached: readonly SymbolNode[], next: Next): readonly number[] {
    const passed = reached.flatMap(({ id, unit }) =>
      unit === undefined ? [] : this.#links.targetsOf(id, unit.facts.passes),
    );
    return this.#aliasesOf(
      passed.filter((to) => this.#node(to).unit?.holds === "class"),
      next,
    );
  }

  /** What may be the objects that names hold, or lie in them. */
  #aliasesOf(ids: readonly number[], next: Next): readonly number[] {
    const named = new Set(ids);
    const walk = this.#walker.reach(
      named,
      this.#outsideOfSteps((to) => this.#heldBy(to, next)),
    );
    return walk.filter((to) => named.has(to) || this.#isChangeable(this.#node(to)));
  }

  /** What is in a value: what its initialiser names, or may get from what it calls. */
  #heldBy(id: number, next: Next): readonly number[] {
    const { unit } = this.#node(id);
    if (unit === undefined || unit.facts.runs || unit.holds !== "object") return next(id);
    return next(id).filter((to) => this.#node(to).unit?.holds !== "function");
  }

  #isChangeable(node: SymbolNode): boolean {
    return (
      holdsObject(node) || node.unit?.holds === "class" || node.kind === "package" || this.#isObjectOfExports(node)
    );
  }

  #isObjectOfExports({ kind, path }: SymbolNode): boolean {
    if (kind !== "namespace" || path === undefined) return false;
    const source = this.#links.exports.moduleAt(path);
    return source.kind === "module" && source.units.commonjs;
  }

  #changesGlobals({ id, facts, discarded, running, called, drives, opaque }: Evaluated): boolean {
    if (running.some((node) => !isDefinition(node) && node.unit?.facts.writesGlobal === true)) return true;
    if (running.some(({ id: writer, unit }) => unit !== undefined && this.#writesForeign(writer, unit.facts.writes))) {
      return true;
    }
    if (drives) return false;
    if (opaque || facts.callsUnknown || (discarded && called.some(isForeign))) return true;
    const handed = running.some(({ unit }) => unit?.facts.writesHanded === true);
    return handed && this.#writesForeign(id, facts.hands);
  }

  #writesForeign(id: number, references: readonly number[]): boolean {
    return this.#links.targetsOf(id, references).some((to) => this.#isForeignObject(to, new Set()));
  }

  /** Code that is not seen, a global, or another name of either. */
  #isForeignObject(id: number, seen: Set<number>): boolean {
    const node = this.#node(id);
    if (isForeign(node)) return true;
    if (node.unit === undefined || seen.has(id)) return false;
    seen.add(id);
    const { gives, givesGlobal } = node.unit.facts;
    return givesGlobal || this.#links.targetsOf(id, gives).some((to) => this.#isForeignObject(to, seen));
  }

  #importsForeign(id: number): boolean {
    return this.#links.next(id).some((to) => ["package", "unresolved"].includes(this.#node(to).kind));
  }

  #called(id: number, next: Next): readonly SymbolNode[] {
    const { unit } = this.#node(id);
    if (unit === undefined) return [];
    const called = this.#links.targetsOf(id, unit.facts.calls);
    // Where nothing of the project is called, what is handed over is called by what is not seen: `[a].forEach(load)`.
    const seen = called.some((to) => this.#node(to).unit !== undefined);
    const starts = seen ? called : [...called, ...this.#links.targetsOf(id, unit.facts.hands)];
    return this.runBy(starts, next).map((to) => this.#node(to));
  }

  #outsideOfSteps(next: Next): Next {
    return (id) => (isDefinition(this.#node(id)) ? [] : next(id));
  }

  #node(id: number): SymbolNode {
    return this.#links.table.get(id);
  }
}

/** Nothing is called, changed or started, whatever a statement looks at. */
function isHarmless(facts: UnitFacts): boolean {
  const { calls, hands, callsUnknown, writes, writesHanded, writesThis, writesGlobal } = facts;
  return (
    calls.length + hands.length + writes.length === 0 && !callsUnknown && !writesHanded && !writesThis && !writesGlobal
  );
}
