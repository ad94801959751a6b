import { types } from "node:util";
import { BINARY_KINDS, CANONICAL_VERSION, MAX_BYTES, MAX_DEPTH, TAG } from "./canonical-format.ts";
import { binaryValueOf, swapOnBigEndian } from "./binary-value.ts";
import type { BinaryValue } from "./binary-value.ts";
import { ByteWriter } from "./byte-writer.ts";
import { describeRefused, notKeyable } from "./not-keyable.ts";
import { hrefOf } from "./value-kind.ts";
import { formatValuePath } from "./value-path.ts";
import type { PathStep } from "./value-path.ts";

/** Gives the label for a value that is to be left out as a hole, or undefined for any other value. */
export type HoleLabel = (value: unknown) => string | undefined;

/** Encodes one value, gives the finished bytes to `finish`, and returns what that returns. */
export function encodeWith<T>(
  value: unknown,
  hole: HoleLabel | undefined,
  root: string | undefined,
  finish: (out: ByteWriter) => T,
): T {
  const encoder = new CanonicalEncoder(hole, root);
  try {
    encoder.encode(value);
    return finish(encoder.out);
  } finally {
    encoder.out.release();
  }
}

class CanonicalEncoder {
  readonly out: ByteWriter;
  readonly #hole: HoleLabel | undefined;
  readonly #root: string | undefined;
  /** The containers around the present value, outermost first; `#steps[n]` leads from `#open[n]` into what is in it. */
  readonly #open: object[] = [];
  readonly #steps: PathStep[] = [];

  constructor(hole: HoleLabel | undefined, root: string | undefined) {
    this.#hole = hole;
    this.#root = root;
    this.out = new ByteWriter(() => this.#tooLarge());
  }

  encode(value: unknown): void {
    this.out.byte(CANONICAL_VERSION);
    this.#value(value);
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.out.text(value);
      case "number":
        this.out.byte(TAG.number);
        return this.out.float64(value);
      case "boolean":
        return this.out.byte(value ? TAG.true : TAG.false);
      case "undefined":
        return this.out.byte(TAG.undefined);
      case "bigint":
        return this.#bigint(value);
      default:
        return value === null ? this.out.byte(TAG.null) : this.#reference(value as object | symbol);
    }
  }

  /** An object, function or symbol. The hole is asked before anything of the value is touched. */
  #reference(value: object | symbol): void {
    const label = this.#hole?.(value);
    if (label !== undefined) {
      this.out.byte(TAG.hole);
      return this.out.text(label);
    }
    if (typeof value !== "object" || types.isProxy(value)) return this.#refuse(value);
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype || prototype === null) return this.#object(value);
    if (prototype === Array.prototype && Array.isArray(value)) return this.#array(value);
    return this.#builtin(value, prototype);
  }

  #builtin(value: object, prototype: object): void {
    if (prototype === Map.prototype && types.isMap(value)) return this.#map(value);
    if (prototype === Set.prototype && types.isSet(value)) return this.#set(value);
    if (prototype === Date.prototype && types.isDate(value)) return this.#date(value);
    if (prototype === URL.prototype) return this.#url(value);
    const binary = binaryValueOf(value, prototype);
    return binary === undefined ? this.#refuse(value) : this.#binary(binary);
  }

  #bigint(value: bigint): void {
    this.out.byte(value < 0n ? TAG.negativeBigint : TAG.positiveBigint);
    const digits = value === 0n ? "" : (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
    this.out.uint32(magnitude.byteLength);
    this.out.bytes(magnitude);
  }

  #array(value: readonly unknown[]): void {
    this.#enter(value, TAG.array);
    this.out.uint32(value.length);
    const depth = this.#open.length - 1;
    for (let index = 0; index < value.length; index++) {
      this.#steps[depth] = index;
      this.#value(this.#read(value, index));
    }
    this.#leave();
    // Each index has proved to be there, so any key beyond `length` itself is one that would be lost.
    if (Reflect.ownKeys(value).length !== value.length + 1) this.#refuseExtra(value);
  }

  #object(value: object): void {
    this.#enter(value, TAG.object);
    if (Object.getOwnPropertySymbols(value).length > 0) this.#refuseSymbolKey(value);
    if (isBuiltinInDisguise(value)) this.#refuseDisguise();
    const countAt = this.out.length;
    this.out.uint32(0);
    const depth = this.#open.length - 1;
    let count = 0;
    for (const key of Object.keys(value).sort()) {
      this.#steps[depth] = key;
      const item = this.#read(value, key);
      if (item === undefined) continue;
      this.out.text(key);
      this.#value(item);
      count++;
    }
    this.out.uint32At(countAt, count);
    this.#leave();
  }

  #map(value: ReadonlyMap<unknown, unknown>): void {
    this.#enter(value, TAG.map);
    this.#refuseOwnProperties(value);
    const entries = [...Map.prototype.entries.call(value)] as [unknown, unknown][];
    this.out.uint32(entries.length);
    const depth = this.#open.length - 1;
    for (const [index, [key, item]] of entries.entries()) {
      this.#steps[depth] = { at: "key", index, key };
      this.#member(key);
      this.#steps[depth] = { at: "value", index, key };
      this.#value(item);
    }
    this.#leave();
  }

  #set(value: ReadonlySet<unknown>): void {
    this.#enter(value, TAG.set);
    this.#refuseOwnProperties(value);
    const members = [...Set.prototype.values.call(value)] as unknown[];
    this.out.uint32(members.length);
    const depth = this.#open.length - 1;
    for (const [index, member] of members.entries()) {
      this.#steps[depth] = { at: "member", index, key: member };
      this.#member(member);
    }
    this.#leave();
  }

  /** A Map's key or a Set's member. A hole's value is unknown yet, and might turn out to be another member's. */
  #member(value: unknown): void {
    if (!isReference(value) || this.#hole?.(value) === undefined) return this.#value(value);
    throw this.#error({
      found: "an output that is not computed yet, as a Map key or Set member",
      hint: "Hand it over in an array, a plain object or as a Map's value, and build the collection inside the step.",
    });
  }

  #date(value: Date): void {
    this.#refuseOwnProperties(value);
    this.out.byte(TAG.date);
    this.out.float64(Date.prototype.getTime.call(value));
  }

  #url(value: object): void {
    const href = hrefOf(value);
    if (href === undefined) return this.#refuse(value);
    this.#refuseOwnProperties(value);
    if (URL.parse(href)?.href !== href) {
      throw this.#error({ found: "a URL whose text reads back as another URL", hint: "Pass it as a string." });
    }
    this.out.byte(TAG.url);
    this.out.text(href);
  }

  #binary({ kind, buffer, offset, length }: BinaryValue): void {
    this.#refuseUnsteady(buffer);
    this.out.byte(TAG.binary);
    this.out.byte(kind);
    this.out.uint32(length);
    const written = this.out.bytes(new Uint8Array(buffer, offset, length));
    swapOnBigEndian(written, BINARY_KINDS[kind]?.width ?? 1);
  }

  /** Reads through the descriptor, so that no getter ever runs. */
  #read(container: object, key: string | number): unknown {
    const property = Object.getOwnPropertyDescriptor(container, key);
    if (property === undefined) {
      throw this.#error({ found: "a hole in an array", hint: "Write `undefined` or `null` there, or leave it out." });
    }
    if (property.get === undefined && property.set === undefined) return property.value;
    throw this.#error({
      found: "an accessor property (a getter or setter)",
      hint: "Pass its present value as a plain property.",
    });
  }

  #enter(container: object, tag: number): void {
    const seenAt = this.#open.indexOf(container);
    if (seenAt >= 0) throw this.#cyclic(seenAt);
    if (this.#open.length >= MAX_DEPTH) throw this.#tooDeep();
    this.#open.push(container);
    this.out.byte(tag);
  }

  #leave(): void {
    this.#open.pop();
    this.#steps.length = this.#open.length;
  }

  #path(steps: readonly PathStep[] = this.#steps): string {
    return formatValuePath(this.#root, steps);
  }

  #error(finding: Parameters<typeof notKeyable>[1], path: string = this.#path()): Error {
    return notKeyable(path, finding);
  }

  #refuse(value: unknown): never {
    throw this.#error(describeRefused(value));
  }

  #refuseDisguise(): never {
    throw this.#error({
      found: "a built-in object under a plain prototype",
      hint: "Pass a plain object with the fields that the step needs.",
    });
  }

  #refuseOwnProperties(value: object): void {
    if (Reflect.ownKeys(value).length > 0) this.#refuseExtra(value);
  }

  #refuseExtra(value: object): never {
    const extra = Reflect.ownKeys(value).find((key) => !isArrayKey(value, key));
    const shown = typeof extra === "symbol" ? String(extra) : JSON.stringify(extra);
    throw this.#error({
      found: `a built-in with a property of its own (${shown})`,
      hint: "Pass that property beside it, in a plain object.",
    });
  }

  #refuseSymbolKey(value: object): never {
    const [key] = Object.getOwnPropertySymbols(value);
    throw this.#error({
      found: `an object with a symbol as key (${String(key)})`,
      hint: "Use a string key, or leave the property out.",
    });
  }

  #refuseUnsteady(buffer: ArrayBufferLike): void {
    if (types.isSharedArrayBuffer(buffer)) {
      throw this.#error({
        found: "a view of a SharedArrayBuffer",
        hint: "Pass a copy: another thread could change it.",
      });
    }
    const state = buffer as { readonly resizable?: boolean; readonly detached?: boolean };
    if (state.detached === true) {
      throw this.#error({
        found: "a detached ArrayBuffer, or a view of one",
        hint: "Pass it before it is transferred away.",
      });
    }
    if (state.resizable === true) {
      throw this.#error({
        found: "a resizable ArrayBuffer, or a view of one",
        hint: "Pass a copy of fixed size: `slice()`.",
      });
    }
  }

  #cyclic(seenAt: number): Error {
    const target = this.#path(this.#steps.slice(0, seenAt));
    return this.#error({
      found: `a cycle: a reference back to ${target === "" ? "the whole value" : `\`${target}\``}`,
      hint: "Pass data without cycles: refer to an item by an id or index.",
    });
  }

  #tooDeep(): Error {
    const start = this.#path(this.#steps.slice(0, 8));
    return this.#error(
      {
        found: `nested more than ${MAX_DEPTH} levels deep`,
        hint: "Pass a flat form: a list whose items name their parent.",
      },
      `${start}…`,
    );
  }

  #tooLarge(): never {
    throw this.#error({
      found: `data beyond the first ${MAX_BYTES / 1024 / 1024} MiB`,
      hint: "Make large data the output of a step: then it is stored once and counts by its digest.",
    });
  }
}

/** Whether a plain prototype was put on a value whose content lies in internal slots, and so would be lost. */
function isBuiltinInDisguise(value: object): boolean {
  return Object.prototype.toString.call(value) !== "[object Object]" || hasHiddenContent(value);
}

function hasHiddenContent(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isPromise(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  );
}

function isReference(value: unknown): boolean {
  return typeof value === "object" ? value !== null : typeof value === "function" || typeof value === "symbol";
}

function isArrayKey(value: object, key: string | symbol): boolean {
  return Array.isArray(value) && typeof key === "string" && (key === "length" || Number(key) < value.length);
}
