import { types } from "node:util";
import { canonicalDigest } from "../encoding/canonical.ts";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { previewValue } from "../encoding/preview.ts";
import { EncodingError } from "../errors.ts";
import type { UnseenActivity } from "../model/reads.ts";
import type { SourceLocation } from "../model/source-location.ts";
import type { CapturedValue, FunctionSource } from "./code-identity.ts";
import type { AnyFunction } from "./function-inspector.ts";
import type { FunctionLocator, LocatedFunction } from "./function-locator.ts";
import { LiveTraits } from "./live-traits.ts";
import { nameOfValue } from "./named-value.ts";
import { packageFolderOf } from "./rooted-path.ts";

export interface ShownCapture extends CapturedValue {
  readonly shown: string;
}

/** A function that was met: the one that was asked for, or one that is reached through what it captured. */
export interface MetFunction {
  /** The capture that led to it; "" for the one that was asked for. */
  readonly name: string;
  /** Rooted name of its file and its path in there. */
  readonly place: readonly [module: string, path: string];
  /** Where its text is; undefined when it could not be located, which is flagged, and for bound functions. */
  readonly root: { readonly file: string; readonly functionPath: string } | undefined;
}

/** What one function is: its place, the files that it and what it captured stand in, and the captured values. */
export interface FunctionFacts {
  /** Rooted name of its file and its path in there. */
  readonly place: readonly [module: string, path: string];
  /** In the order in which they were met; captured values call them by their number. */
  readonly functions: readonly MetFunction[];
  /** Whether the place of the call alone says which function it is. */
  readonly literal: boolean;
  /** Whether it is a function of Warmstart that a version answers for. */
  readonly shipped: boolean;
  /** Real paths. */
  readonly files: readonly string[];
  readonly captures: readonly ShownCapture[];
  readonly unseen: readonly UnseenActivity[];
}

export interface FunctionReaderInit {
  readonly locator: FunctionLocator;
  readonly nameOf: (path: string) => string;
  /** `filePathOf`, remembered. */
  readonly pathOf: (url: string) => string | undefined;
  /** Whether a file is Warmstart's own: its functions hold state that no key can tell. */
  readonly isOwn: (path: string) => boolean;
}

/** How a function is to be read. */
export interface FunctionReading {
  /** It is the one that was given to the call at `definedAt`. */
  readonly inCall: boolean;
  /** A version answers for the functions of Warmstart that are met. */
  readonly shipped?: boolean;
}

/** Reads a function and, through what it captured, every function that it can reach without an import. */
export function readFunction(
  source: FunctionSource,
  { inCall, shipped = false }: FunctionReading,
  init: FunctionReaderInit,
): FunctionFacts {
  return new FunctionReader(source.definedAt, shipped, init).read(source.fn, inCall);
}

/** Whether a program hung nothing on a function, so that its text says all of it. */
export function isBare(fn: AnyFunction): boolean {
  if (!NATIVE_PARENTS.has(Object.getPrototypeOf(fn))) return false;
  return Reflect.ownKeys(fn).every((key) => !Object.prototype.propertyIsEnumerable.call(fn, key));
}

/** Of functions, and of async and generator functions. */
const NATIVE_PARENTS: ReadonlySet<unknown> = new Set(
  [() => undefined, async () => undefined, function* () {}, async function* () {}].map((fn): unknown =>
    Object.getPrototypeOf(fn),
  ),
);

interface Pending {
  readonly fn: AnyFunction;
  readonly name: string;
  readonly located: LocatedFunction;
}

/** All that ships lies at one place: where the build puts it may change with a release. */
const SHIPPED = ["warmstart", "shipped"] as const;

class FunctionReader {
  readonly #init: FunctionReaderInit;
  readonly #shipped: boolean;
  readonly #definedAt: SourceLocation;
  readonly #files = new Set<string>();
  readonly #captures: ShownCapture[] = [];
  readonly #unseen: UnseenActivity[] = [];
  /** Each function once, in the order in which it was met: numbers are equal in every thread. */
  readonly #labels = new Map<AnyFunction, string>();
  readonly #functions: MetFunction[] = [];
  readonly #pending: Pending[] = [];
  readonly #live = new LiveTraits();

  constructor(definedAt: SourceLocation, shipped: boolean, init: FunctionReaderInit) {
    this.#definedAt = definedAt;
    this.#shipped = shipped;
    this.#init = init;
  }

  read(fn: AnyFunction, inCall: boolean): FunctionFacts {
    const given = this.#init.pathOf(this.#definedAt.url);
    if (given !== undefined && !this.#init.isOwn(given)) this.#files.add(given);
    const located = this.#init.locator.locate(fn, inCall ? this.#definedAt : undefined);
    const place = this.#meet(fn, "", located);
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) this.#readCaptures(next);
    const literal = located.kind === "located" && located.literal;
    return {
      place,
      functions: this.#functions,
      literal,
      shipped: place === SHIPPED,
      files: [...this.#files].sort(),
      captures: this.#captures,
      unseen: this.#unseen,
    };
  }

  /** Notes a function that was not met before; what it captured is read later. */
  #meet(fn: AnyFunction, name: string, located: LocatedFunction): readonly [module: string, path: string] {
    const place = this.#placeOf(fn, name, located);
    const known = located.kind === "located" && !this.#init.isOwn(located.file);
    const root = known ? { file: located.file, functionPath: located.entry.path } : undefined;
    this.#labels.set(fn, `function ${this.#labels.size}`);
    this.#functions.push({ name, place, root });
    this.#pending.push({ fn, name, located });
    return place;
  }

  #placeOf(fn: AnyFunction, name: string, located: LocatedFunction): readonly [module: string, path: string] {
    if (located.kind === "bound") return ["bound", ""];
    if (located.kind === "located") {
      const own = this.#init.isOwn(located.file);
      if (own && this.#shipped) return SHIPPED;
      if (own) this.#flag(name, "a function of Warmstart itself");
      else this.#files.add(located.file);
      return [this.#init.nameOf(located.file), located.entry.path];
    }
    this.#flag(name, located.why);
    if (located.file !== undefined && !this.#init.isOwn(located.file)) this.#files.add(located.file);
    return [this.#init.nameOf(located.file ?? this.#definedAt.url), `text ${textDigest(fn)}`];
  }

  #readCaptures({ fn, name, located }: Pending): void {
    if (located.kind === "bound") {
      this.#enter(join(name, "bound target"), located.target);
      this.#enter(join(name, "bound this"), located.boundThis);
      this.#enter(join(name, "bound arguments"), located.boundArgs);
    }
    if (located.kind !== "located") return;
    for (const outer of located.entry.bound) this.#flag(join(name, outer), `\`${outer}\` of the function around it`);
    for (const variable of located.entry.captures) this.#readVariable(variable, join(name, variable), located.scopes);
    if (packageFolderOf(located.file) === undefined) this.#readProperties(fn, name, located.entry.path);
  }

  /** What a program hung on a function. What stands in a class is not counted among it, nor what a package did. */
  #readProperties(fn: AnyFunction, name: string, path: string): void {
    const parent: unknown = Object.getPrototypeOf(fn);
    // What a class extends is written in its text.
    const isWritten = typeof parent === "function" && /^class\b/.test(Function.prototype.toString.call(fn));
    if (!isWritten && !NATIVE_PARENTS.has(parent)) this.#flag(name, "its prototype is not that of a function");
    for (const key of Reflect.ownKeys(fn)) {
      const property = Object.getOwnPropertyDescriptor(fn, key);
      if (property?.enumerable !== true) continue;
      const inner = join(name, String(key));
      // A module's own function is followed by its name, and so is what is hung on it.
      const followed = !path.includes("/");
      if (property.get === undefined && property.set === undefined) this.#enter(inner, property.value, !followed);
      else if (!followed) this.#flag(inner, "a getter or setter");
    }
  }

  #readVariable(variable: string, name: string, scopes: readonly object[]): void {
    let value: unknown;
    try {
      const scope = scopes.find((candidate) => Object.hasOwn(candidate, variable));
      if (scope === undefined) return this.#flag(name, "its value is not to be seen");
      value = Reflect.get(scope, variable);
    } catch {
      return this.#flag(name, "it has no value yet");
    }
    this.#enter(name, value);
  }

  /** `flagged` is false where the source says what the value is, should it be none that can be keyed. */
  #enter(name: string, value: unknown, flagged = true): void {
    try {
      const digest = canonicalDigest(value, { path: name, hole: (inner) => this.#labelOf(inner, name) });
      const { traits, hidden } = this.#live.of(value);
      if (hidden !== undefined) return this.#flag(name, `its property \`${hidden}\` is not enumerable`);
      this.#captures.push({ name: this.#uniqueName(name), ...liveValue(digest, previewValue(value), traits) });
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      if (flagged) this.#flag(name, error.message);
    }
  }

  #labelOf(value: unknown, name: string): string | undefined {
    const known = types.isProxy(value) ? undefined : nameOfValue(value);
    if (known !== undefined) return known;
    if (typeof value !== "function" || types.isProxy(value)) return undefined;
    const fn = value as AnyFunction;
    const met = this.#labels.get(fn);
    if (met !== undefined) return met;
    this.#meet(fn, this.#hasName(name) ? `${name}[${this.#labels.size}]` : name, this.#init.locator.locate(fn));
    return this.#labels.get(fn);
  }

  #uniqueName(name: string): string {
    let unique = name;
    for (let count = 2; this.#captures.some((capture) => capture.name === unique); count++) unique = `${name}#${count}`;
    return unique;
  }

  #hasName(name: string): boolean {
    return this.#pending.some((pending) => pending.name === name);
  }

  #flag(name: string, why: string): void {
    const { url, line } = this.#definedAt;
    const file = this.#init.pathOf(url);
    const where = `${file === undefined ? url : this.#init.nameOf(file)}:${line}`;
    this.#unseen.push({ kind: "code", name: name === "" ? "function" : name, note: `${where} ${why}` });
  }
}

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/** A captured value is handed over alive, so what its canonical bytes do not tell counts beside them. */
function liveValue(digest: Digest, shown: string, traits: readonly string[]): Omit<ShownCapture, "name"> {
  if (traits.length === 0) return { digest, shown };
  return {
    digest: digestOf(`live\n${digest}\n${JSON.stringify(traits)}`),
    shown: `${shown} (${[...new Set(traits)].join(", ").slice(0, 80)})`,
  };
}

function textDigest(fn: AnyFunction): Digest {
  return canonicalDigest(Function.prototype.toString.call(fn));
}
