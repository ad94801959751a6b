import { endianness } from "node:os";
import { types } from "node:util";
import { BINARY_KINDS } from "./canonical-format.ts";

type BinaryConstructor = new (buffer: ArrayBuffer) => object;

/** A binary value as the encoding sees it. */
export interface BinaryValue {
  readonly kind: number;
  readonly buffer: ArrayBufferLike;
  readonly offset: number;
  readonly length: number;
}

const kindOfPrototype: ReadonlyMap<object, number> = new Map(
  BINARY_KINDS.flatMap(({ name }, kind): [object, number][] => {
    const prototype = builtin(name)?.prototype as object | undefined;
    return prototype === undefined ? [] : [[prototype, kind]];
  }),
);

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** Tells a typed array, DataView, ArrayBuffer or Buffer by its exact prototype; anything else is undefined. */
export function binaryValueOf(value: object, prototype: object): BinaryValue | undefined {
  const kind = kindOfPrototype.get(prototype);
  if (kind === undefined) return undefined;
  const name = BINARY_KINDS[kind]?.name;
  if (types.isArrayBuffer(value)) {
    return name === "ArrayBuffer" ? { kind, buffer: value, offset: 0, length: value.byteLength } : undefined;
  }
  if (!ArrayBuffer.isView(value) || viewNameOf(value) !== (name === "Buffer" ? "Uint8Array" : name)) return undefined;
  return { kind, buffer: value.buffer, offset: value.byteOffset, length: value.byteLength };
}

/**
 * Builds a binary value from bytes of its own, or gives undefined where the kind is unknown here or the bytes are no
 * whole number of elements. The value owns its whole ArrayBuffer: it never shows a neighbour's bytes.
 */
export function buildBinary(kind: number, littleEndian: Uint8Array): object | undefined {
  const known = BINARY_KINDS[kind];
  if (known === undefined || littleEndian.byteLength % known.width !== 0) return undefined;
  const bytes = new Uint8Array(littleEndian);
  swapOnBigEndian(bytes, known.width);
  if (known.name === "ArrayBuffer") return bytes.buffer;
  if (known.name === "Buffer") return Buffer.from(bytes.buffer);
  const Constructor = builtin(known.name) as BinaryConstructor | undefined;
  return Constructor === undefined ? undefined : new Constructor(bytes.buffer);
}

/** Turns a machine's own byte order into little-endian or back, in place; does nothing on a little-endian machine. */
export function swapOnBigEndian(bytes: Uint8Array, width: number, order: "LE" | "BE" = endianness()): void {
  if (order === "LE" || width === 1) return;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) view.swap16();
  else if (width === 4) view.swap32();
  else view.swap64();
}

/** What a view really is: its prototype can be set to another's. */
function viewNameOf(view: ArrayBufferView): string | undefined {
  return types.isDataView(view)
    ? "DataView"
    : (Reflect.get(typedArrayPrototype, Symbol.toStringTag, view) as string | undefined);
}

function builtin(name: string): { readonly prototype: unknown } | undefined {
  return (globalThis as Record<string, unknown>)[name] as { readonly prototype: unknown } | undefined;
}
