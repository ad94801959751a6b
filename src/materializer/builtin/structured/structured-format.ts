/**
 * FORMAT of structured values, version 1. Bytes that were ever written must load for ever: a change here is a new
 * version, never an edit (`test/fixtures/materializer/structured-v1` holds the bytes).
 *
 * The root blob is UTF-8 text. Its first line is a JSON header; the *body* follows in the same blob when it is at most
 * 64 KiB long, and else is a blob of its own that the header names. Both are lines that end in a line feed.
 *
 * The body is a sequence of *items*; the whole value is the only item at the outermost level. A line is one of
 *
 * | line  | meaning |
 * |---|---|
 * | `=[…]` | items as plain JSON |
 * | `~[…]` | items as JSON with tags |
 * | `A` `O` `N` `M` `S` | opens an array, object, object without prototype, Map or Set as the next item |
 * | `T`   | opens a long text, whose items are its pieces |
 * | `.`   | closes what was opened last |
 *
 * The items of `O`, `N` and `M` are key, value, key, value, … A container is opened this way only when its content is
 * large; otherwise it stands in a line as JSON. So no line is much longer than `ITEM_LIMIT` characters.
 *
 * In a line with tags, a string that begins with a backtick is a tag:
 *
 * | tag | value |
 * |---|---|
 * | two backticks, text | the string with one backtick less |
 * | `` `u `` | undefined |
 * | `` `n-0 `` `` `nNaN `` `` `nInfinity `` `` `n-Infinity `` | the number |
 * | `` `i-ff `` | bigint, sign and hexadecimal digits |
 * | `` `D1700000000000 `` | Date, milliseconds since the epoch or NaN |
 * | `` `Uhttps://… `` | URL |
 * | `` `bInt8Array:AQI= `` | binary value, its bytes little-endian in base64 |
 * | `` `BFloat64Array:80000:2c26… `` | binary value whose bytes are the blob of that digest; its length in bytes |
 * | `` `r12 `` | the same object as the one numbered 12 |
 *
 * and an array whose first element is exactly `` `M ``, `` `S `` or `` `N `` is a Map, a Set or an object without
 * prototype with the rest as its items. Property names of JSON objects are never tags.
 *
 * Every array, object, Map, Set, Date, URL and binary value has a number: 0, 1, 2, … in order of appearance, a container
 * before its content. The header lists the numbers that are referred to.
 */
export const STRUCTURED_VERSION = 1;

export const STRUCTURED_FORMAT = "warmstart/structured";

/** The longest body, in bytes, that stands in the root blob. */
export const INLINE_BODY: number = 64 * 1024;

/** Binary values of this many bytes or more are blobs of their own. */
export const SIDECAR_BYTES: number = 64 * 1024;

/** The largest item, in characters by estimate, that stands in one line. The longest inline binary value fits. */
export const ITEM_LIMIT: number = 128 * 1024;

/** A line ends when its items reach this many characters by estimate … */
export const LINE_LIMIT: number = 64 * 1024;

/** … or this many items. */
export const LINE_ITEMS = 1024;

/** How deep containers may nest. */
export const MAX_DEPTH = 1000;

export const MARK = "`";
export const MARK_CODE = 0x60;

/** A blob by digest and size, as the header names it. */
export interface HeaderBlob {
  readonly digest: string;
  readonly size: number;
}

/** The first line of the root blob. Keys in this order. */
export interface StructuredHeader {
  readonly format: typeof STRUCTURED_FORMAT;
  readonly version: number;
  readonly body?: HeaderBlob;
  readonly sidecars?: readonly HeaderBlob[];
  /** Ascending. */
  readonly references?: readonly number[];
}
