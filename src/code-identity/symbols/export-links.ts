import { digestOf } from "../../encoding/digest.ts";
import { CodeIdentityError } from "../../errors.ts";
import type { ImportPlace, ImportPlaces } from "./import-places.ts";
import type { ImportedName, ModuleUnits, Unit } from "./module-units.ts";
import type { NodeTable } from "./node-table.ts";
import type { SymbolSource, SymbolSources } from "./symbol-source.ts";
import type { Links, Target } from "./symbol-node.ts";

type Seen = ReadonlySet<string>;
type Targets = readonly Target[];

const nowhere: Seen = new Set();

/** Follows names through imports, re-exports and barrels to what declares them. */
export class ExportLinks {
  readonly #sources: SymbolSources;
  readonly #places: ImportPlaces;
  readonly #table: NodeTable;
  readonly #known = new Map<string, Targets>();

  constructor(sources: SymbolSources, places: ImportPlaces, table: NodeTable) {
    this.#sources = sources;
    this.#places = places;
    this.#table = table;
  }

  /** A module; what is no module any more or none that can be read is broken. */
  moduleAt(path: string): Exclude<SymbolSource, { kind: "data" }> {
    const source = this.#sources.sourceAt(path);
    if (source !== undefined && source.kind !== "data") return source;
    return { kind: "broken", digest: digestOf(""), error: missing(path) };
  }

  /** What a top-level name of a module stands for; with `member`, a member of the namespace that it stands for. */
  nameTargets(path: string, name: string, member?: string, seen: Seen = nowhere): Targets {
    const source = this.moduleAt(path);
    const binding = source.kind === "module" ? source.units.bindings.get(name) : undefined;
    if (source.kind !== "module" || binding === undefined) return [this.#nothing(name)];
    if (typeof binding !== "number") return this.importTargets(path, asMember(binding, member), seen);
    const unit = source.units.units[binding];
    return unit === undefined ? [this.#nothing(name)] : [this.#unitTarget(path, binding, unit, name)];
  }

  importTargets(importer: string, binding: ImportedName, seen: Seen = nowhere): Targets {
    const { specifier, request, imported } = binding;
    const place = this.#places.importOf(specifier, importer, request);
    if (place.kind === "data" && /\btype=(?!json\b)/.test(binding.attributes ?? "")) {
      return [{ to: this.dataNode(place.path, "bytes"), tag: binding.attributes ?? "" }];
    }
    return this.placeTargets(place, imported, importer, seen);
  }

  /** `line` is where an import that leads nowhere stands, when it is known. */
  placeTargets(place: ImportPlace, name: string, importer: string, seen: Seen = nowhere, line?: number): Targets {
    if (place.kind === "module") return this.#exportTargets(place.path, name, seen);
    const at = (to: number, tag: string = name): Targets => [{ to, tag }];
    if (place.kind === "data") return at(this.dataNode(place.path, "value"));
    if (place.kind === "package")
      return at(this.#table.package(place.folder, place.path), JSON.stringify([place.as, name]));
    if (place.kind === "builtin") return at(this.#table.builtin(place.name));
    if (place.kind === "own") return at(this.#table.own());
    if (place.kind === "inline") return [];
    return at(this.#table.unresolved(place.specifier, importer, line ?? this.#lineOf(importer, place.specifier)));
  }

  dataNode(path: string, as: "value" | "bytes"): number {
    const source = this.#sources.sourceAt(path);
    if (source === undefined) return this.#table.broken(path, digestOf(""), missing(path));
    if (source.kind === "data") return this.#table.data(path, as, source[as]);
    const error = source.kind === "broken" ? source.error : missing(path);
    return this.#table.broken(path, source.digest, error);
  }

  /** All that a module exports, by name; of modules whose exports cannot be told apart everything. */
  namespaceLinks(path: string): Links {
    const source = this.moduleAt(path);
    if (source.kind === "broken") return [[{ to: this.#table.broken(path, source.digest, source.error), tag: "" }]];
    const { units } = source;
    const whole = units.commonjs
      ? units.units.map((unit, place): Targets => [{ to: this.#table.unit(path, place, unit), tag: "" }])
      : [];
    const names = [...this.#exportedNames(path, units, new Set())].sort();
    const named = names.map((name) => this.#exportTargets(path, name, nowhere).map((target) => tagged(name, target)));
    return [...whole, ...named, ...this.#opaqueStars(path, units)];
  }

  #exportTargets(path: string, name: string, seen: Seen): Targets {
    const key = `${name} ${path}`;
    if (seen.has(key)) return [];
    const known = seen.size === 0 ? this.#known.get(key) : undefined;
    if (known !== undefined) return known;
    const found = this.#findExport(path, name, new Set([...seen, key]));
    const targets = found.length === 0 && seen.size === 0 ? [this.#nothing(name)] : found;
    if (seen.size === 0) this.#known.set(key, targets);
    return targets;
  }

  #findExport(path: string, name: string, seen: Seen): Targets {
    const source = this.moduleAt(path);
    if (source.kind === "broken") return [{ to: this.#table.broken(path, source.digest, source.error), tag: "" }];
    const { units } = source;
    if (name === "*" || units.commonjs) return [{ to: this.#table.namespace(path), tag: name }];
    const exported = units.exports.get(name);
    if (typeof exported === "string") return this.nameTargets(path, exported, undefined, seen);
    if (exported !== undefined) return this.importTargets(path, exported, seen);
    return name === "default" ? [] : this.#starTargets(path, name, units, seen);
  }

  /** Of several stars that give a name all count: the language calls it ambiguous. Packages count where no module gives it. */
  #starTargets(path: string, name: string, { stars }: ModuleUnits, seen: Seen): Targets {
    const found: Target[] = [];
    const opaque: Target[] = [];
    for (const specifier of stars) {
      const place = this.#places.importOf(specifier, path, "import");
      const into = this.#isOpaque(place) ? opaque : found;
      for (const target of this.placeTargets(place, name, path, seen)) {
        if (!into.some(({ to, tag }) => to === target.to && tag === target.tag)) into.push(target);
      }
    }
    return found.length > 0 ? found : opaque;
  }

  #exportedNames(path: string, units: ModuleUnits, seen: Set<string>): Set<string> {
    const names = new Set(units.exports.keys());
    if (seen.has(path)) return names;
    seen.add(path);
    for (const specifier of units.stars) {
      const place = this.#places.importOf(specifier, path, "import");
      if (place.kind !== "module" || this.#isOpaque(place)) continue;
      const source = this.moduleAt(place.path);
      if (source.kind !== "module") continue;
      for (const name of this.#exportedNames(place.path, source.units, seen)) if (name !== "default") names.add(name);
    }
    return names;
  }

  /** Stars whose names are not known, here or in the modules that are re-exported. */
  #opaqueStars(path: string, units: ModuleUnits, seen: Set<string> = new Set()): Links {
    if (seen.has(path)) return [];
    seen.add(path);
    return units.stars.flatMap((specifier): Links => {
      const place = this.#places.importOf(specifier, path, "import");
      if (this.#isOpaque(place)) return [this.placeTargets(place, "*", path)];
      const source = place.kind === "module" ? this.moduleAt(place.path) : undefined;
      return source?.kind === "module" && place.kind === "module"
        ? this.#opaqueStars(place.path, source.units, seen)
        : [];
    });
  }

  #isOpaque(place: ImportPlace): boolean {
    if (place.kind !== "module") return true;
    const source = this.moduleAt(place.path);
    return source.kind === "broken" || source.units.commonjs;
  }

  #unitTarget(path: string, place: number, unit: Unit, name: string): Target {
    const to = this.#table.unit(path, place, unit);
    return { to, tag: unit.names.length > 1 ? String(unit.names.indexOf(name)) : "" };
  }

  #nothing(name: string): Target {
    return { to: this.#table.nothing(), tag: name };
  }

  #lineOf(path: string, specifier: string): number {
    const source = this.moduleAt(path);
    const requests = source.kind === "module" ? source.units.requests : [];
    return requests.find((request) => request.specifier === specifier)?.line ?? 1;
  }
}

function asMember(imported: ImportedName, member: string | undefined): ImportedName {
  return member === undefined || imported.imported !== "*" ? imported : { ...imported, imported: member };
}

function tagged(name: string, { to, tag }: Target): Target {
  return { to, tag: JSON.stringify([name, tag]) };
}

function missing(path: string): CodeIdentityError {
  return new CodeIdentityError("WS_SOURCE_NOT_FOUND", {
    message: `${path} is not there any more, and a step's code stands in it or imports it.`,
    hint: "Restore the file, or start the program again without it.",
    details: { path },
  });
}
