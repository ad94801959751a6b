import type { Digest } from "../../../encoding/digest.ts";
import type { PathStep } from "../../../encoding/value-path.ts";
import { notStorable } from "../../not-storable.ts";
import { LINE_ITEMS, LINE_LIMIT } from "./structured-format.ts";
import { TOO_LARGE, ValueTagger } from "./value-tagger.ts";

/** Pieces of a long text. */
const PIECE = 32 * 1024;

/**
 * Gives a value's body line by line (`structured-format.ts`). Between two lines anything may happen; each line is
 * checked and written in one go.
 */
export class StructuredEncoder {
  readonly #tagger = new ValueTagger();
  /** Texts that were written in pieces, and where they are. */
  readonly longTexts: { readonly text: string; readonly steps: readonly PathStep[] }[] = [];
  #batch: unknown[] = [];

  get hasDate(): boolean {
    return this.#tagger.hasDate;
  }

  /** Ascending numbers of the objects that were met again. */
  get references(): readonly number[] {
    return [...this.#tagger.references].sort((left, right) => left - right);
  }

  /** The bytes that the lines so far refer to; each is given once. */
  takeSidecars(): readonly (readonly [Digest, Uint8Array])[] {
    const { sidecars } = this.#tagger;
    if (sidecars.size === 0) return [];
    const taken = [...sidecars];
    sidecars.clear();
    return taken;
  }

  /** The body's lines, without line feeds. */
  *lines(value: unknown): Generator<string, void, undefined> {
    if (!this.#add(value)) yield* this.#container(value);
    if (this.#batch.length > 0) yield this.#flush();
  }

  /** Adds an item to the present line; false when it is too large for one. */
  #add(value: unknown): boolean {
    const made = this.#tagger.attempt(value);
    if (made === TOO_LARGE) return false;
    this.#batch.push(made);
    return true;
  }

  *#item(value: unknown): Generator<string, void, undefined> {
    if (!this.#add(value)) yield* this.#large(value);
    else if (this.#isFull()) yield this.#flush();
  }

  *#large(value: unknown): Generator<string, void, undefined> {
    if (this.#batch.length > 0) yield this.#flush();
    yield* this.#container(value);
  }

  #isFull(): boolean {
    return this.#tagger.size >= LINE_LIMIT || this.#batch.length >= LINE_ITEMS;
  }

  #flush(): string {
    refuseToJson();
    const line = (this.#tagger.tagged ? "~" : "=") + JSON.stringify(this.#batch);
    this.#batch = [];
    this.#tagger.size = 0;
    this.#tagger.tagged = false;
    return line;
  }

  *#container(value: unknown): Generator<string, void, undefined> {
    if (typeof value === "string") yield* this.#text(value);
    else if (Array.isArray(value)) yield* this.#array(value);
    else if (value instanceof Map) yield* this.#map(value);
    else if (value instanceof Set) yield* this.#set(value);
    else yield* this.#record(value as object);
    if (this.#batch.length > 0) yield this.#flush();
    yield ".";
  }

  *#text(value: string): Generator<string, void, undefined> {
    this.longTexts.push({ text: value, steps: this.#tagger.here() });
    yield "T";
    for (let at = 0; at < value.length; at += PIECE) yield `=${JSON.stringify([value.slice(at, at + PIECE)])}`;
  }

  *#array(value: readonly unknown[]): Generator<string, void, undefined> {
    const tagger = this.#tagger;
    tagger.enter(value);
    tagger.checkArray(value);
    yield "A";
    const level = tagger.depth - 1;
    const { length } = value;
    for (let index = 0; index < length; index++) {
      tagger.steps[level] = index;
      const item = tagger.read(value, index);
      // Not through `#item`: a generator per item costs more than the item.
      if (!this.#add(item)) yield* this.#large(item);
      else if (this.#isFull()) yield this.#flush();
    }
    tagger.leave();
  }

  *#record(value: object): Generator<string, void, undefined> {
    const tagger = this.#tagger;
    tagger.enter(value);
    yield Object.getPrototypeOf(value) === null ? "N" : "O";
    const level = tagger.depth - 1;
    for (const name of tagger.namesOf(value)) {
      tagger.steps[level] = name;
      yield* this.#item(name);
      yield* this.#item(tagger.read(value, name));
    }
    tagger.leave();
  }

  *#map(value: ReadonlyMap<unknown, unknown>): Generator<string, void, undefined> {
    const tagger = this.#tagger;
    tagger.enter(value);
    tagger.refuseOwnProperties(value);
    yield "M";
    const level = tagger.depth - 1;
    let index = 0;
    for (const [key, item] of Map.prototype.entries.call(value) as Iterable<[unknown, unknown]>) {
      tagger.steps[level] = { at: "key", index, key };
      yield* this.#item(key);
      tagger.steps[level] = { at: "value", index, key };
      yield* this.#item(item);
      index++;
    }
    tagger.leave();
  }

  *#set(value: ReadonlySet<unknown>): Generator<string, void, undefined> {
    const tagger = this.#tagger;
    tagger.enter(value);
    tagger.refuseOwnProperties(value);
    yield "S";
    const level = tagger.depth - 1;
    let index = 0;
    for (const member of Set.prototype.values.call(value) as Iterable<unknown>) {
      tagger.steps[level] = { at: "member", index, key: member };
      yield* this.#item(member);
      index++;
    }
    tagger.leave();
  }
}

/** `JSON.stringify` would call it for every object, and store what it answers. */
function refuseToJson(): void {
  if (!("toJSON" in Object.prototype) && !("toJSON" in Array.prototype)) return;
  throw notStorable([], {
    found: "data while `Object.prototype` or `Array.prototype` has a `toJSON`",
    hint: "Remove it: something in this process changed how every object turns into JSON.",
  });
}
