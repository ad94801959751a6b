import { types } from "node:util";
import { digestOf } from "../../../encoding/digest.ts";
import type { Digest } from "../../../encoding/digest.ts";
import type { PathStep } from "../../../encoding/value-path.ts";
import { notStorable, refusedValue } from "../../not-storable.ts";
import { binaryContentOf } from "./binary-content.ts";
import type { BinaryContent, Unsteady } from "./binary-content.ts";
import { ITEM_LIMIT, MARK, MARK_CODE, MAX_DEPTH, SIDECAR_BYTES } from "./structured-format.ts";

/** The answer of `attempt` for a value that is too large for one line. */
export const TOO_LARGE: unique symbol = Symbol("too large");

/** Thrown inside an attempt and never seen outside; made once, so that no stack is taken. */
const GIVE_UP: Error = new Error("too large for one line");

/** Arrays up to this length are asked for all their keys; longer ones are counted without making a text of each index. */
const SHORT_ARRAY = 4096;

/**
 * Checks that a value is one that comes back exactly, and gives the JSON-ready form of it: the value itself where plain
 * JSON is exact, else a copy with tags. Everything happens in one go, without running any code of the value's own, so
 * what is checked here is what `JSON.stringify` sees right after.
 */
export class ValueTagger {
  /** Leads from the root to the present place; longer than `depth` in between. */
  readonly steps: PathStep[] = [];
  /** Characters by estimate since the line began. */
  size = 0;
  /** Whether a tag was made since the line began. */
  tagged = false;
  hasDate = false;
  /** Bytes to be stored as blobs of their own. */
  readonly sidecars: Map<Digest, Uint8Array> = new Map();
  readonly references: Set<number> = new Set();

  depth = 0;
  #limit = 0;
  readonly #numbers = new Map<object, number>();
  /** What the present attempt numbered: the first `#trailLength` of these. Emptying an array would free its memory each time. */
  readonly #trail: object[] = [];
  #trailLength = 0;
  readonly #digests = new WeakMap<object, Digest>();

  /** The JSON-ready form of a value, or TOO_LARGE (then nothing of it has been numbered). */
  attempt(value: unknown): unknown {
    const { size, tagged, depth } = this;
    this.#limit = size + ITEM_LIMIT;
    this.#trailLength = 0;
    try {
      const made = this.#value(value);
      if (this.size <= this.#limit) return made;
    } catch (error) {
      if (error !== GIVE_UP) throw error;
    }
    for (let index = 0; index < this.#trailLength; index++) this.#numbers.delete(this.#trail[index] as object);
    this.size = size;
    this.tagged = tagged;
    this.depth = depth;
    return TOO_LARGE;
  }

  /** Numbers a container whose content follows; its content is one level deeper until `leave`. */
  enter(container: object): void {
    if (this.depth >= MAX_DEPTH) throw this.#refusedDepth();
    this.#number(container);
    this.size += 2;
    this.depth++;
  }

  leave(): void {
    this.depth--;
  }

  here(): readonly PathStep[] {
    return this.steps.slice(0, this.depth);
  }

  /** The own property names of a plain object, all of them enumerable data properties or refused when read. */
  namesOf(value: object): readonly string[] {
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refusedSymbolKey(value);
    return Object.getOwnPropertyNames(value);
  }

  /** Reads through the descriptor, so that no getter ever runs. */
  read(container: object, key: string | number): unknown {
    const property = Object.getOwnPropertyDescriptor(container, key);
    if (property === undefined || property.get !== undefined || property.set !== undefined || !property.enumerable) {
      throw this.#refusedProperty(property);
    }
    return property.value;
  }

  /** Refuses holes and keys that are no index. */
  checkArray(value: readonly unknown[]): void {
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refusedSymbolKey(value);
    if (value.length > SHORT_ARRAY && countEnumerable(value) === value.length) return;
    if (value.length <= SHORT_ARRAY || !isDenseArray(value)) this.#checkNames(value);
  }

  refuseOwnProperties(value: object): void {
    const [extra] = Reflect.ownKeys(value);
    if (extra !== undefined) throw this.#refusedExtra(extra);
  }

  #value(value: unknown): unknown {
    switch (typeof value) {
      case "string":
        this.#grow(value.length + 3);
        return value.charCodeAt(0) === MARK_CODE ? this.#tag(MARK + value) : value;
      case "number":
        this.#grow(8);
        if (Number.isFinite(value) && !(value === 0 && 1 / value < 0)) return value;
        return this.#tag(Object.is(value, -0) ? `${MARK}n-0` : `${MARK}n${value}`);
      case "boolean":
        this.#grow(6);
        return value;
      case "undefined":
        this.#grow(5);
        return this.#tag(`${MARK}u`);
      case "bigint":
        return this.#bigint(value);
      case "object":
        return value === null ? this.#null() : this.#object(value);
      default:
        throw refusedValue(value, this.here());
    }
  }

  #null(): null {
    this.#grow(5);
    return null;
  }

  #bigint(value: bigint): string {
    const text = value.toString(16);
    this.#grow(Math.min(text.length, 1024) + 4);
    return this.#tag(`${MARK}i${text}`);
  }

  #object(value: object): unknown {
    const number = this.#numbers.get(value);
    if (number !== undefined) return this.#reference(number);
    if (types.isProxy(value)) throw refusedValue(value, this.here());
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype || prototype === null) {
      if (isDisguised(value)) throw refusedValue(value, this.here());
      return prototype === null ? this.#bare(value) : this.#record(value as Readonly<Record<string, unknown>>);
    }
    if (prototype === Array.prototype && Array.isArray(value)) return this.#array(value);
    return this.#builtin(value, prototype);
  }

  #builtin(value: object, prototype: object): unknown {
    if (prototype === Map.prototype && types.isMap(value)) return this.#map(value);
    if (prototype === Set.prototype && types.isSet(value)) return this.#set(value);
    if (prototype === Date.prototype && types.isDate(value)) return this.#date(value);
    if (prototype === URL.prototype) return this.#url(value);
    const content = binaryContentOf(value, prototype);
    if (content === undefined) throw refusedValue(value, this.here());
    if (typeof content === "string") throw this.#refusedUnsteady(content);
    return this.#binary(value, content);
  }

  #reference(number: number): string {
    this.references.add(number);
    this.#grow(10);
    return this.#tag(`${MARK}r${number}`);
  }

  #record(value: Readonly<Record<string, unknown>>): object {
    this.enter(value);
    const names = this.namesOf(value);
    const level = this.depth - 1;
    let copy: Record<string, unknown> | undefined;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      this.steps[level] = name;
      this.size += name.length + 3;
      const item = this.read(value, name);
      // The commonest texts and numbers, without a call.
      if (copy === undefined && typeof item === "string" && item.length < 256 && item.charCodeAt(0) !== MARK_CODE) {
        this.size += item.length + 3;
        continue;
      }
      if (copy === undefined && typeof item === "number" && item - item === 0 && item !== 0) {
        this.size += 8;
        continue;
      }
      const made = this.#value(item);
      if (copy === undefined && made !== item) copy = firstProperties(value, names, index);
      if (copy !== undefined) setOwn(copy, name, made);
    }
    this.leave();
    if (this.size > this.#limit) throw GIVE_UP;
    return copy ?? value;
  }

  #bare(value: object): unknown[] {
    this.enter(value);
    const level = this.depth - 1;
    const items: unknown[] = [this.#tag(`${MARK}N`)];
    for (const name of this.namesOf(value)) {
      this.steps[level] = name;
      items.push(this.#value(name), this.#value(this.read(value, name)));
    }
    this.leave();
    return items;
  }

  #array(value: readonly unknown[]): readonly unknown[] {
    if (value.length * 4 > ITEM_LIMIT) throw GIVE_UP;
    this.enter(value);
    this.checkArray(value);
    const level = this.depth - 1;
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      this.steps[level] = index;
      const item = this.read(value, index);
      const made = this.#value(item);
      if (copy === undefined && made !== item) copy = value.slice(0, index);
      if (copy !== undefined) copy.push(made);
    }
    this.leave();
    return copy ?? value;
  }

  #map(value: ReadonlyMap<unknown, unknown>): unknown[] {
    this.enter(value);
    this.refuseOwnProperties(value);
    const level = this.depth - 1;
    const items: unknown[] = [this.#tag(`${MARK}M`)];
    let index = 0;
    for (const [key, item] of Map.prototype.entries.call(value) as Iterable<[unknown, unknown]>) {
      this.steps[level] = { at: "key", index, key };
      items.push(this.#value(key));
      this.steps[level] = { at: "value", index, key };
      items.push(this.#value(item));
      index++;
    }
    this.leave();
    return items;
  }

  #set(value: ReadonlySet<unknown>): unknown[] {
    this.enter(value);
    this.refuseOwnProperties(value);
    const level = this.depth - 1;
    const items: unknown[] = [this.#tag(`${MARK}S`)];
    let index = 0;
    for (const member of Set.prototype.values.call(value) as Iterable<unknown>) {
      this.steps[level] = { at: "member", index, key: member };
      items.push(this.#value(member));
      index++;
    }
    this.leave();
    return items;
  }

  #date(value: Date): string {
    this.#leaf(value);
    this.refuseOwnProperties(value);
    this.hasDate = true;
    this.#grow(16);
    return this.#tag(`${MARK}D${Date.prototype.getTime.call(value)}`);
  }

  #url(value: object): string {
    const href = hrefOf(value);
    if (href === undefined) throw refusedValue(value, this.here());
    this.#leaf(value);
    this.refuseOwnProperties(value);
    if (URL.parse(href)?.href !== href) {
      throw this.#refused("a URL whose text reads back as another URL", "Return it as a string.");
    }
    this.#grow(Math.min(href.length, 1024) + 4);
    return this.#tag(`${MARK}U${href}`);
  }

  #binary(value: object, { name, bytes }: BinaryContent): string {
    const [symbol] = Object.getOwnPropertySymbols(value);
    if (symbol !== undefined) throw this.#refusedExtra(symbol);
    this.#leaf(value);
    if (bytes.byteLength < SIDECAR_BYTES) {
      this.#grow(Math.ceil(bytes.byteLength * 1.34) + 24);
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return this.#tag(`${MARK}b${name}:${buffer.toString("base64")}`);
    }
    this.#grow(96);
    const digest = this.#digests.get(value) ?? digestOf(bytes);
    this.#digests.set(value, digest);
    this.sidecars.set(digest, bytes);
    return this.#tag(`${MARK}B${name}:${bytes.byteLength}:${digest}`);
  }

  /** Numbers an object that holds no others. */
  #leaf(value: object): void {
    this.#number(value);
  }

  #number(object: object): void {
    this.#numbers.set(object, this.#numbers.size);
    this.#trail[this.#trailLength++] = object;
  }

  #tag(tag: string): string {
    this.tagged = true;
    return tag;
  }

  #grow(by: number): void {
    this.size += by;
    if (this.size > this.#limit) throw GIVE_UP;
  }

  #checkNames(value: readonly unknown[]): void {
    const names = Object.getOwnPropertyNames(value);
    if (names.length === value.length + 1) return;
    const extra = names.find((name) => name !== "length" && String(Number(name) >>> 0) !== name);
    if (extra !== undefined) throw this.#refusedExtra(extra);
    throw this.#refused("an array with holes", "Write `undefined` or `null` into the empty places.");
  }

  #refused(found: string, hint: string): Error {
    return notStorable(this.here(), { found, hint });
  }

  #refusedProperty(property: PropertyDescriptor | undefined): Error {
    if (property === undefined) {
      return this.#refused(
        "a place that is empty, or was emptied while it was stored",
        "Fill it before the step returns.",
      );
    }
    if (property.get === undefined && property.set === undefined) {
      return this.#refused("a property that is not enumerable", "Leave it out, or make it an ordinary property.");
    }
    return this.#refused("an accessor property (a getter or setter)", "Return its present value as a plain property.");
  }

  #refusedExtra(extra: string | symbol): Error {
    const shown = typeof extra === "symbol" ? String(extra) : JSON.stringify(extra);
    return this.#refused(
      `a built-in with a property of its own (${shown})`,
      "Return that property beside it, in a plain object.",
    );
  }

  #refusedSymbolKey(value: object): Error {
    const [key] = Object.getOwnPropertySymbols(value);
    return this.#refused(
      `an object with a symbol as key (${String(key)})`,
      "Use a string key, or leave the property out.",
    );
  }

  #refusedUnsteady(unsteady: Unsteady): Error {
    return this.#refused(`binary data in a ${unsteady} buffer`, "Return a copy of its bytes: `slice()`.");
  }

  #refusedDepth(): Error {
    return notStorable(this.steps.slice(0, 8), {
      found: `part of data that nests more than ${MAX_DEPTH} levels deep`,
      hint: "Return a flat form: a list whose items name their parent.",
    });
  }
}

/** Whether a plain prototype was put on a value whose content lies in internal slots, and so would be lost. */
function isDisguised(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isPromise(value) ||
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    Array.isArray(value) ||
    (Object.getOwnPropertySymbols(value).length === 0 && Object.prototype.toString.call(value) !== "[object Object]")
  );
}

function firstProperties(
  value: Readonly<Record<string, unknown>>,
  names: readonly string[],
  count: number,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (let index = 0; index < count; index++) {
    const name = names[index] as string;
    setOwn(copy, name, value[name]);
  }
  return copy;
}

/** Plain assignment to an inherited name would reach the prototype: `__proto__`, or `toString` where it is frozen. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name in target) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[name] = value;
  }
}

function countEnumerable(value: object): number {
  let count = 0;
  for (const _ in value) count++;
  return count;
}

function isDenseArray(value: readonly unknown[]): boolean {
  return Object.getOwnPropertyNames(value).length === value.length + 1;
}

/** The text of a URL; undefined for an object that only wears its prototype, since asking that one throws. */
function hrefOf(value: object): string | undefined {
  try {
    return Reflect.get(URL.prototype, "href", value);
  } catch {
    return undefined;
  }
}
