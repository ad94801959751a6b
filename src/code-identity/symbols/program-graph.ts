import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";
import { componentDigests } from "./component-digests.ts";
import type { DigestedNode } from "./component-digests.ts";
import { componentsOf } from "./components.ts";
import { EffectPlacer } from "./effect-placer.ts";
import type { EffectPlacement } from "./effect-placer.ts";
import { repeatsOf } from "./effect-repeats.ts";
import { EffectRules } from "./effect-rules.ts";
import { Effects } from "./effects.ts";
import { evaluatedModules } from "./evaluated-modules.ts";
import { momentsOf } from "./evaluation-moments.ts";
import { ImportCircles } from "./import-circles.ts";
import { Walker } from "./reach.ts";
import type { Next } from "./reach.ts";
import type { SymbolLinks } from "./symbol-links.ts";
import type { SymbolNode } from "./symbol-node.ts";

/**
 * The graph of symbols as one program evaluates it: effects of all modules that are evaluated when the program is imported
 * are laid on what they touch. It grows by what steps import themselves, whose effects belong to those imports; what was there
 * before keeps its digests, so that it does not matter which step asked first.
 */
export class ProgramGraph {
  /** Effects, and modules that cannot be read, that belong to every step. */
  readonly ambient: readonly number[];
  readonly #links: SymbolLinks;
  readonly #walker: Walker = new Walker();
  readonly #rules: EffectRules;
  readonly #evaluated: ReadonlySet<string>;
  readonly #effects: Effects;
  /** Of modules that are evaluated on demand. */
  readonly #loaded: Effects;
  readonly #visited = new Set<number>();
  readonly #digests: (Digest | undefined)[] = [];
  readonly #ids = new Map<Digest, number>();
  readonly #writers = new Map<number, number[]>();
  /** How many of the effects on what a unit reads have happened when it is evaluated, where there are any. */
  readonly #moments: ReadonlyMap<number, string>;
  #repeats: ReadonlyMap<number, number> = new Map();

  /** `program` are the real paths of what is imported first. */
  constructor(links: SymbolLinks, program: readonly string[]) {
    this.#links = links;
    this.#rules = new EffectRules(links);
    const places = program.map((path) => links.places.placeOf(path));
    const modules = places.flatMap((place) => (place.kind === "module" ? [place.path] : []));
    this.#evaluated = evaluatedModules(modules, links, this.#rules, new Set());
    this.#effects = new Effects((id) => links.next(id));
    this.#loaded = new Effects(this.#effects.next);
    const packages = places.flatMap((place) =>
      place.kind === "package" ? [links.table.package(place.folder, place.path)] : [],
    );
    this.ambient = [...packages, ...this.#placeEffects()];
    this.#moments = momentsOf({
      units: [...this.#evaluated].flatMap((path) => links.unitsOf(path)),
      effects: this.#effects,
      rules: this.#rules,
      placer: this.#placerIn(this.#effects.next),
      circles: new ImportCircles(this.#evaluated, links, this.#rules),
    });
    this.settle(this.ambient);
    for (const path of this.#evaluated) for (const id of links.unitsOf(path)) this.#noteWrites(id);
  }

  evaluates(path: string): boolean {
    return this.#evaluated.has(path);
  }

  /** A settled node with this digest. */
  idOf(digest: Digest): number | undefined {
    return this.#ids.get(digest);
  }

  /** What a node leads to, effects on it among it. The node must be settled. */
  next(id: number): readonly number[] {
    return this.#loaded.next(id);
  }

  /** What is reached from nodes that are settled. */
  reach(starts: readonly number[]): readonly number[] {
    return this.#walker.reach(starts, this.#loaded.next);
  }

  /** Units that write to a node, wherever in the program. */
  writersOf(id: number): readonly number[] {
    return this.#writers.get(id) ?? [];
  }

  isSettled(id: number): boolean {
    return this.#digests[id] !== undefined;
  }

  digestOf(id: number): Digest {
    const digest = this.#digests[id];
    if (digest === undefined) throw new RangeError(`Node ${id} is not settled.`);
    return digest;
  }

  /** Gives nodes, and all that they lead to, their digests. */
  settle(starts: readonly number[]): void {
    const open = starts.filter((id) => !this.isSettled(id));
    if (open.length === 0) return;
    this.#loadModules(open);
    for (const component of componentsOf(open, this.#loaded.next, (id) => this.isSettled(id))) {
      const digests = componentDigests(
        component,
        (id) => this.#digested(id),
        (id) => this.digestOf(id),
      );
      for (const [id, digest] of digests) {
        this.#digests[id] = digest;
        this.#ids.set(digest, id);
      }
    }
  }

  /** The tags and own digest of a node as one: what it says itself. */
  ownOf(id: number): Digest {
    const { own, refs } = this.#digested(id);
    const tags = refs.map(({ tag }) => tag);
    return tags.every((tag) => tag === "") ? own : digestOf(`own\n${own}\n${JSON.stringify(tags)}`);
  }

  readonly #placerIn = (next: Next): EffectPlacer => new EffectPlacer(this.#links, this.#rules, next);

  #placeEffects(): readonly number[] {
    const candidates = this.#candidatesOf(this.#evaluated);
    const placements = this.#effects.place(candidates, this.#placerIn);
    const ambient = candidates.filter((id) => placements.get(id)?.ambient === true);
    this.#repeats = repeatsOf(
      candidates.filter((id) => hasEffect(placements.get(id))),
      this.#links,
    );
    return [...ambient, ...this.#brokenOf(this.#evaluated)];
  }

  /** Modules that code imports while it runs: their effects belong to the import. */
  #loadModules(starts: readonly number[]): void {
    for (let queue = starts; queue.length > 0; ) {
      const reached = this.#walker.reach(queue, (id) => (this.#visited.has(id) ? [] : this.#loaded.next(id)));
      const fresh = reached.filter((id) => !this.#visited.has(id));
      for (const id of fresh) this.#visited.add(id);
      queue = fresh.flatMap((id) => (this.#links.table.get(id).kind === "evaluation" ? this.#load(id) : []));
    }
  }

  /** Gives the effects that were added. */
  #load(id: number): readonly number[] {
    const { path } = this.#links.table.get(id);
    if (path === undefined) return [];
    const modules = evaluatedModules([path], this.#links, this.#rules, this.#evaluated);
    const candidates = this.#candidatesOf(modules);
    const placements = new Effects(this.#effects.next).place(candidates, this.#placerIn);
    const effects = [...placements].filter(([, placement]) => hasEffect(placement));
    const added = [...effects.map(([effect]) => effect), ...this.#brokenOf(modules)];
    for (const effect of added) this.#loaded.add(id, effect);
    return added;
  }

  #candidatesOf(modules: Iterable<string>): readonly number[] {
    return [...modules].flatMap((path) => this.#links.unitsOf(path).filter((id) => this.#rules.isCandidate(id)));
  }

  #brokenOf(modules: Iterable<string>): readonly number[] {
    return [...modules].flatMap((path) => {
      const source = this.#links.exports.moduleAt(path);
      return source.kind === "broken" ? [this.#links.table.broken(path, source.digest, source.error)] : [];
    });
  }

  #noteWrites(id: number): void {
    const { unit } = this.#links.table.get(id);
    if (unit === undefined || unit.facts.writes.length === 0) return;
    for (const target of new Set(this.#links.targetsOf(id, unit.facts.writes))) {
      const known = this.#writers.get(target);
      if (known === undefined) this.#writers.set(target, [id]);
      else known.push(id);
    }
  }

  /** What a node says itself, and when it says it where that matters. */
  #ownAt({ id, own }: SymbolNode): Digest {
    const [moment, repeat] = [this.#moments.get(id), this.#repeats.get(id)];
    const said = repeat === undefined ? own : digestOf(`again\n${own}\n${repeat}`);
    return moment === undefined ? said : digestOf(`moment\n${said}\n${moment}`);
  }

  #digested(id: number): DigestedNode {
    const node = this.#links.table.get(id);
    const own = this.#ownAt(node);
    const links = this.#links.linksOf(id);
    const refs = links.flat();
    const effects = [...this.#effects.on(id), ...this.#loaded.on(id)];
    if (links.every((targets) => targets.length === 1)) return { own, refs, effects };
    // How many things each reference leads to, so that no two lists of them look alike.
    const counts = links.map((targets) => targets.length).join(" ");
    return { own: digestOf(`targets\n${own}\n${counts}`), refs, effects };
  }
}

function hasEffect(placement: EffectPlacement | undefined): boolean {
  return placement !== undefined && (placement.ambient || placement.targets.size > 0);
}
