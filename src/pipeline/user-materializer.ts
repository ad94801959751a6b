import { previewValue } from "../encoding/preview.ts";
import { PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { callSite, formatPlace } from "./call-site.ts";
import { threadSlot } from "./thread-state.ts";

/** How a value of a class, or of a form that wants its own bytes, is kept. */
export interface MaterializerDefinition<T, P = unknown> {
  /** A positive integer that you raise when the stored form changes. Part of the key of whatever reads the value. */
  readonly version: number;
  /** True for the values that this materializer is for; must not change them. */
  is(this: void, value: unknown): value is T;
  /** Gives plain data (or bytes) that holds everything of the value. */
  save(this: void, value: T): P | Promise<P>;
  /** Makes a value of its own from what `save` gave. */
  load(this: void, stored: P): T | Promise<T>;
}

/** A registered materializer: the definition, its id, and where it was written. Frozen. */
export interface UserMaterializer<T = unknown, P = unknown> extends MaterializerDefinition<T, P> {
  readonly id: string;
  readonly definedAt: SourceLocation;
}

const mark = Symbol.for("warmstart.materializer");
const idPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const MOST_LENGTH = 64;

/** Ids of the materializers that come with Warmstart. */
export const BUILTIN_MATERIALIZER_IDS: readonly string[] = [
  "structured",
  "bytes",
  "buffer",
  "text",
  "file",
  "directory",
  "html",
  "svg",
];

const registered: Map<string, UserMaterializer> = threadSlot(
  "materializers",
  () => new Map<string, UserMaterializer>(),
);

/**
 * Says how values of a class are kept. Call it at the top level of a module: workers import that module to find it.
 *
 * `load` and `is` count as code of every step that reads such a value, so a changed method of the class recomputes them.
 *
 * @throws PipelineError `WS_BAD_NAME` for an id that is not in lower-case-kebab form, `WS_BAD_OPTION` for a version that
 * is no positive integer or a missing function, `WS_DUPLICATE_MATERIALIZER` when the id has another definition.
 * @example
 * const lateModel = materializer("late-model", {
 *   version: 1,
 *   is: (value) => value instanceof Model,
 *   save: (model) => model.toJSON(),
 *   load: Model.fromJSON,
 * });
 */
export function materializer<T, P = unknown>(
  id: string,
  definition: MaterializerDefinition<T, P>,
): UserMaterializer<T, P> {
  const definedAt = callSite(materializer);
  checkId(id, definedAt);
  checkDefinition(id, definition, definedAt);
  const { version, is, save, load } = definition;
  const made = { id, version, is, save, load, definedAt };
  Object.defineProperty(made, mark, { value: true });
  register(Object.freeze(made) as UserMaterializer);
  return made;
}

/** Every materializer that was defined in this thread, by id. */
export function registeredMaterializers(): ReadonlyMap<string, UserMaterializer> {
  return registered;
}

/** Whether a value was made by `materializer(…)`, of this or another copy of the package. */
export function isUserMaterializer(value: unknown): value is UserMaterializer {
  return typeof value === "object" && value !== null && Object.hasOwn(value, mark);
}

function checkId(id: unknown, at: SourceLocation): void {
  const wellFormed = typeof id === "string" && id.length <= MOST_LENGTH && idPattern.test(id);
  if (wellFormed && !BUILTIN_MATERIALIZER_IDS.includes(id)) return;
  const why = wellFormed ? "it is one of Warmstart's own" : "it is not in lower-case-kebab form";
  throw new PipelineError("WS_BAD_NAME", {
    message: `${previewValue(id)} cannot be the id of a materializer (${formatPlace(at)}): ${why}.`,
    hint: `Use lower-case letters, digits and single hyphens, at most ${MOST_LENGTH}: for example \`late-model\`.`,
    details: { id: previewValue(id), at },
  });
}

function checkDefinition(id: string, definition: unknown, at: SourceLocation): void {
  const given = (definition ?? {}) as Partial<MaterializerDefinition<unknown>>;
  const { version } = given;
  if (!Number.isSafeInteger(version) || (version as number) < 1) {
    throw badDefinition(id, at, `its \`version\` is ${previewValue(version)}`, "Give a whole number from 1 on.");
  }
  for (const name of ["is", "save", "load"] as const) {
    if (typeof given[name] === "function") continue;
    throw badDefinition(id, at, `its \`${name}\` is ${previewValue(given[name])}`, "Give a function.");
  }
}

function badDefinition(id: string, at: SourceLocation, what: string, hint: string): PipelineError {
  return new PipelineError("WS_BAD_OPTION", {
    message: `The materializer \`${id}\` (${formatPlace(at)}) cannot be used: ${what}.`,
    hint,
    details: { id, at },
  });
}

function register(made: UserMaterializer): void {
  const known = registered.get(made.id);
  if (known !== undefined && !replaces(made, known)) throw duplicate(made, known);
  registered.set(made.id, made);
}

/**
 * A module can be evaluated twice: under a test runner, or imported again with a query after an edit. That is the same
 * definition again. Two definitions that live side by side are not, also when one line of a factory made both.
 */
function replaces(made: UserMaterializer, known: UserMaterializer): boolean {
  if (sameFunctions(made, known)) return true;
  if (withoutQuery(made.definedAt.url) !== withoutQuery(known.definedAt.url)) return false;
  if (made.definedAt.url !== known.definedAt.url) return true;
  return samePlace(made.definedAt, known.definedAt) && sameText(made, known);
}

function sameFunctions(made: UserMaterializer, known: UserMaterializer): boolean {
  return made.version === known.version && made.is === known.is && made.save === known.save && made.load === known.load;
}

function sameText(made: UserMaterializer, known: UserMaterializer): boolean {
  const text = ({ version, is, save, load }: UserMaterializer): string =>
    [version, ...[is, save, load].map((fn) => Function.prototype.toString.call(fn))].join("\n");
  return text(made) === text(known);
}

function samePlace(left: SourceLocation, right: SourceLocation): boolean {
  return left.line === right.line && left.column === right.column;
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

function duplicate(made: UserMaterializer, known: UserMaterializer): PipelineError {
  return new PipelineError("WS_DUPLICATE_MATERIALIZER", {
    message: `Two materializers are called \`${made.id}\`: ${formatPlace(known.definedAt)} and ${formatPlace(made.definedAt)}.`,
    hint: "Give one of them another id. An id names one stored form in the whole project.",
    details: { id: made.id, first: known.definedAt, second: made.definedAt },
  });
}
