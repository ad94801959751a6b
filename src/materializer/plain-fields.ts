import { types } from "node:util";
import { previewValue } from "../encoding/preview.ts";
import { classNameOf } from "../encoding/value-kind.ts";

const MOST_DEPTH = 32;
const MOST_NODES = 1_000_000;
const MOST_TEXT = 1_000_000;

/**
 * The plain-data part of any value, as JSON-ready data for people: what is kept aside of a result that could not be
 * stored. Instances of classes become `{ "class": name, "fields": {…} }`, binary values base64, other things a short
 * text. Bounded in depth and size, cycles cut, and none of the value's own code runs.
 *
 * @example describePlainFields(new Model([0.2, 0.8])) // { class: "Model", fields: { weights: [0.2, 0.8] } }
 */
export function describePlainFields(value: unknown): unknown {
  return new Description().of(value, 0);
}

class Description {
  readonly #open = new Set<object>();
  #nodes = 0;

  of(value: unknown, depth: number): unknown {
    this.#nodes++;
    switch (typeof value) {
      case "string":
        return value.length > MOST_TEXT ? `${value.slice(0, MOST_TEXT)}…` : value;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0) ? value : previewValue(value);
      case "boolean":
        return value;
      case "undefined":
        return "<undefined>";
      case "object":
        return value === null ? null : this.#object(value, depth);
      default:
        return previewValue(value);
    }
  }

  #object(value: object, depth: number): unknown {
    if (this.#open.has(value)) return "<cycle>";
    if (depth >= MOST_DEPTH || this.#nodes > MOST_NODES) return "<left out>";
    if (types.isProxy(value)) return "<Proxy>";
    this.#open.add(value);
    try {
      return this.#contents(value, depth + 1);
    } finally {
      this.#open.delete(value);
    }
  }

  #contents(value: object, depth: number): unknown {
    if (types.isDate(value)) return previewValue(value);
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return this.#binary(value);
    if (types.isMap(value)) return { class: "Map", entries: this.#entries(value, depth) };
    if (types.isSet(value)) return { class: "Set", members: this.#members(value, depth) };
    if (Array.isArray(value)) return this.#items(value, depth);
    if (types.isNativeError(value))
      return { class: classNameOf(value) ?? "Error", fields: this.#fields(value, depth, true) };
    const name = classNameOf(value);
    const fields = this.#fields(value, depth, false);
    return name === undefined || name === "Object" ? fields : { class: name, fields };
  }

  #binary(value: ArrayBufferLike | ArrayBufferView): unknown {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    const shown = bytes.subarray(0, MOST_TEXT);
    const rest = bytes.byteLength - shown.byteLength;
    return { class: classNameOf(value) ?? "bytes", base64: Buffer.from(shown).toString("base64"), leftOut: rest };
  }

  #items(value: readonly unknown[], depth: number): unknown[] {
    const items: unknown[] = [];
    for (let index = 0; index < value.length && this.#hasRoom(items); index++) {
      items.push(this.#property(Object.getOwnPropertyDescriptor(value, index), depth));
    }
    return items;
  }

  #entries(value: Map<unknown, unknown>, depth: number): unknown[] {
    const entries: unknown[] = [];
    for (const [key, item] of Map.prototype.entries.call(value) as Iterable<[unknown, unknown]>) {
      if (!this.#hasRoom(entries)) break;
      entries.push([this.of(key, depth), this.of(item, depth)]);
    }
    return entries;
  }

  #members(value: Set<unknown>, depth: number): unknown[] {
    const members: unknown[] = [];
    for (const member of Set.prototype.values.call(value) as Iterable<unknown>) {
      if (!this.#hasRoom(members)) break;
      members.push(this.of(member, depth));
    }
    return members;
  }

  /** Adds a note where the bound was reached. */
  #hasRoom(items: unknown[]): boolean {
    if (this.#nodes <= MOST_NODES) return true;
    items.push("<left out>");
    return false;
  }

  #fields(value: object, depth: number, hidden: boolean): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (const name of hidden ? Object.getOwnPropertyNames(value) : Object.keys(value)) {
      if (this.#nodes > MOST_NODES) break;
      const property = Object.getOwnPropertyDescriptor(value, name);
      const described = this.#property(property, depth);
      Object.defineProperty(fields, name, { value: described, writable: true, enumerable: true, configurable: true });
    }
    return fields;
  }

  #property(property: PropertyDescriptor | undefined, depth: number): unknown {
    if (property === undefined) return "<empty>";
    if (property.get !== undefined || property.set !== undefined) return "<getter>";
    return this.of(property.value, depth);
  }
}
