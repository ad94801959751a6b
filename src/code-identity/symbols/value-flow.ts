/** What happens to a value, as bits. */
export const WRITTEN = 1;
/** Given to a call while the unit is evaluated. */
export const HANDED = 2;
/** Given to a call anywhere. */
export const PASSED = 4;
/** Called, constructed, or a method of it called while the unit is evaluated. */
export const CALLED = 8;
/** Called while the unit is evaluated, and the call's value thrown away. */
export const DISCARDED = 16;
/** Bound to a top-level name of the unit. */
export const GIVEN = 32;
/** Called by a name that says that something is set up. */
export const SETS = 64;

/**
 * Where values may come from, without regard to order: a reference of the unit, something handed in, `this`, a global, what a
 * local variable holds. Whatever is done to a value is done to all of its sources.
 */
export class Origin {
  marks = 0;
  /** Of local variables alone: what comes from outside of the unit is where a search ends. */
  readonly sources: Origin[] | undefined;
  readonly #inner: Origin | undefined;

  constructor(sources?: Origin[], inner?: Origin) {
    this.sources = sources;
    this.#inner = inner;
  }

  /** What is reached through its properties, at any depth. */
  get inner(): Origin {
    return this.#inner ?? this;
  }
}

/** What an expression may give. Primitives and fresh objects have no `self`; what a fresh object holds is in `inner`. */
export interface Value {
  readonly self: readonly Origin[];
  readonly inner: readonly Origin[];
}

export const NOTHING: Value = { self: [], inner: [] };

export function valueOfOrigin(origin: Origin): Value {
  return { self: [origin], inner: [] };
}

export function union(values: readonly Value[]): Value {
  const some = values.filter((value) => value !== NOTHING);
  if (some.length < 2) return some[0] ?? NOTHING;
  return { self: some.flatMap(({ self }) => self), inner: some.flatMap(({ inner }) => inner) };
}

/** What is read from a value by a property, an index or a loop. */
export function contentsOf(value: Value): Value {
  if (value === NOTHING) return NOTHING;
  const inner = [...value.self.map((origin) => origin.inner), ...value.inner];
  return { self: inner, inner: [] };
}

/** A fresh object that holds values. */
export function freshWith(values: readonly Value[]): Value {
  const some = values.filter((value) => value !== NOTHING);
  if (some.length === 0) return NOTHING;
  return { self: [], inner: some.flatMap((value) => [...value.self, ...contentsOf(value).self]) };
}

/** Follows values through the variables of one unit, then tells what was done to what came from outside. */
export class ValueFlow {
  readonly #marked: Origin[] = [];

  /** A local variable. */
  variable(): Origin {
    return new Origin([], new Origin([]));
  }

  /** The variable may hold the value. */
  assign(variable: Origin, value: Value): void {
    if (value === NOTHING) return;
    for (const origin of value.self) {
      if (origin === variable) continue;
      variable.sources?.push(origin);
      join(variable.inner, origin.inner);
    }
    for (const origin of value.inner) join(variable.inner, origin);
  }

  /** The value is put into the container: what is later done to the contents of the one is done to the other. */
  store(container: Value, value: Value): void {
    if (value === NOTHING || container === NOTHING) return;
    for (const origin of [...container.self.map((into) => into.inner), ...container.inner]) {
      for (const given of value.self) {
        origin.sources?.push(given);
        join(origin, given.inner);
      }
      for (const given of value.inner) join(origin, given);
    }
  }

  mark(value: Value, marks: number): void {
    for (const origin of value.self) this.#mark(origin, marks);
  }

  markContents(value: Value, marks: number): void {
    for (const origin of value.self) this.#mark(origin.inner, marks);
    for (const origin of value.inner) this.#mark(origin, marks);
  }

  /** Carries every mark to every source. */
  settle(): void {
    for (let origin = this.#marked.pop(); origin !== undefined; origin = this.#marked.pop()) {
      for (const source of origin.sources ?? []) this.#mark(source, origin.marks);
    }
  }

  #mark(origin: Origin, marks: number): void {
    if ((marks & ~origin.marks) === 0) return;
    origin.marks |= marks;
    this.#marked.push(origin);
  }
}

/** Both reach the same objects from here on. */
function join(a: Origin, b: Origin): void {
  if (a === b) return;
  a.sources?.push(b);
  b.sources?.push(a);
}
