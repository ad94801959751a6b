/**
 * The constants of the canonical encoding. They are part of every cache key that was ever written: a change here is a
 * new format version, never an edit (`test/fixtures/encoding/v1.json` holds the bytes).
 */

/** The first byte of every canonical encoding. */
export const CANONICAL_VERSION = 1;

/** How deep arrays, objects, maps and sets may nest. */
export const MAX_DEPTH = 1000;

/** The largest encoding, in bytes. What is larger is data, and belongs into an artifact. */
export const MAX_BYTES: number = 256 * 1024 * 1024;

/** The byte that opens each value. ASCII letters, so that a hex dump can be read. */
export const TAG = {
  null: 0x6e, // n
  true: 0x74, // t
  false: 0x66, // f
  undefined: 0x75, // u
  number: 0x64, // d
  positiveBigint: 0x2b, // +
  negativeBigint: 0x2d, // -
  string: 0x73, // s
  illFormedString: 0x77, // w
  array: 0x61, // a
  object: 0x6f, // o
  map: 0x6d, // m
  set: 0x65, // e
  date: 0x44, // D
  url: 0x55, // U
  binary: 0x62, // b
  hole: 0x68, // h
} as const;

/** A kind of binary value: its byte in the encoding is its place in the table. */
export interface BinaryKind {
  readonly name: string;
  /** Bytes per element. */
  readonly width: number;
}

/** The place is the code: only ever append. */
export const BINARY_KINDS: readonly BinaryKind[] = [
  { name: "Int8Array", width: 1 },
  { name: "Uint8Array", width: 1 },
  { name: "Uint8ClampedArray", width: 1 },
  { name: "Int16Array", width: 2 },
  { name: "Uint16Array", width: 2 },
  { name: "Int32Array", width: 4 },
  { name: "Uint32Array", width: 4 },
  { name: "Float32Array", width: 4 },
  { name: "Float64Array", width: 8 },
  { name: "BigInt64Array", width: 8 },
  { name: "BigUint64Array", width: 8 },
  { name: "Float16Array", width: 2 },
  { name: "DataView", width: 1 },
  { name: "ArrayBuffer", width: 1 },
  { name: "Buffer", width: 1 },
];
