import type { Digest } from "../../encoding/digest.ts";
import type { JsxPragmas } from "../jsx-factory.ts";
import type { CodeWarning } from "./symbol-closure.ts";

/**
 * What a unit names, in the order in which its tokens name it first. The digest of a unit holds the places of its
 * references and never their names, so that renaming or moving what is named changes nothing by itself.
 */
export type UnitReference =
  /** A top-level name of the module: a unit's, or an import's. With `member` only that member of a namespace import. */
  | { readonly kind: "name"; readonly name: string; readonly member?: string }
  /** Another unit of the module, by its place: the statement around a function, or an earlier declaration of a merged enum. */
  | { readonly kind: "unit"; readonly unit: number }
  /** `import("./x")` or `require("./x")` inside code: the whole module, and the effects of evaluating it. */
  | { readonly kind: "module"; readonly specifier: string; readonly request: "import" | "require" }
  /** `new URL("./x", import.meta.url)`: a file, or a module that a thread is started with. */
  | { readonly kind: "asset"; readonly specifier: string }
  /**
   * What JSX is compiled to calls; the options decide where the source's own comments do not.
   */
  | { readonly kind: "jsx"; readonly pragmas: JsxPragmas }
  /** The module's own place, used as a value: `import.meta.url`, `__filename`. What is computed may differ with the file's name. */
  | { readonly kind: "place" };

/** What a unit does beside having a value, as far as its own text tells. Numbers are places in `references`. */
export interface UnitFacts {
  /**
   * Evaluating the unit runs code: a call, `new`, a tag, a decorator, a static block, an assignment, `delete`, `await`.
   * Bodies of functions that are only defined there do not count, calls in them not either.
   */
  readonly runs: boolean;
  /**
   * Evaluating the unit may run code without a call in sight: a member is read, something is iterated or spread, or an
   * operator, a template or a key makes text or a number of something that is not plain by its own text.
   */
  readonly reads: boolean;
  /** Anywhere in the unit code is written that reads run: accessors, iterators, conversions, property descriptors, proxies. */
  readonly hides: boolean;
  /** References that are assigned to, or whose properties are assigned, deleted or changed by a mutating method, anywhere in the unit, function bodies included. */
  readonly writes: readonly number[];
  /** Anywhere in the unit something is changed that was handed in or came out of a call: a parameter, an alias of either, `get().x`. */
  readonly writesHanded: boolean;
  /** Methods change `this`. Kept apart, since `new X()` hands in a fresh object. */
  readonly writesThis: boolean;
  /**
   * A function of it changes what it closes over, or is a generator: what calls give may differ from one to the next, though
   * nothing that has a name changes.
   */
  readonly keeps: boolean;
  /** It holds a regular expression that remembers where it stopped. */
  readonly sticky: boolean;
  /** One that does so for methods of texts, too: `y` without `g`. */
  readonly steps: boolean;
  /** Anywhere in the unit something is asked for its next match. */
  readonly matches: boolean;
  /** Anywhere in the unit a text is asked for a match: `text.replace(rx, …)`. */
  readonly replaces: boolean;
  /** References that its names may be other names of. */
  readonly gives: readonly number[];
  /** Its names may be other names of a global. */
  readonly givesGlobal: boolean;
  /** Anywhere in the unit a global is changed: an undeclared name, `globalThis`, `process.env`, a prototype of the language. */
  readonly writesGlobal: boolean;
  /** References that the unit, while it is evaluated, calls, constructs or calls a method of. */
  readonly calls: readonly number[];
  /** Those of them that are called by a name that says that they set something up: `initializeApp`, `configure`, `setLevel`. */
  readonly sets: readonly number[];
  /** References that it hands to calls while it is evaluated: arguments, and what array, object and spread arguments hold. */
  readonly hands: readonly number[];
  /**
   * References that it hands to calls, or calls a method of, anywhere, function bodies included: what may be changed in there
   * when code that it leads to changes what is handed to it (`writesHanded`, `writesThis`).
   */
  readonly passes: readonly number[];
  /** While it is evaluated it calls a global or the result of something, with its value thrown away: `setTimeout(…)`. `console` does not count. */
  readonly callsUnknown: boolean;
  /** References to Warmstart's own `step`, `pipeline`, `run`, … that are called while it is evaluated. */
  readonly defines: boolean;
}

/** One top-level declaration or statement, or the function of a step taken out of one. */
export interface Unit {
  /** Names that it declares, joined; `statement`; or the function's path. */
  readonly name: string;
  readonly names: readonly string[];
  readonly kind: "function" | "class" | "variable" | "enum" | "namespace" | "statement" | "effect-import" | "root";
  /**
   * What its names hold, as far as others could change it: nothing for primitive constants; `function` where only
   * properties put on it could; `object` for the rest, and for every variable that is not a constant.
   */
  readonly holds: "primitive" | "function" | "class" | "object";
  /** 1-based. */
  readonly line: number;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** Of its normalised tokens. */
  readonly own: Digest;
  readonly references: readonly UnitReference[];
  readonly facts: UnitFacts;
  /** Names that neither the unit nor its module declares: those of the language and the platform. */
  readonly globals: readonly string[];
  /** What cannot be decided: `eval`, `new Function`, `with`, computed imports. */
  readonly flags: readonly { readonly name: string; readonly line: number }[];
  readonly warnings: readonly Omit<CodeWarning, "at">[];
  readonly warningLines: readonly number[];
  readonly environment: readonly { readonly name: string; readonly line: number }[];
  readonly localeSensitive: boolean;
}

/** A binding that another module gives. `imported` is its name there, `default`, or `*` for the namespace. */
export interface ImportedName {
  readonly specifier: string;
  readonly request: "import" | "require";
  readonly imported: string;
  /** Phase and attributes where there are any: `defer`, `type=json`. */
  readonly attributes?: string;
}

/** A module taken apart; a pure function of its path's ending and its text. */
export interface ModuleUnits {
  readonly units: readonly Unit[];
  /** Top-level names: of a unit (its place in `units`), or of an import. */
  readonly bindings: ReadonlyMap<string, number | ImportedName>;
  /** Exported names: of a binding, or of another module. */
  readonly exports: ReadonlyMap<string, string | ImportedName>;
  /** `export * from`. */
  readonly stars: readonly string[];
  /** Modules that are evaluated before this one, in order; types left out. */
  readonly requests: readonly {
    readonly specifier: string;
    readonly request: "import" | "require";
    readonly line: number;
  }[];
  /** Exports cannot be told apart: whoever imports the module gets all of it. */
  readonly commonjs: boolean;
  /** The functions of steps, by `FunctionEntry.path`, for the paths that were asked for. */
  readonly roots: ReadonlyMap<string, Unit>;
}
