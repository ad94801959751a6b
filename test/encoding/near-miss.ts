import { BINARY_KINDS } from "../../src/encoding/canonical-format.ts";
import { viewOf } from "./keyable-arbitrary.ts";
import { bytesOf, kindOf } from "./reference-equality.ts";

/** Gives a whole number from 0 up to and without `below`. */
export type Pick = (below: number) => number;

/** A value that differs in one small place, or that only looks different: the reference equality decides which. */
export function nearMiss(value: unknown, pick: Pick): unknown {
  if (typeof value === "string") return mutateText(value, pick);
  if (typeof value === "number")
    return choose(pick, [String(value), -value, value + 1, new Date(value), [value], value]);
  if (typeof value === "bigint") return choose(pick, [Number(value), `${value}n`, -value, value + 1n, value << 8n]);
  if (typeof value !== "object" || value === null) {
    return choose(pick, [null, undefined, true, false, 0, "", "null", [], {}, [value], NaN]);
  }
  return pick(3) === 0 ? mutateShape(value, pick) : mutateInside(value, pick);
}

/** The same value with the keys of every plain object put in at random. */
export function reinserted(value: unknown, pick: Pick): unknown {
  if (Array.isArray(value)) return value.map((item) => reinserted(item, pick));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [reinserted(k, pick), reinserted(v, pick)]));
  if (value instanceof Set) return new Set([...value].map((item) => reinserted(item, pick)));
  if (kindOf(value) !== "Object") return value;
  const entries = shuffled(Object.entries(value), pick).map(([k, v]): [string, unknown] => [k, reinserted(v, pick)]);
  return fromEntries(entries, pick(2) === 0 ? null : Object.prototype);
}

function mutateText(value: string, pick: Pick): unknown {
  const at = pick(value.length + 1);
  return choose(pick, [
    value.slice(0, at) + value.slice(at + 1),
    `${value.slice(0, at)}\0${value.slice(at)}`,
    `${value}\ud800`,
    value.toUpperCase(),
    value.normalize("NFD"),
    value.replaceAll(/\p{Surrogate}/gu, "\ufffd"),
    Array.from(value),
    Buffer.from(value),
    Number(value),
  ]);
}

function mutateShape(value: object, pick: Pick): unknown {
  const items = itemsOf(value);
  switch (kindOf(value)) {
    case "Date":
      return choose(pick, [
        (value as Date).getTime(),
        (value as Date).toString(),
        new Date((value as Date).getTime() + 1),
      ]);
    case "URL":
      return choose<unknown>(pick, [(value as URL).href, new URL("#x", value as URL), { href: (value as URL).href }]);
    case "Object":
    case "Array":
    case "Map":
    case "Set":
      return choose<unknown>(pick, [
        items,
        Object.assign({}, items),
        new Set(items),
        [value],
        [items, []],
        new Map(items.entries()),
      ]);
    default:
      return mutateBinary(value, pick);
  }
}

function mutateBinary(value: object, pick: Pick): unknown {
  const bytes = new Uint8Array(bytesOf(value));
  const { name, width } = choose(
    pick,
    BINARY_KINDS.filter(({ width }) => bytes.byteLength % width === 0),
  );
  if (bytes.byteLength > 0 && pick(2) === 0) bytes[pick(bytes.byteLength)] = pick(256);
  return viewOf(name, bytes, width);
}

function mutateInside(value: object, pick: Pick): unknown {
  switch (kindOf(value)) {
    case "Array":
      return mutateList(value as unknown[], pick, (item) => nearMiss(item, pick));
    case "Set":
      return new Set(mutateList([...(value as Set<unknown>)], pick, (item) => nearMiss(item, pick)));
    case "Map":
      return new Map(mutateList([...(value as Map<unknown, unknown>)], pick, (entry) => mutateEntry(entry, pick)));
    case "Object":
      return mutateObject(value, pick);
    default:
      return mutateShape(value, pick);
  }
}

function mutateObject(value: object, pick: Pick): object {
  const entries = mutateList(Object.entries(value), pick, ([key, item]): [string, unknown] => {
    const [newKey, newItem] = mutateEntry([key, item], pick);
    return [String(newKey), newItem];
  });
  if (pick(4) === 0) entries.push(["added", undefined]);
  return fromEntries(entries, Object.prototype);
}

function mutateEntry([key, item]: readonly [unknown, unknown], pick: Pick): [unknown, unknown] {
  if (typeof key === "string" && typeof item === "string" && pick(2) === 0) {
    const joined = key + item;
    const cut = pick(joined.length + 1);
    return [joined.slice(0, cut), joined.slice(cut)];
  }
  return pick(2) === 0 ? [nearMiss(key, pick), item] : [key, nearMiss(item, pick)];
}

function mutateList<T>(items: readonly T[], pick: Pick, mutate: (item: T) => T): T[] {
  const copy = [...items];
  const at = pick(copy.length + 1);
  const item = copy[at];
  if (item === undefined || pick(4) === 0) return copy.filter((_, index) => index !== at);
  if (pick(5) === 0) return shuffled(copy, pick);
  copy[at] = mutate(item);
  return copy;
}

function itemsOf(value: object): unknown[] {
  return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.entries(value);
}

function fromEntries(entries: readonly (readonly [string, unknown])[], prototype: object | null): object {
  const object = Object.create(prototype) as object;
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}

function shuffled<T>(items: readonly T[], pick: Pick): T[] {
  const copy = [...items];
  for (let index = copy.length - 1; index > 0; index--) {
    const other = pick(index + 1);
    [copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
  }
  return copy;
}

function choose<T>(pick: Pick, options: readonly T[]): T {
  return options[pick(options.length)] as T;
}
