import type { Digest } from "../../../encoding/digest.ts";
import { isDigest } from "../../../encoding/digest.ts";
import { swapOnBigEndian } from "../../../encoding/binary-value.ts";
import { badStoredValue } from "../../bad-stored-value.ts";
import { emptyBinary } from "./binary-content.ts";
import { MARK, MARK_CODE } from "./structured-format.ts";

/** Memory of a value that waits for its bytes. */
export interface SidecarToFill {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  readonly width: number;
}

const numbers: ReadonlyMap<string, number> = new Map([
  ["-0", -0],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Turns parsed JSON with tags into the value, in place where it can. Numbers objects as they appear. */
export class ValueReviver {
  readonly toFill: SidecarToFill[] = [];
  readonly #wanted: ReadonlySet<number>;
  readonly #found = new Map<number, object>();
  #count = 0;

  constructor(references: readonly number[]) {
    this.#wanted = new Set(references);
  }

  number(object: object): void {
    if (this.#wanted.size === 0) return;
    if (this.#wanted.has(this.#count)) this.#found.set(this.#count, object);
    this.#count++;
  }

  /** Numbers what is in an item without tags. */
  countPlain(item: unknown): void {
    if (this.#wanted.size === 0 || typeof item !== "object" || item === null) return;
    this.number(item);
    for (const child of Object.values(item)) if (typeof child === "object") this.countPlain(child);
  }

  revive(node: unknown): unknown {
    if (typeof node === "string") return node.charCodeAt(0) === MARK_CODE ? this.#tag(node) : node;
    if (typeof node !== "object" || node === null) return node;
    return Array.isArray(node) ? this.#list(node) : this.#record(node as Record<string, unknown>);
  }

  #record(node: Record<string, unknown>): object {
    this.number(node);
    for (const name of Object.keys(node)) {
      const child = node[name];
      if (typeof child === "string" ? child.charCodeAt(0) !== MARK_CODE : typeof child !== "object") continue;
      const made = this.revive(child);
      // The name is an own data property already, so that this is safe for `__proto__` too.
      if (made !== child) node[name] = made;
    }
    return node;
  }

  #list(node: unknown[]): object {
    const [first] = node;
    if (typeof first === "string" && first.length === 2 && first.charCodeAt(0) === MARK_CODE) {
      if (first === `${MARK}M`) return this.#map(node);
      if (first === `${MARK}S`) return this.#set(node);
      if (first === `${MARK}N`) return this.#bare(node);
    }
    this.number(node);
    for (let index = 0; index < node.length; index++) node[index] = this.revive(node[index]);
    return node;
  }

  #map(node: readonly unknown[]): object {
    const map = new Map<unknown, unknown>();
    this.number(map);
    for (let index = 1; index < node.length; index += 2) {
      const key = this.revive(node[index]);
      map.set(key, this.revive(node[index + 1]));
    }
    return map;
  }

  #set(node: readonly unknown[]): object {
    const set = new Set<unknown>();
    this.number(set);
    for (let index = 1; index < node.length; index++) set.add(this.revive(node[index]));
    return set;
  }

  #bare(node: readonly unknown[]): object {
    const object = Object.create(null) as Record<string, unknown>;
    this.number(object);
    for (let index = 1; index < node.length; index += 2) {
      const name = this.revive(node[index]) as string;
      object[name] = this.revive(node[index + 1]);
    }
    return object;
  }

  #tag(tag: string): unknown {
    const rest = tag.slice(2);
    switch (tag[1]) {
      case MARK:
        return tag.slice(1);
      case "u":
        return undefined;
      case "n":
        return numbers.get(rest) ?? this.#bad(tag);
      case "i":
        return bigintOf(rest) ?? this.#bad(tag);
      case "D":
        return this.#leaf(new Date(Number(rest)));
      case "U":
        return this.#leaf(new URL(rest));
      case "b":
        return this.#inlineBinary(tag, rest);
      case "B":
        return this.#sidecar(tag, rest);
      case "r":
        return this.#found.get(Number(rest)) ?? this.#bad(tag);
      default:
        return this.#bad(tag);
    }
  }

  #leaf(object: object): object {
    this.number(object);
    return object;
  }

  #inlineBinary(tag: string, rest: string): object {
    const colon = rest.indexOf(":");
    const bytes = Buffer.from(rest.slice(colon + 1), "base64");
    const made = emptyBinary(rest.slice(0, colon), bytes.byteLength);
    if (made === undefined) return this.#bad(tag);
    made.bytes.set(bytes);
    swapOnBigEndian(made.bytes, made.width);
    return this.#leaf(made.value);
  }

  #sidecar(tag: string, rest: string): object {
    const [name = "", length, digest = ""] = rest.split(":");
    const made = emptyBinary(name, Number(length));
    if (made === undefined || !isDigest(digest)) return this.#bad(tag);
    this.toFill.push({ digest, bytes: made.bytes, width: made.width });
    return this.#leaf(made.value);
  }

  #bad(tag: string): never {
    throw badStoredValue("structured", `it holds an unknown tag, ${JSON.stringify(tag.slice(0, 40))}`);
  }
}

function bigintOf(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  const digits = negative ? text.slice(1) : text;
  if (!/^[0-9a-f]+$/.test(digits)) return undefined;
  const magnitude = BigInt(`0x${digits}`);
  return negative ? -magnitude : magnitude;
}
