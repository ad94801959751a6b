import { types } from "node:util";
import { binaryValueOf, swapOnBigEndian } from "../../../encoding/binary-value.ts";
import { BINARY_KINDS } from "../../../encoding/canonical-format.ts";

/** A typed array, DataView, ArrayBuffer or Buffer by name, with its bytes in little-endian order. */
export interface BinaryContent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Why the bytes of a binary value cannot be relied on. */
export type Unsteady = "shared" | "resizable" | "detached";

type ViewConstructor = new (buffer: ArrayBuffer) => object;

/**
 * What a binary value holds: only the bytes that it shows, so a view of a part is stored as that part. On a
 * little-endian machine the bytes are the value's own memory, not a copy.
 */
export function binaryContentOf(value: object, prototype: object): BinaryContent | Unsteady | undefined {
  const found = binaryValueOf(value, prototype);
  if (found === undefined) return undefined;
  const kind = BINARY_KINDS[found.kind];
  const unsteady = unsteadiness(found.buffer);
  if (unsteady !== undefined || kind === undefined) return unsteady;
  const own = new Uint8Array(found.buffer, found.offset, found.length);
  return { name: kind.name, bytes: littleEndian(own, kind.width) };
}

/** An empty value of `length` bytes, and the memory to fill in. Undefined where there is no such kind or length. */
export function emptyBinary(
  name: string,
  length: number,
): { readonly value: object; readonly bytes: Uint8Array; readonly width: number } | undefined {
  const kind = BINARY_KINDS.find((known) => known.name === name);
  if (kind === undefined || !Number.isSafeInteger(length) || length < 0 || length % kind.width !== 0) return undefined;
  const buffer = new ArrayBuffer(length);
  const value = viewOver(name, buffer);
  return value === undefined ? undefined : { value, bytes: new Uint8Array(buffer), width: kind.width };
}

function viewOver(name: string, buffer: ArrayBuffer): object | undefined {
  if (name === "ArrayBuffer") return buffer;
  if (name === "Buffer") return Buffer.from(buffer);
  const constructor = (globalThis as Record<string, unknown>)[name] as ViewConstructor | undefined;
  return constructor === undefined ? undefined : new constructor(buffer);
}

function littleEndian(bytes: Uint8Array, width: number): Uint8Array {
  if (width === 1) return bytes;
  const probe = new Uint8Array([1, 0]);
  swapOnBigEndian(probe, 2);
  if (probe[0] === 1) return bytes;
  const copy = new Uint8Array(bytes);
  swapOnBigEndian(copy, width);
  return copy;
}

function unsteadiness(buffer: ArrayBufferLike): Unsteady | undefined {
  if (types.isSharedArrayBuffer(buffer)) return "shared";
  const state = buffer as { readonly resizable?: boolean; readonly detached?: boolean };
  if (state.detached === true) return "detached";
  return state.resizable === true ? "resizable" : undefined;
}
