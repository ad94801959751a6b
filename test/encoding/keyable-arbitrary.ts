import fc from "fast-check";
import { BINARY_KINDS } from "../../src/encoding/canonical-format.ts";

type ViewConstructor = new (buffer: ArrayBuffer, offset?: number, length?: number) => ArrayBufferView;

/** A view of part of a larger buffer, so that its neighbours' bytes must not matter. */
export function viewOf(name: string, bytes: Uint8Array, width: number): object {
  const whole = new Uint8Array(16 + bytes.byteLength).fill(0xee);
  whole.set(bytes, 8);
  if (name === "ArrayBuffer") return new Uint8Array(bytes).buffer;
  if (name === "Buffer") return Buffer.from(whole.buffer, 8, bytes.byteLength);
  const Constructor = (globalThis as unknown as Record<string, ViewConstructor>)[name] as ViewConstructor;
  return new Constructor(whole.buffer, 8, bytes.byteLength / width);
}

const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "grapheme", maxLength: 5 }),
  fc.string({ unit: fc.integer({ min: 0xd7fe, max: 0xe001 }).map((code) => String.fromCharCode(code)), maxLength: 3 }),
  fc.string({ minLength: 38, maxLength: 44 }),
  fc.constantFrom(
    "",
    "1",
    "a",
    "s",
    "$i",
    "__proto__",
    "constructor",
    "toString",
    "\0",
    "1n",
    "NaN",
    "null",
    "é",
    "e\u0301",
  ),
);

const binary: fc.Arbitrary<object> = fc
  .constantFrom(...BINARY_KINDS)
  .chain(({ name, width }) =>
    fc
      .array(fc.uint8Array({ minLength: width, maxLength: width }), { maxLength: 3 })
      .map((elements) => viewOf(name, new Uint8Array(elements.flatMap((element) => [...element])), width)),
  );

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, false, 0, -0, 1, NaN, Infinity, -Infinity, 0n, 1n, -1n, 255n, 256n),
  fc.double(),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt(),
  text,
  fc.date({ noInvalidDate: false }),
  fc.webUrl().map((href) => new URL(href)),
  binary,
);

/** Any value that can be part of a key, with small ones likely, so that values often almost coincide. */
export const keyable: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(text, tie("node"), { maxKeys: 4, noNullPrototype: false }),
    fc.array(fc.tuple(tie("node"), tie("node")), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie("node"), { maxLength: 3 }).map((members) => new Set(members)),
  ),
})).node;
