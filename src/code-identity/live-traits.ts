import { types } from "node:util";

/** What the canonical bytes of a value do not tell, and whoever is handed the value itself can. */
export interface LiveFinding {
  /** In an order of their own; none for plain data as it is written down. */
  readonly traits: readonly string[];
  /** The first property that the bytes leave out altogether. */
  readonly hidden: string | undefined;
}

/**
 * Tells of values that are handed over alive what cannot be told of those that were decoded from canonical bytes: the order
 * of properties, undefined ones, what may not be written to, and which parts are one object.
 *
 * One for all values that belong together, since an object may be part of several of them. Only for values that could be
 * encoded: so there are no cycles, accessors and proxies.
 */
export class LiveTraits {
  /** Objects in the order in which they were met. */
  readonly #met = new Map<object, number>();
  #traits: string[] = [];
  #hidden: string | undefined;

  of(value: unknown): LiveFinding {
    this.#traits = [];
    this.#hidden = undefined;
    this.#visit(value);
    return { traits: this.#traits, hidden: this.#hidden };
  }

  #visit(value: unknown): void {
    // Functions are told apart by their numbers.
    if (typeof value !== "object" || value === null || this.#isKnown(value)) return;
    if (ArrayBuffer.isView(value)) return this.#view(value);
    if (types.isAnyArrayBuffer(value) || types.isRegExp(value)) return;
    this.#writing(value);
    if (types.isMap(value)) {
      for (const [key, part] of Map.prototype.entries.call(value)) for (const one of [key, part]) this.#visit(one);
    } else if (types.isSet(value)) for (const part of Set.prototype.values.call(value)) this.#visit(part);
    else this.#properties(value);
  }

  #isKnown(value: object): boolean {
    const number = this.#met.get(value);
    if (number === undefined) this.#met.set(value, this.#met.size);
    else this.#traits.push(`object ${number} again`);
    return number !== undefined;
  }

  #writing(value: object): void {
    if (Object.isExtensible(value)) return;
    this.#traits.push(Object.isFrozen(value) ? "frozen" : Object.isSealed(value) ? "sealed" : "not extensible");
  }

  #properties(value: object): void {
    if (Object.getPrototypeOf(value) === null) this.#traits.push("without a prototype");
    const array = Array.isArray(value);
    const keys = Object.keys(value);
    let plain = array || isSorted(keys);
    for (const key of Reflect.ownKeys(value)) {
      if (array && key === "length") continue;
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property?.enumerable !== true) this.#hidden ??= String(key);
      const fixed = property?.writable !== true || property.configurable !== true;
      if (fixed && !Object.isFrozen(value))
        this.#traits.push(`${String(key)} is ${property?.writable === true ? "kept" : "read-only"}`);
      plain &&= array || property?.value !== undefined;
      this.#visit(property?.value);
    }
    if (!plain) this.#traits.push(`keys ${JSON.stringify(keys)}`);
  }

  /** Where small Buffers lie in the pool that they share is chance. */
  #view({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    if (buffer.byteLength === Buffer.poolSize && byteLength < buffer.byteLength) return;
    this.#isKnown(buffer);
    if (byteLength !== buffer.byteLength)
      this.#traits.push(`${byteLength} bytes at ${byteOffset} of ${buffer.byteLength}`);
  }
}

function isSorted(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key);
}
