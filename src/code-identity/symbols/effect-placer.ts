import type { EffectRules } from "./effect-rules.ts";
import type { UnitFacts } from "./module-units.ts";
import type { Next } from "./reach.ts";
import { Reachability } from "./reachability.ts";
import { reachedCode } from "./reached-code.ts";
import type { ReachedCode } from "./reached-code.ts";
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

/** What is known of one unit while it is placed. */
interface Evaluated {
  readonly id: number;
  readonly facts: UnitFacts;
  /** Its value is thrown away: it is there for its effect. */
  readonly discarded: boolean;
  /** All that it can run or get hold of, itself among it. */
  readonly reached: ReachedCode;
  /** The part of it that may run: without a call in sight, what is hidden behind reads. */
  readonly running: ReachedCode;
  /** The part of it that its own calls lead to. */
  readonly called: ReachedCode;
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
export class EffectPlacer {
  readonly #links: SymbolLinks;
  readonly #rules: EffectRules;
  readonly #next: Next;
  /** What may run. */
  readonly #run: Reachability;
  /** What may be the objects that names hold, or lie in them. */
  readonly #held: Reachability;
  readonly #known = new Map<readonly number[], ReachedCode>();

  /** `next` must not change while it is asked. */
  constructor(links: SymbolLinks, rules: EffectRules, next: Next) {
    this.#links = links;
    this.#rules = rules;
    this.#next = next;
    this.#run = new Reachability(rules.outsideOfSteps(next));
    this.#held = new Reachability(rules.outsideOfSteps((id) => this.#heldBy(id, next)));
  }

  place(id: number): EffectPlacement {
    const { unit } = this.#node(id);
    if (unit === undefined) return nothing;
    if (unit.kind === "effect-import") return { targets: new Set(), ambient: this.#importsForeign(id) };
    const evaluated = this.#evaluate(id, unit.facts, unit.kind === "statement");
    if (evaluated.running.ids.length === 0) return nothing;
    const targets = this.#targets(evaluated);
    targets.delete(id);
    const unplaced = evaluated.discarded && targets.size === 0 && !evaluated.drives && !isHarmless(unit.facts);
    return { targets, ambient: unplaced || this.#changesGlobals(evaluated) };
  }

  /** What may run when units are evaluated: steps that they define do not. */
  runBy(ids: readonly number[]): ReachedCode {
    const reached = this.#run.from(ids);
    const known = this.#known.get(reached);
    if (known !== undefined) return known;
    const code = reachedCode(reached, (id) => this.#node(id), {
      written: ({ nodes }) => this.#aliasesOf(nodes.flatMap((node) => this.#targetsOf(node, "writes"))),
      writesForeign: ({ nodes }) => nodes.some(({ id, unit }) => this.#writesForeign(id, unit?.facts.writes ?? [])),
      advanced: (all) => this.#advanced(all),
      passedClasses: ({ nodes }) => this.#passedClasses(nodes),
    });
    this.#known.set(reached, code);
    return code;
  }

  #evaluate(id: number, facts: UnitFacts, discarded: boolean): Evaluated {
    const reached = this.runBy([id]);
    // What may run when what is reached is read, iterated or made text of.
    const hidden = facts.reads ? reached.hiding : [];
    const called = this.runBy([...this.#rules.calledBy(id), ...hidden]);
    const drives = this.#rules.drives(id);
    const opaque = discarded && !drives && (facts.callsUnknown || called.hasForeign || this.#hands(id));
    return {
      id,
      facts,
      discarded,
      reached,
      running: facts.runs ? reached : this.runBy(hidden),
      called,
      drives,
      opaque,
    };
  }

  /** Whether code is handed over that calls what is not seen: whoever gets it may call it. */
  #hands(id: number): boolean {
    const code = this.#targetsOf(this.#node(id), "hands").flatMap((to) => this.#codeOf(to));
    return this.runBy(code).hasForeign;
  }

  /** The code that a value is or holds. What made the value ran before. */
  #codeOf(id: number): readonly number[] {
    const node = this.#node(id);
    if (node.unit === undefined || isDefinition(node)) return [];
    if (node.unit.holds !== "object" || !node.unit.facts.runs) return [id];
    const made = new Set(this.#targetsOf(node, "calls"));
    return this.#links.next(id).filter((to) => !made.has(to));
  }

  #targets({ id, facts, reached, running, called, drives, opaque }: Evaluated): Set<number> {
    const targets = new Set(running.written());
    for (const to of reached.advanced()) targets.add(to);
    for (const to of this.#setUpBy(id, facts)) targets.add(to);
    // The decorators of a class tell a package about it.
    const tells = opaque || (this.#node(id).unit?.kind === "class" && !drives);
    if (tells) for (const to of called.packages) targets.add(to);
    if (drives) return targets;
    const handed = opaque || running.writesHanded;
    if (handed || running.writesThis) for (const to of reached.objects) targets.add(to);
    // `this` of a static method is the class that it is called on.
    if (running.writesThis) for (const to of running.passedClasses()) targets.add(to);
    if (!handed) return targets;
    for (const to of reached.classes) targets.add(to);
    // A function is changed only by what gets the function itself.
    for (const to of this.#links.targetsOf(id, facts.hands)) targets.add(to);
    return targets;
  }

  /** Packages that are set up by name, or by what a name was bound to: `const configure = lib.wire.bind(lib)`. */
  #setUpBy(id: number, { sets }: UnitFacts): readonly number[] {
    return this.#links.targetsOf(id, sets).flatMap((to) => {
      const { kind, unit } = this.#node(to);
      if (kind === "package") return [to];
      return unit?.holds === "object" ? this.runBy([to]).packages : [];
    });
  }

  /** What gives something else when it is asked again: counters in closures, generators, expressions that go on matching. */
  #advanced({ objects, matches, replaces }: ReachedCode): readonly number[] {
    return objects.filter((id) => {
      const facts = this.#node(id).unit?.facts;
      if (facts === undefined) return false;
      const goesOn = (matches && facts.sticky) || (replaces && facts.steps);
      return goesOn || (replaces && facts.sticky && this.#isChanged(id)) || this.#rules.keepsState(id);
    });
  }

  /** Whether some effect is known to be on it: then there is something to be set back. */
  #isChanged(id: number): boolean {
    return this.#next(id).length > this.#links.next(id).length;
  }

  #passedClasses(nodes: readonly SymbolNode[]): readonly number[] {
    const passed = nodes.flatMap((node) => this.#targetsOf(node, "passes"));
    return this.#aliasesOf(passed.filter((to) => this.#node(to).unit?.holds === "class"));
  }

  #aliasesOf(ids: readonly number[]): readonly number[] {
    const named = new Set(ids);
    return this.#held.from([...named]).filter((to) => named.has(to) || this.#isChangeable(this.#node(to)));
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
    if (running.writesGlobal || running.writesForeign()) return true;
    if (drives) return false;
    if (opaque || facts.callsUnknown || (discarded && called.hasForeign)) return true;
    return running.writesHanded && this.#writesForeign(id, facts.hands);
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
    return node.unit.facts.givesGlobal || this.#targetsOf(node, "gives").some((to) => this.#isForeignObject(to, seen));
  }

  #importsForeign(id: number): boolean {
    return this.#links.next(id).some((to) => ["package", "unresolved"].includes(this.#node(to).kind));
  }

  /** What the references of one kind of a unit lead to. */
  #targetsOf({ id, unit }: SymbolNode, kind: "writes" | "hands" | "calls" | "gives" | "passes"): readonly number[] {
    return unit === undefined ? [] : this.#links.targetsOf(id, unit.facts[kind]);
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
