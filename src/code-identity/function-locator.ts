import type { SourceLocation } from "../model/source-location.ts";
import type { AnyFunction, FunctionInspector, ScriptPlace } from "./function-inspector.ts";
import type { FunctionEntry, FunctionTable } from "./function-entry.ts";
import { isFaithful } from "./faithful-sources.ts";
import { functionAt, literalFunctionAt, mappedFunction } from "./function-table.ts";
import type { MapPosition } from "./source-position.ts";

/** A function and where it is written. */
export type LocatedFunction =
  | {
      readonly kind: "located";
      /** Real path. */
      readonly file: string;
      readonly entry: FunctionEntry;
      /** Whether the source alone says it: the function is written in the call that it was given to, and captures nothing. */
      readonly literal: boolean;
      /** Values of outer variables, innermost scope first; filled where the entry has captures. */
      readonly scopes: readonly object[];
    }
  | { readonly kind: "bound"; readonly target: unknown; readonly boundThis: unknown; readonly boundArgs: unknown }
  | { readonly kind: "unlocated"; readonly why: string; readonly file?: string };

export interface FunctionLocatorInit {
  readonly inspector: FunctionInspector;
  readonly mapPosition: MapPosition;
  /** `filePathOf`, remembered. */
  readonly pathOf: (url: string) => string | undefined;
  /** The functions of a file; undefined when there is no such file or it holds no code. */
  readonly tableOf: (path: string) => FunctionTable | undefined;
  /** The shape of a running function's text; undefined for a text that does not stand alone. */
  readonly shapeOf: (text: string) => string | undefined;
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
    let found: FoundFunction | undefined;
    const inspected = this.#init.inspector.inspect(fn, (place) => {
      found = this.#find(fn, place);
      return found !== undefined && found.entry.captures.length > 0;
    });
    if (inspected.kind === "bound") return inspected;
    if (inspected.kind === "unknown") return { kind: "unlocated", why: inspected.why };
    const file = this.#init.pathOf(inspected.place.url);
    if (found !== undefined) {
      this.#direct.add(found.file);
      return { kind: "located", ...found, literal: false, scopes: inspected.scopes };
    }
    if (file === undefined) return { kind: "unlocated", why: "it was compiled from no file" };
    return {
      kind: "unlocated",
      why: `its place in ${file} cannot be told: the code that runs was transformed without a source map`,
      file,
    };
  }

  /**
   * A name for the place of a call, where it can be told by the text of the program which function was given to it: equal names
   * in an equal program mean the same function, if the call is a literal one.
   */
  placeOf(at: SourceLocation): string | undefined {
    if (stacksAreMapped() && this.#trustedFile(at) === undefined) return undefined;
    return `${at.url}:${at.line}:${at.column}`;
  }

  /** Where the source alone says which function it is. Not so when stack traces may lead to another file than was loaded. */
  #literal(at: SourceLocation): LocatedFunction | undefined {
    const file = this.#trustedFile(at);
    if (file === undefined) return undefined;
    const table = this.#init.tableOf(file);
    const entry = table && literalFunctionAt(table, at);
    return entry && { kind: "located", file, entry, literal: true, scopes: [] };
  }

  #trustedFile({ url }: SourceLocation): string | undefined {
    const file = this.#init.pathOf(url);
    if (file === undefined || !stacksAreMapped() || this.#direct.has(file)) return file;
    return !stacksAreRewritten() && isFaithful(file) ? file : undefined;
  }

  #find(fn: AnyFunction, place: ScriptPlace): FoundFunction | undefined {
    const file = this.#init.pathOf(place.url);
    const table = file === undefined ? undefined : this.#init.tableOf(file);
    if (file === undefined || table === undefined) return undefined;
    const entry = stacksAreMapped() ? undefined : this.#entryAt(fn, place, table, false);
    const sure = entry ?? this.#entryAt(fn, place, table, true);
    return sure && { file, entry: sure };
  }

  #entryAt(fn: AnyFunction, place: ScriptPlace, table: FunctionTable, thorough: boolean): FunctionEntry | undefined {
    const mapped = this.#init.mapPosition(place, thorough);
    const text = Function.prototype.toString.call(fn);
    if (mapped !== undefined) {
      const shape = this.#init.shapeOf(text);
      return shape === undefined ? undefined : mappedFunction(table, mapped, shape);
    }
    const entry = functionAt(table, { line: place.line + 1, column: place.column + 1 });
    // Without a map the position counts only if the text there is the text that runs.
    return entry === undefined || entry.length === 0 || text.length === entry.length ? entry : undefined;
  }
}

interface FoundFunction {
  readonly file: string;
  readonly entry: FunctionEntry;
}

/** Whether someone rewrites stack traces: Node for source maps, or a tool in its own way. */
function stacksAreMapped(): boolean {
  return process.sourceMapsEnabled || stacksAreRewritten();
}

function stacksAreRewritten(): boolean {
  const { prepareStackTrace } = Error as { readonly prepareStackTrace?: { readonly name: string } };
  return prepareStackTrace !== undefined && prepareStackTrace.name !== "ErrorPrepareStackTrace";
}
