import { types } from "node:util";
import { previewValue } from "../encoding/preview.ts";
import { classNameOf, hrefOf } from "../encoding/value-kind.ts";
import { formatValuePath } from "../encoding/value-path.ts";
import type { PathStep } from "../encoding/value-path.ts";

/** One place at which two values differ. */
export interface ValueDifference {
  /** `rates[2].when`; empty for the value itself. */
  readonly path: string;
  /** Previews for people; absent where there was nothing, or is nothing now. */
  readonly before?: string;
  readonly after?: string;
}

export interface ValueDifferences {
  readonly items: readonly ValueDifference[];
  /** Whether there are more than the limit. */
  readonly more: boolean;
}

const MOST_DEPTH = 400;
const PREVIEW = 80;

/**
 * Where two stored values differ, in the order of the first one, at most `limit` places: what has another value, what
 * came and went, and what only stands in another order. None where only the sharing of objects differs.
 *
 * @example
 * ```ts
 * valueDifferences({ at: 1, tags: ["a"] }, { at: 2, tags: ["a"] }, 20).items; // [{ path: "at", before: "1", after: "2" }]
 * ```
 */
export function valueDifferences(before: unknown, after: unknown, limit: number): ValueDifferences {
  const items: ValueDifference[] = [];
  for (const difference of new Comparison().compare(before, after, [])) {
    if (items.length === limit) return { items, more: true };
    items.push(difference);
  }
  return { items, more: false };
}

type Found = Generator<ValueDifference, void, undefined>;
type Path = readonly PathStep[];

class Comparison {
  /** Pairs that are being compared or were, so that cycles end. */
  readonly #seen = new WeakMap<object, WeakSet<object>>();

  *compare(before: unknown, after: unknown, path: Path): Found {
    if (Object.is(before, after)) return;
    if (typeof before === "string" && typeof after === "string") yield textDifference(before, after, path);
    else if (!isObject(before) || !isObject(after) || shapeOf(before) !== shapeOf(after))
      yield changed(path, before, after);
    else if (path.length < MOST_DEPTH && this.#isNew(before, after)) yield* this.#inside(before, after, path);
  }

  *#inside(before: object, after: object, path: Path): Found {
    if (Array.isArray(before) && Array.isArray(after)) yield* this.#arrays(before, after, path);
    else if (types.isMap(before) && types.isMap(after)) yield* this.#maps(before, after, path);
    else if (types.isSet(before) && types.isSet(after)) yield* this.#sets(before, after, path);
    else if (isBinary(before) && isBinary(after)) yield* binaryDifferences(before, after, path);
    else if (types.isDate(before) && types.isDate(after)) {
      if (!Object.is(before.getTime(), after.getTime())) yield changed(path, before, after);
    } else if (hrefOf(before) !== undefined) {
      if (hrefOf(before) !== hrefOf(after)) yield changed(path, before, after);
    } else yield* this.#records(before, after, path);
  }

  *#arrays(before: readonly unknown[], after: readonly unknown[], path: Path): Found {
    const most = Math.max(before.length, after.length);
    for (let index = 0; index < most; index++) {
      const at = [...path, index];
      if (index >= before.length) yield added(at, after[index]);
      else if (index >= after.length) yield removed(at, before[index]);
      else if (index in before !== index in after)
        yield index in before ? removed(at, before[index]) : added(at, after[index]);
      else yield* this.compare(before[index], after[index], at);
    }
  }

  *#records(before: object, after: object, path: Path): Found {
    const [keys, others] = [Object.keys(before), Object.keys(after)];
    const there = new Set(others);
    for (const key of keys) {
      const at = [...path, key];
      if (there.has(key)) yield* this.compare(Reflect.get(before, key), Reflect.get(after, key), at);
      else yield removed(at, Reflect.get(before, key));
    }
    const known = new Set(keys);
    for (const key of others) if (!known.has(key)) yield added([...path, key], Reflect.get(after, key));
    yield* orderDifference(keys, others, path, "properties");
  }

  *#maps(before: ReadonlyMap<unknown, unknown>, after: ReadonlyMap<unknown, unknown>, path: Path): Found {
    const [keys, others] = [[...before.keys()], [...after.keys()]];
    if ([...keys, ...others].some(isObject)) {
      yield* this.#arrays([...before], [...after], path);
      return;
    }
    for (const [index, key] of keys.entries()) {
      const at: Path = [...path, { at: "value", index, key }];
      if (after.has(key)) yield* this.compare(before.get(key), after.get(key), at);
      else yield removed(at, before.get(key));
    }
    for (const [index, key] of others.entries())
      if (!before.has(key)) yield added([...path, { at: "value", index, key }], after.get(key));
    yield* orderDifference(keys, others, path, "entries");
  }

  *#sets(before: ReadonlySet<unknown>, after: ReadonlySet<unknown>, path: Path): Found {
    const [members, others] = [[...before], [...after]];
    if ([...members, ...others].some(isObject)) {
      yield* this.#arrays(members, others, path);
      return;
    }
    for (const member of members) if (!after.has(member)) yield { path: ofMembers(path), before: preview(member) };
    for (const member of others) if (!before.has(member)) yield { path: ofMembers(path), after: preview(member) };
    yield* orderDifference(members, others, path, "members");
  }

  #isNew(before: object, after: object): boolean {
    const known = this.#seen.get(before);
    if (known?.has(after) === true) return false;
    if (known === undefined) this.#seen.set(before, new WeakSet([after]));
    else known.add(after);
    return true;
  }
}

/** Only where the same ones are there: otherwise what came and went says it. */
function* orderDifference(before: readonly unknown[], after: readonly unknown[], path: Path, what: string): Found {
  if (before.length !== after.length || before.every((item, index) => Object.is(item, after[index]))) return;
  const there = new Set(after);
  if (!before.every((item) => there.has(item))) return;
  const from = Math.max(0, before.findIndex((item, index) => !Object.is(item, after[index])) - 1);
  const shown = (items: readonly unknown[]): string => preview(items.slice(from, from + 6));
  const where = pathText(path);
  yield {
    path: `order of the ${what}${where === "" ? "" : ` of ${where}`}`,
    before: shown(before),
    after: shown(after),
  };
}

function* binaryDifferences(
  before: ArrayBuffer | ArrayBufferView,
  after: ArrayBuffer | ArrayBufferView,
  path: Path,
): Found {
  const [left, right] = [numbersOf(before), numbersOf(after)];
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    if (!Object.is(left[index], right[index])) yield changed([...path, index], left[index], right[index]);
  }
  if (left.length !== right.length)
    yield { path: pathText([...path, "length"]), before: String(left.length), after: String(right.length) };
}

function numbersOf(value: ArrayBuffer | ArrayBufferView): ArrayLike<number | bigint> {
  if (types.isTypedArray(value)) return value;
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

const AROUND = 24;

/** Long texts are shown from shortly before the place at which they part, and that line is named. */
function textDifference(before: string, after: string, path: Path): ValueDifference {
  const most = PREVIEW - 4;
  const at = pathText(path);
  if (before.length <= most && after.length <= most && !`${before}${after}`.includes("\n"))
    return { path: at, before: preview(before), after: preview(after) };
  let parting = 0;
  while (parting < before.length && before[parting] === after[parting]) parting++;
  const lineStart = before.lastIndexOf("\n", parting - 1) + 1;
  const line = before.slice(0, lineStart).split("\n").length;
  const from = Math.max(lineStart, parting - AROUND);
  const shown = (text: string): string => {
    const end = text.indexOf("\n", Math.max(from, parting));
    return preview(text.slice(from, end < 0 ? undefined : end));
  };
  return {
    path: [at, `line ${line}`].filter((part) => part !== "").join(" "),
    before: shown(before),
    after: shown(after),
  };
}

function changed(path: Path, before: unknown, after: unknown): ValueDifference {
  return { path: pathText(path), before: preview(before), after: preview(after) };
}

function added(path: Path, after: unknown): ValueDifference {
  return { path: pathText(path), after: preview(after) };
}

function removed(path: Path, before: unknown): ValueDifference {
  return { path: pathText(path), before: preview(before) };
}

function pathText(path: Path): string {
  return formatValuePath(undefined, path);
}

function ofMembers(path: Path): string {
  const where = pathText(path);
  return where === "" ? "members" : `members of ${where}`;
}

function preview(value: unknown): string {
  return previewValue(value, PREVIEW);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || types.isArrayBuffer(value);
}

/** Values of different shapes are shown whole; `Object` also for one without a prototype. */
function shapeOf(value: object): string {
  if (hrefOf(value) !== undefined) return "URL";
  return Array.isArray(value) ? "Array" : (classNameOf(value) ?? "Object");
}
