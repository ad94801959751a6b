import type { UnseenActivity } from "../model/reads.ts";
import type { CodeClosure, CodeClosures } from "./code-closure.ts";
import type { CodeIdentity, CodeMode, FunctionSource, IdentifyRequest, LoadedProgram } from "./code-identity.ts";
import type { FunctionTable } from "./function-entry.ts";
import { readFunction } from "./function-reader.ts";
import type { FunctionFacts, FunctionReaderInit } from "./function-reader.ts";
import { assemble, filesPart, refuseUnreadable, wordClosure } from "./identity-part.ts";
import type { IdentityPart } from "./identity-part.ts";
import { shippedVersion } from "./shipped-code.ts";
import type { SymbolParts } from "./symbols/symbol-parts.ts";

/** The functions of a request. */
export interface FunctionsRead {
  readonly step: FunctionFacts;
  readonly materializers: readonly { readonly id: string; readonly functions: readonly FunctionFacts[] }[];
}

export interface IdentityMakerInit {
  readonly reader: FunctionReaderInit;
  readonly closures: CodeClosures;
  readonly symbols: SymbolParts;
  readonly tableOf: (path: string) => FunctionTable | undefined;
  /** Real paths of the project's modules that Node loads before any program. */
  readonly preloaded: () => readonly string[];
}

/** Makes identities of the functions that a request names, part by part. */
export class IdentityMaker {
  readonly #init: IdentityMakerInit;
  readonly #programs = new WeakMap<CodeClosure, LoadedProgram>();

  constructor(init: IdentityMakerInit) {
    this.#init = init;
  }

  /** Reads the functions of a request. */
  read({ step, mode, materializers }: IdentifyRequest): FunctionsRead {
    return { step: this.readStep(step, mode), materializers: this.readMaterializers(materializers) };
  }

  readStep(step: FunctionSource, mode: CodeMode): FunctionFacts {
    return readFunction(step, { inCall: true, shipped: shippedVersion(mode) !== undefined }, this.#init.reader);
  }

  readMaterializers(materializers: IdentifyRequest["materializers"]): FunctionsRead["materializers"] {
    return materializers.map(({ id, functions }) => ({
      id,
      functions: functions.map((source) => readFunction(source, { inCall: false }, this.#init.reader)),
    }));
  }

  /**
   * The identity, from the sources as they are. `pipeline` is the real path of its module.
   *
   * @throws CodeIdentityError for a module that the step reaches and that cannot be found, read or parsed.
   */
  make(mode: CodeMode, { step, materializers }: FunctionsRead, pipeline: string | undefined): CodeIdentity {
    const program = programOf(pipeline, materializers, this.#init.preloaded(), step);
    const parts = [
      this.#partOf([], [step], mode, { pipeline, program }),
      ...materializers.map(({ id, functions }) =>
        // Materializers have no word of their own.
        this.#partOf([`materializer:${id}`], functions, mode === "symbols" ? mode : "files", {
          pipeline: undefined,
          program,
        }),
      ),
    ];
    const identity = assemble(parts, step);
    if (typeof mode !== "string") {
      return { ...identity, unseen: [...identity.unseen, ...this.#oneOfSeveral(step)], program: undefined };
    }
    return { ...identity, program: pipeline === undefined ? undefined : this.#programOf(program, pipeline) };
  }

  #partOf(
    prefix: readonly string[],
    functions: readonly FunctionFacts[],
    mode: CodeMode,
    { pipeline, program }: { readonly pipeline: string | undefined; readonly program: readonly string[] },
  ): IdentityPart {
    if (mode === "symbols") return this.#init.symbols.partOf({ prefix, functions, program });
    if (mode !== "files") {
      const counted = functions.every(({ shipped }) => shipped) ? shippedVersion(mode) : undefined;
      return filesPart(prefix, functions, wordClosure(counted ?? mode.version));
    }
    const files = [...new Set([...functions.flatMap((facts) => facts.files), ...this.#init.preloaded()])].sort();
    const closure = this.#init.closures.closureOf(files, pipeline);
    refuseUnreadable(this.#init.closures.closureOf(files, undefined));
    return filesPart(prefix, functions, closure);
  }

  /** Where the code is not looked at, functions that only their order tells apart could be taken for each other after an edit. */
  #oneOfSeveral({ place: [module, path], files }: FunctionFacts): readonly UnseenActivity[] {
    const file = files.find((candidate) => this.#init.reader.nameOf(candidate) === module);
    const table = file === undefined ? undefined : this.#init.tableOf(file);
    const alike = table?.functions.filter((entry) => unnumbered(entry.path) === unnumbered(path)) ?? [];
    if (alike.length < 2) return [];
    const note = `${module}: ${alike.length} functions are called ${unnumbered(path)}; with code: { version } each needs a name of its own`;
    return [{ kind: "code", name: "function", note }];
  }

  /** Over the modules that a thread imports for a step, the pipeline's and those that define materializers. */
  #programOf(all: readonly string[], pipeline: string): LoadedProgram {
    const closure = this.#init.closures.closureOf(all, pipeline);
    const known = this.#programs.get(closure);
    if (known !== undefined) return known;
    const program = { digest: closure.digest, modules: closure.modules.map(({ url }) => url) };
    this.#programs.set(closure, program);
    return program;
  }
}

/** Real paths of the modules that a thread imports for a step. */
export function programOf(
  pipeline: string | undefined,
  materializers: FunctionsRead["materializers"],
  preloaded: readonly string[],
  step?: FunctionFacts,
): readonly string[] {
  const files = materializers.flatMap(({ functions }) => functions.flatMap((facts) => facts.files));
  return [...new Set([...(pipeline === undefined ? (step?.files ?? []) : [pipeline]), ...files, ...preloaded])];
}

/** A function's path without the numbers that tell equal paths apart. */
function unnumbered(path: string): string {
  return path.replaceAll(/#\d+(?=\/|$)/g, "");
}
