import { extname } from "node:path";
import { digestOf } from "../../encoding/digest.ts";
import type { Digest } from "../../encoding/digest.ts";
import { CodeIdentityError } from "../../errors.ts";
import type { SourceFacts } from "../source-facts.ts";
import { isCode } from "../syntax.ts";
import { dataDigest } from "./data-file.ts";
import type { ModuleUnits, Unit } from "./module-units.ts";
import { readUnits } from "./read-units.ts";
import type { SymbolSource, SymbolSources } from "./symbol-source.ts";

/** What is kept between processes: by content, each module as JSON text, since few of them are asked for after an edit. */
export type StoredUnits = readonly (readonly [key: string, units: string])[];

type Plain = Omit<ModuleUnits, "bindings" | "exports" | "roots"> & {
  readonly bindings: readonly (readonly [string, number | object])[];
  readonly exports: readonly (readonly [string, string | object])[];
  readonly roots: readonly (readonly [string, Unit])[];
};

/** Takes modules apart, each content once, in this process or an earlier one. */
export class UnitStore implements SymbolSources {
  readonly #sources: SourceFacts;
  readonly #load: () => StoredUnits;
  #stored: Map<string, string> | undefined;
  readonly #units = new Map<string, ModuleUnits>();
  readonly #round = new Map<string, SymbolSource | undefined>();
  #changed = false;

  /** `load` is called when a module is first asked for: an unchanged program never does. */
  constructor(sources: SourceFacts, load: () => StoredUnits) {
    this.#sources = sources;
    this.#load = load;
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Looks at every file again when it is next asked for. */
  forget(): void {
    this.#round.clear();
  }

  sourceAt(path: string): SymbolSource | undefined {
    if (!this.#round.has(path)) this.#round.set(path, this.#read(path));
    return this.#round.get(path);
  }

  rootAt(path: string, functionPath: string): Unit | undefined {
    const source = this.sourceAt(path);
    if (source?.kind !== "module") return undefined;
    const known = source.units.roots.get(functionPath);
    if (known !== undefined) return known;
    const roots = new Set([...source.units.roots.keys(), ...this.#likelyRoots(path), functionPath]);
    const units = this.#takeApart(path, source.digest, [...roots]);
    this.#round.set(path, { ...source, units });
    return units.roots.get(functionPath);
  }

  textOf(path: string): string | undefined {
    try {
      const file = this.#sources.fileAt(path);
      return file && this.#sources.textOf(path, file.digest);
    } catch (error) {
      if (error instanceof CodeIdentityError) return undefined;
      throw error;
    }
  }

  toStored(): StoredUnits {
    this.#changed = false;
    return [...this.#units].map(([key, units]) => [key, toText(units)] as const);
  }

  #read(path: string): SymbolSource | undefined {
    try {
      const file = this.#sources.fileAt(path);
      if (file === undefined) return undefined;
      if (isCode(path)) return { kind: "module", digest: file.digest, units: this.#unitsOf(path, file.digest) };
      const bytes = this.#sources.bytesOf(path, file.digest);
      return { kind: "data", bytes: file.digest, value: dataDigest(path, bytes) };
    } catch (error) {
      if (!(error instanceof CodeIdentityError)) throw error;
      const digest = error.code === "WS_SOURCE_SYNTAX" ? this.#sources.digestOf(path) : undefined;
      return { kind: "broken", digest: digest ?? digestOf("unreadable"), error };
    }
  }

  #unitsOf(path: string, digest: Digest): ModuleUnits {
    const key = keyOf(path, digest);
    const known = this.#units.get(key);
    if (known !== undefined) return known;
    this.#stored ??= new Map(this.#load());
    const text = this.#stored.get(key);
    if (text === undefined) return this.#takeApart(path, digest, this.#likelyRoots(path));
    const units = fromText(text);
    this.#units.set(key, units);
    return units;
  }

  #takeApart(path: string, digest: Digest, roots: readonly string[]): ModuleUnits {
    const units = readUnits(path, this.#sources.textOf(path, digest), roots);
    this.#units.set(keyOf(path, digest), units);
    this.#changed = true;
    return units;
  }

  /** The functions of `step(…)` calls that are made once: taken out together with the units, in one walk. */
  #likelyRoots(path: string): readonly string[] {
    const table = this.#sources.tableOf(path);
    return table?.literalCalls.flatMap(({ fn }) => table.functions[fn]?.path ?? []) ?? [];
  }
}

/** The ending says how a text is parsed. */
function keyOf(path: string, digest: Digest): string {
  return `${digest}${extname(path)}`;
}

function toText({ bindings, exports, roots, ...rest }: ModuleUnits): string {
  const plain: Plain = { ...rest, bindings: [...bindings], exports: [...exports], roots: [...roots] };
  return JSON.stringify(plain);
}

function fromText(text: string): ModuleUnits {
  const { bindings, exports, roots, ...rest } = JSON.parse(text) as Plain;
  return {
    ...rest,
    bindings: new Map(bindings) as ModuleUnits["bindings"],
    exports: new Map(exports) as ModuleUnits["exports"],
    roots: new Map(roots),
  };
}
