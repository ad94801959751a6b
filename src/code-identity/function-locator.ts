import type { SourceLocation } from "../model/source-location.ts";
import type { AnyFunction, FunctionInspector, ScriptPlace } from "./function-inspector.ts";
import type { FunctionEntry, FunctionTable } from "./function-entry.ts";
import { functionAt, literalFunctionAt } from "./function-table.ts";
import { filePathOf } from "./source-position.ts";
import type { MapPosition } from "./source-position.ts";

/** A function and where it is written. */
export type LocatedFunction =
  | {
      readonly kind: "located";
      /** Real path. */
      readonly file: string;
      readonly entry: FunctionEntry;
      /** Values of outer variables, innermost scope first; filled where the entry has captures. */
      readonly scopes: readonly object[];
    }
  | { readonly kind: "bound"; readonly target: unknown; readonly boundThis: unknown; readonly boundArgs: unknown }
  | { readonly kind: "unlocated"; readonly why: string; readonly file?: string };

export interface FunctionLocatorInit {
  readonly inspector: FunctionInspector;
  readonly mapPosition: MapPosition;
  /** The functions of a file; undefined when there is no such file or it holds no code. */
  readonly tableOf: (path: string) => FunctionTable | undefined;
}

/** Finds out where functions are written, by the engine's word and by where they were given to Warmstart. */
export class FunctionLocator {
  readonly #init: FunctionLocatorInit;
  /** Real paths whose scripts were seen to be the files themselves. */
  readonly #direct = new Set<string>();

  constructor(init: FunctionLocatorInit) {
    this.#init = init;
  }

  /** `definedAt` is given for the function that stands in the `step(…)` call itself. */
  locate(fn: AnyFunction, definedAt?: SourceLocation): LocatedFunction {
    const literal = definedAt && this.#literal(definedAt);
    if (literal !== undefined) return literal;
    let found: { readonly file: string; readonly entry: FunctionEntry } | undefined;
    const inspected = this.#init.inspector.inspect(fn, (place) => {
      found = this.#find(fn, place);
      return found !== undefined && found.entry.captures.length > 0;
    });
    if (inspected.kind === "bound") return inspected;
    if (inspected.kind === "unknown") return { kind: "unlocated", why: inspected.why };
    const file = filePathOf(inspected.place.url);
    if (found !== undefined) {
      this.#direct.add(found.file);
      return { kind: "located", ...found, scopes: inspected.scopes };
    }
    if (file === undefined) return { kind: "unlocated", why: "it was compiled from no file" };
    return {
      kind: "unlocated",
      why: `its place in ${file} cannot be told: the code that runs was transformed without a source map`,
      file,
    };
  }

  /** Where the source alone says which function it is. Not so when stack traces may lead to another file than was loaded. */
  #literal(at: SourceLocation): LocatedFunction | undefined {
    const file = filePathOf(at.url);
    if (file === undefined || (stacksAreMapped() && !this.#direct.has(file))) return undefined;
    const table = this.#init.tableOf(file);
    const entry = table && literalFunctionAt(table, at);
    return entry && { kind: "located", file, entry, scopes: [] };
  }

  #find(fn: AnyFunction, place: ScriptPlace): { readonly file: string; readonly entry: FunctionEntry } | undefined {
    const file = filePathOf(place.url);
    const table = file === undefined ? undefined : this.#init.tableOf(file);
    if (file === undefined || table === undefined) return undefined;
    const mapped = this.#init.mapPosition(place);
    const entry = functionAt(table, mapped ?? { line: place.line + 1, column: place.column + 1 });
    if (entry === undefined) return undefined;
    // Without a map the position counts only if the text there is the text that runs.
    if (mapped === undefined && entry.length > 0 && Function.prototype.toString.call(fn).length !== entry.length)
      return undefined;
    return { file, entry };
  }
}

function stacksAreMapped(): boolean {
  return process.sourceMapsEnabled || Error.prepareStackTrace !== undefined;
}
