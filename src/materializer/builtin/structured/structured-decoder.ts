import { badStoredValue } from "../../bad-stored-value.ts";
import type { SidecarToFill } from "./value-reviver.ts";
import { ValueReviver } from "./value-reviver.ts";

/** A container that is being read: it takes items one by one. */
interface Frame {
  readonly add: (item: unknown) => void;
  /** What the whole is, for a text that is only known at its end. */
  readonly finish?: () => unknown;
  /** Whether the items so far make a whole. */
  readonly isWhole?: () => boolean;
}

/** Builds a value from the lines of its body; the opposite of `StructuredEncoder`. */
export class StructuredDecoder {
  readonly #reviver: ValueReviver;
  readonly #frames: Frame[] = [];
  #result: { readonly value: unknown } | undefined;

  constructor(references: readonly number[]) {
    this.#reviver = new ValueReviver(references);
    this.#frames.push({ add: (value) => this.#setResult(value) });
  }

  line(text: string): void {
    const kind = text[0];
    if (kind === "=" || kind === "~") return this.#items(text, kind === "~");
    if (text.length !== 1) throw bad("a line is of no known kind");
    if (text === ".") return this.#close();
    this.#open(text);
  }

  /** Values that wait for bytes of their own, each given once. */
  takeUnfilled(): readonly SidecarToFill[] {
    return this.#reviver.toFill.splice(0);
  }

  finish(): unknown {
    if (this.#frames.length !== 1 || this.#result === undefined) throw bad("it ends early");
    return this.#result.value;
  }

  #setResult(value: unknown): void {
    if (this.#result !== undefined) throw bad("it holds more than one value");
    this.#result = { value };
  }

  get #top(): Frame {
    const top = this.#frames.at(-1);
    if (top === undefined) throw bad("it closes more than it opens");
    return top;
  }

  #items(text: string, tagged: boolean): void {
    const items = parseItems(text.slice(1));
    const { add } = this.#top;
    if (tagged) {
      for (const item of items) add(this.#reviver.revive(item));
    } else {
      for (const item of items) {
        this.#reviver.countPlain(item);
        add(item);
      }
    }
  }

  #open(kind: string): void {
    if (kind === "T") {
      this.#frames.push(textFrame());
      return;
    }
    const { target, frame } = containerFrame(kind);
    this.#reviver.number(target);
    this.#top.add(target);
    this.#frames.push(frame);
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined || this.#frames.length === 0) throw bad("it closes more than it opens");
    if (frame.isWhole?.() === false) throw bad("a key has no value");
    if (frame.finish !== undefined) this.#top.add(frame.finish());
  }
}

function containerFrame(kind: string): { readonly target: object; readonly frame: Frame } {
  switch (kind) {
    case "A": {
      const target: unknown[] = [];
      return { target, frame: { add: (item) => void target.push(item) } };
    }
    case "S": {
      const target = new Set<unknown>();
      return { target, frame: { add: (item) => void target.add(item) } };
    }
    case "M": {
      const target = new Map<unknown, unknown>();
      return { target, frame: pairFrame((key, item) => void target.set(key, item)) };
    }
    case "O":
    case "N": {
      const target: object = kind === "N" ? (Object.create(null) as object) : {};
      return { target, frame: pairFrame((key, item) => define(target, key as string, item)) };
    }
    default:
      throw bad("a line is of no known kind");
  }
}

function pairFrame(set: (key: unknown, item: unknown) => void): Frame {
  let key: unknown;
  let hasKey = false;
  const add = (item: unknown): void => {
    if (hasKey) set(key, item);
    else key = item;
    hasKey = !hasKey;
  };
  return { add, isWhole: () => !hasKey };
}

function textFrame(): Frame {
  const pieces: string[] = [];
  return { add: (piece) => void pieces.push(piece as string), finish: () => pieces.join("") };
}

function define(target: object, name: string, value: unknown): void {
  // Plain assignment to an inherited name would reach the prototype: `__proto__`, or `toString` where it is frozen.
  if (name in target) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[name] = value;
  }
}

function parseItems(text: string): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw badStoredValue("structured", "a line is no JSON", cause);
  }
  if (!Array.isArray(parsed)) throw bad("a line holds no list");
  return parsed;
}

function bad(what: string): Error {
  return badStoredValue("structured", what);
}
