import { types } from "node:util";
import { builtinKindOf, classNameOf, functionNameOf, hrefOf } from "./value-kind.ts";

const DEFAULT_LIMIT = 80;
const MOST_DEPTH = 4;
/** Line breaks, control and formatting characters, lone surrogates: what could disturb a terminal or hide in a line. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A short text of any value for people: `100`, `"late"`, `{ depth: 3, tags: ["a", …] }`.
 *
 * It never throws, runs none of the value's own code (getters show as `<getter>`, a Proxy as `<Proxy>`), and is at most
 * `limit` UTF-16 code units long, ending in `…` where something was left out. It is for reading only: two different
 * values may have one preview.
 *
 * @example previewValue({ depth: 3, tags: ["a", "b"] }) // '{ depth: 3, tags: ["a", "b"] }'
 */
export function previewValue(value: unknown, limit: number = DEFAULT_LIMIT): string {
  const most = Math.max(1, Math.floor(limit));
  return shorten(write(value, most, 0), most);
}

/** Replaces characters that a terminal would obey instead of show by their `\u` escape. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

function write(value: unknown, room: number, depth: number): string {
  switch (typeof value) {
    case "string":
      return writeString(value, room);
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return writeBigint(value, room);
    case "symbol":
      return `Symbol(${escapeUnprintable((value.description ?? "").slice(0, room))})`;
    case "function":
      return `<function${suffix(functionNameOf(value))}>`;
    case "object":
      return value === null ? "null" : writeObject(value, room, depth);
    default:
      return String(value);
  }
}

function writeString(value: string, room: number): string {
  const shown = value.length > room ? value.slice(0, room) : value;
  const quoted = escapeUnprintable(JSON.stringify(shown));
  return shown === value ? quoted : `${quoted.slice(0, -1)}…"`;
}

function writeBigint(value: bigint, room: number): string {
  // Decimal digits of a huge bigint take quadratic time, so only one that fits is written out.
  const magnitude = value < 0n ? -value : value;
  return magnitude < 1n << BigInt(Math.min(room, 300) * 4) ? `${value}n` : "<huge bigint>";
}

function writeObject(value: object, room: number, depth: number): string {
  if (types.isProxy(value)) return "<Proxy>";
  if (types.isDate(value)) return writeDate(value);
  if (types.isRegExp(value)) return "<RegExp>";
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return writeBinary(value);
  if (depth >= MOST_DEPTH) return "…";
  if (Array.isArray(value)) return writeList("[", arrayItems(value, depth), "]", room);
  if (types.isMap(value)) return writeList("Map { ", mapItems(value, depth), " }", room);
  if (types.isSet(value)) return writeList("Set { ", setItems(value, depth), " }", room);
  const href = hrefOf(value);
  if (href !== undefined) return `<URL ${escapeUnprintable(href)}>`;
  const className = classNameOf(value);
  const plain = className === undefined || className === "Object";
  if (!plain && builtinKindOf(value) !== undefined) return `<${className}>`;
  return writeList(plain ? "{ " : `${className} { `, propertyItems(value, depth), " }", room);
}

function writeDate(value: Date): string {
  const time = Date.prototype.getTime.call(value);
  return Number.isNaN(time) ? "Invalid Date" : new Date(time).toISOString();
}

function writeBinary(value: ArrayBufferLike | ArrayBufferView): string {
  return `<${classNameOf(value) ?? "bytes"}, ${binarySize(value)} bytes>`;
}

function binarySize(value: ArrayBufferLike | ArrayBufferView): string {
  const size: unknown = Object.hasOwn(value, "byteLength") || outOfBounds(value) ? undefined : value.byteLength;
  return typeof size === "number" ? String(size) : "?";
}

/** The size of a DataView whose buffer went away or shrank throws when it is read. */
function outOfBounds(value: ArrayBufferLike | ArrayBufferView): boolean {
  return types.isDataView(value) && isResizedOrDetached(value.buffer);
}

function isResizedOrDetached(buffer: ArrayBufferLike): boolean {
  const state = buffer as { readonly resizable?: boolean; readonly detached?: boolean };
  return state.resizable === true || state.detached === true;
}

/** One item of a list, written once it is known how much room is left. */
type Item = (room: number) => string;

/** Joins items until the room is used up, so that a list of millions costs no more than its first line. */
function writeList(open: string, items: Iterable<Item>, close: string, room: number): string {
  const inside = room - open.length - close.length;
  let text = "";
  let withMore = "…";
  for (const item of items) {
    const lead = text === "" ? "" : `${text}, `;
    const next = lead + item(Math.max(inside - lead.length, 1));
    if (next.length > inside) return open + withMore + close;
    text = next;
    if (next.length + 3 <= inside) withMore = `${next}, …`;
  }
  return text === "" ? open.trimEnd() + close.trimStart() : open + text + close;
}

function* arrayItems(value: readonly unknown[], depth: number): Generator<Item> {
  for (let index = 0; index < value.length; index++) {
    const property = Object.getOwnPropertyDescriptor(value, index);
    yield (room) => writeProperty(property, room, depth);
  }
}

function* mapItems(value: Map<unknown, unknown>, depth: number): Generator<Item> {
  for (const [key, item] of Map.prototype.entries.call(value)) {
    yield (room) => {
      const shown = write(key, room, depth + 1);
      return `${shown} => ${write(item, Math.max(room - shown.length - 4, 1), depth + 1)}`;
    };
  }
}

function* setItems(value: Set<unknown>, depth: number): Generator<Item> {
  for (const item of Set.prototype.values.call(value)) yield (room) => write(item, room, depth + 1);
}

function* propertyItems(value: object, depth: number): Generator<Item> {
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    yield (room) => {
      const shown = /^[\w$]+$/.test(key) ? key : writeString(key, room);
      return `${shown}: ${writeProperty(property, Math.max(room - shown.length - 2, 1), depth)}`;
    };
  }
}

function writeProperty(property: PropertyDescriptor | undefined, room: number, depth: number): string {
  if (property === undefined) return "<empty>";
  if (property.get !== undefined || property.set !== undefined) return "<getter>";
  return write(property.value, room, depth + 1);
}

function suffix(name: string | undefined): string {
  return name === undefined ? "" : ` ${escapeUnprintable(name)}`;
}

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  const last = cut.charCodeAt(cut.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}…`;
}
