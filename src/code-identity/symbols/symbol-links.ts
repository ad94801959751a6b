import { dirname } from "node:path";
import type { GuardedResolver } from "../guarded-resolver.ts";
import { jsxFactoryOf } from "../jsx-factory.ts";
import type { JsxPragmas } from "../jsx-factory.ts";
import { ExportLinks } from "./export-links.ts";
import { ImportPlaces } from "./import-places.ts";
import type { Unit, UnitReference } from "./module-units.ts";
import { NodeTable } from "./node-table.ts";
import type { SymbolSources } from "./symbol-source.ts";
import type { Links, SymbolNode, Target } from "./symbol-node.ts";

export interface SymbolLinksInit {
  readonly sources: SymbolSources;
  readonly resolver: GuardedResolver;
  /** Rooted name of a file. */
  readonly nameOf: (path: string) => string;
  /** Whether a file is Warmstart's own: left out. */
  readonly isOwn: (path: string) => boolean;
}

type Targets = readonly Target[];

/** The graph without effects: what each node leads to by its own text. Nodes are linked when they are first asked for. */
export class SymbolLinks {
  readonly table: NodeTable = new NodeTable();
  readonly places: ImportPlaces;
  readonly exports: ExportLinks;
  readonly #init: SymbolLinksInit;
  readonly #links: (Links | undefined)[] = [];
  readonly #next: (readonly number[] | undefined)[] = [];

  constructor(init: SymbolLinksInit) {
    this.#init = init;
    this.places = new ImportPlaces(init.resolver, init.isOwn);
    this.exports = new ExportLinks(init.sources, this.places, this.table);
  }

  linksOf(id: number): Links {
    const known = this.#links[id];
    if (known !== undefined) return known;
    const links = this.#link(this.table.get(id));
    this.#links[id] = links;
    return links;
  }

  /** What a node leads to, each once. */
  next(id: number): readonly number[] {
    const known = this.#next[id];
    if (known !== undefined) return known;
    const found = new Set<number>();
    for (const targets of this.linksOf(id)) for (const { to } of targets) found.add(to);
    const next = [...found];
    this.#next[id] = next;
    return next;
  }

  /** What some of a unit's references lead to. */
  targetsOf(id: number, references: readonly number[]): readonly number[] {
    const links = this.linksOf(id);
    return references.flatMap((reference) => (links[reference] ?? []).map(({ to }) => to));
  }

  /** The function of a step; undefined when its module has none with this path. */
  rootNode(path: string, functionPath: string): number | undefined {
    const unit = this.#init.sources.rootAt(path, functionPath);
    return unit === undefined ? undefined : this.table.root(path, functionPath, unit);
  }

  /** The units of a module, in order; none for what is broken. */
  unitsOf(path: string): readonly number[] {
    const source = this.exports.moduleAt(path);
    if (source.kind === "broken") return [];
    return source.units.units.map((unit, place) => this.table.unit(path, place, unit));
  }

  /** The modules that are evaluated before this one. */
  requestsOf(path: string): readonly string[] {
    const source = this.exports.moduleAt(path);
    if (source.kind === "broken") return [];
    return source.units.requests.flatMap(({ specifier, request }) => {
      const place = this.places.importOf(specifier, path, request);
      return place.kind === "module" ? [place.path] : [];
    });
  }

  #link(node: SymbolNode): Links {
    const { kind, path, unit } = node;
    if (kind === "package") return this.#packageLinks(node);
    if (path === undefined) return [];
    if (kind === "namespace") return this.exports.namespaceLinks(path);
    if (kind === "evaluation") return [this.exports.placeTargets({ kind: "module", path }, "*", path)];
    return unit === undefined ? [] : unit.references.map((reference) => this.#reference(reference, path, unit));
  }

  /** A package as it is imported leads to the package; what that leads to is asked apart, by `CodeClosures`. */
  #packageLinks({ folder = "", path }: SymbolNode): Links {
    return path === undefined ? [] : [[{ to: this.table.package(folder), tag: "" }]];
  }

  #reference(reference: UnitReference, path: string, unit: Unit): Targets {
    if (reference.kind === "name") return this.exports.nameTargets(path, reference.name, reference.member);
    if (reference.kind === "unit") return this.#unitTargets(path, reference.unit);
    if (reference.kind === "jsx") return this.#jsxTargets(path, unit, reference.pragmas);
    if (reference.kind === "place") return [{ to: this.table.place(path, this.#init.nameOf(path)), tag: "" }];
    if (reference.kind === "asset") return this.#assetTargets(path, reference.specifier);
    const place = this.places.importOf(reference.specifier, path, reference.request);
    if (place.kind !== "module") return this.exports.placeTargets(place, "*", path, undefined, unit.line);
    // The effects of what is imported for them are looked for in the module itself.
    if (unit.kind === "effect-import") return [];
    return [{ to: this.table.evaluation(place.path), tag: "*" }];
  }

  #unitTargets(path: string, place: number): Targets {
    const to = this.unitsOf(path)[place];
    return to === undefined ? [] : [{ to, tag: "unit" }];
  }

  #assetTargets(path: string, specifier: string): Targets {
    const place = this.places.assetOf(specifier, path);
    if (place.kind === "module") return [{ to: this.table.evaluation(place.path), tag: "asset" }];
    if (place.kind === "data") return [{ to: this.exports.dataNode(place.path, "bytes"), tag: "asset" }];
    // A file that is not there yet is no import that fails; what is read of it is observed.
    if (place.kind === "unresolved") return [{ to: this.table.nothing(), tag: specifier }];
    return this.exports.placeTargets(place, "asset", path);
  }

  /** What JSX is compiled to calls of: functions named by the options, or those of a package that the compiler imports. */
  #jsxTargets(path: string, unit: Unit, pragmas: JsxPragmas): Targets {
    const { emit } = this.#init.resolver.optionsOf(dirname(path));
    const found = jsxFactoryOf(emit, pragmas);
    if (found.kind === "import") {
      const place = this.places.importOf(`${found.source}/jsx-runtime`, path, "import");
      return this.exports.placeTargets(place, "*", path, undefined, unit.line);
    }
    // Of `React.createElement` the name is all that is in scope.
    const names = [found.factory, found.fragment].map((word) => word.replace(/\..*$/s, ""));
    return names.flatMap((name) => this.exports.nameTargets(path, name));
  }
}
