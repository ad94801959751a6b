import { types } from "node:util";
import { encodeCanonical } from "../encoding/canonical.ts";
import { previewValue } from "../encoding/preview.ts";
import { builtinKindOf } from "../encoding/value-kind.ts";
import { EncodingError, PipelineError } from "../errors.ts";
import type { SourceLocation } from "../model/source-location.ts";
import { formatPlace } from "./call-site.ts";
import { handleInfo } from "./handle.ts";
import type { HandleInfo } from "./handle.ts";
import { isOutputRecord } from "./output-record.ts";
import type { InputBinding, PropertySpec } from "./pipeline-spec.ts";
import { secretInfo, secretLabel } from "./secret.ts";
import type { SecretInfo } from "./secret.ts";

/** Who is given the inputs, for errors, and whose handles it may use. */
export interface LiftTarget {
  readonly step: string;
  readonly at: SourceLocation;
  /** @throws PipelineError (`WS_FOREIGN_HANDLE`) for a handle of another pipeline. */
  claim(handle: HandleInfo): void;
}

/** The canonical form refuses what is nested deeper. */
const MOST_DEPTH = 1_000;
const SHOWN_LENGTH = 80;

/**
 * Turns one property into canonical bytes with a hole for each handle and secret in its arrays and plain records.
 *
 * @throws PipelineError (`WS_BAD_INPUT`) for what cannot be part of a key, naming the path.
 */
export function liftProperty(name: string, value: unknown, target: LiftTarget): PropertySpec {
  if (typeof value === "object" && value !== null) return new PropertyLifter(name, target).lift(value);
  const bytes = encode(name, value, () => undefined, target);
  return {
    name,
    bytes,
    inputs: [],
    direct: false,
    secrets: [],
    secretsInKey: [],
    shown: previewValue(value, SHOWN_LENGTH),
  };
}

/** An array or record that is copied only once something in it has to be replaced. */
type Replaced = { readonly value: unknown };

class PropertyLifter {
  readonly #name: string;
  readonly #target: LiftTarget;
  readonly #path: string[];
  readonly #inputs: InputBinding[] = [];
  readonly #secrets: SecretInfo[] = [];
  /** What stands in a handle's place while encoding and showing; each place has its own. */
  readonly #labels = new Map<symbol, string>();
  readonly #open = new Set<object>();
  readonly #plain = new Set<object>();

  constructor(name: string, target: LiftTarget) {
    this.#name = name;
    this.#target = target;
    this.#path = [name];
  }

  lift(value: object): PropertySpec {
    const lifted = this.#value(value);
    const bytes = encode(this.#name, lifted, (symbol) => this.#labels.get(symbol), this.#target);
    const names = (secrets: readonly SecretInfo[]): string[] => [...new Set(secrets.map(({ name }) => name))];
    return {
      name: this.#name,
      bytes,
      inputs: this.#inputs,
      direct: handleInfo(value) !== undefined,
      secrets: names(this.#secrets),
      secretsInKey: names(this.#secrets.filter(({ inKey }) => inKey)),
      shown: shownWith(lifted, this.#labels.size),
    };
  }

  #value(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const handle = handleInfo(value);
    if (handle !== undefined) return this.#handle(handle);
    const secret = secretInfo(value);
    if (secret !== undefined) return this.#secret(secret);
    if (this.#plain.has(value) || this.#open.has(value) || this.#open.size >= MOST_DEPTH) return value;
    return this.#container(value);
  }

  #handle(handle: HandleInfo): symbol {
    this.#target.claim(handle);
    const label = this.#path.map(escapeSegment).join("/");
    this.#inputs.push({ label, source: handle.source });
    return this.#placeholder(label, handle.label);
  }

  #secret(secret: SecretInfo): symbol {
    this.#secrets.push(secret);
    return this.#placeholder(secretLabel(secret.name), `secret ${secret.name}`);
  }

  #placeholder(label: string, shown: string): symbol {
    const symbol = Symbol(`‹${shown}›`);
    this.#labels.set(symbol, label);
    return symbol;
  }

  /** What is no plain array or record stays as it is: the encoder takes it or refuses it with its path. */
  #container(value: object): unknown {
    this.#open.add(value);
    const replaced = isPlainArray(value) ? this.#array(value) : isPlainRecord(value) ? this.#record(value) : undefined;
    this.#open.delete(value);
    if (replaced !== undefined) return replaced.value;
    this.#plain.add(value);
    return value;
  }

  #array(value: readonly unknown[]): Replaced | undefined {
    let copy: unknown[] | undefined;
    for (let index = 0; index < value.length; index++) {
      const property = Object.getOwnPropertyDescriptor(value, index);
      if (property === undefined || !("value" in property)) return undefined;
      const item: unknown = this.#within(String(index), property.value);
      if (copy === undefined && !Object.is(item, property.value)) copy = value.slice(0, index);
      copy?.push(item);
    }
    // A copy would lose what is hung on the array besides its items.
    if (copy === undefined || Reflect.ownKeys(value).length !== value.length + 1) return undefined;
    return { value: copy };
  }

  #record(value: object): Replaced | undefined {
    const entries: (readonly [string, unknown])[] = [];
    let changed = isOutputRecord(value);
    for (const key of Object.keys(value).sort()) {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property === undefined || !("value" in property)) return undefined;
      const item: unknown = this.#within(key, property.value);
      changed ||= !Object.is(item, property.value);
      entries.push([key, item]);
    }
    if (!changed || Object.getOwnPropertySymbols(value).length > 0 || hasHiddenContent(value)) return undefined;
    return { value: Object.fromEntries(entries) };
  }

  #within(segment: string, value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    this.#path.push(segment);
    const lifted = this.#value(value);
    this.#path.pop();
    return lifted;
  }
}

/** A preview in which handles stand by their names; what marks them is taken out again and needs room till then. */
function shownWith(lifted: unknown, handles: number): string {
  const room = SHOWN_LENGTH + "Symbol(‹›)".length * Math.min(handles, 8);
  return previewValue(lifted, room).replace(/Symbol\(‹([^›]*)›\)/g, "$1");
}

/** Whether a value is an ordinary object, or what a step with several outputs gave. */
export function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  if (types.isProxy(value)) return isOutputRecord(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether it is a Map or another built-in under a plain prototype, whose content a copy would lose. */
function hasHiddenContent(value: object): boolean {
  return !isOutputRecord(value) && builtinKindOf(value) !== undefined;
}

/** Whether a value is an ordinary array. */
export function isPlainArray(value: unknown): value is readonly unknown[] {
  return !types.isProxy(value) && Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype;
}

/** `/` divides segments and `:` marks secrets, so that two places never share a label. */
function escapeSegment(segment: string): string {
  return segment.replace(/[\\/:]/g, "\\$&");
}

function encode(
  name: string,
  value: unknown,
  labelOf: (symbol: symbol) => string | undefined,
  target: LiftTarget,
): Uint8Array {
  let stray: string | undefined;
  const hole = (item: unknown): string | undefined => {
    if (typeof item === "symbol") return labelOf(item);
    stray = handleInfo(item)?.label ?? secretInfo(item)?.name;
    return undefined;
  };
  try {
    return encodeCanonical(value, { hole, path: name });
  } catch (error) {
    if (error instanceof EncodingError) throw badInput(error, stray, target);
    throw error;
  }
}

function badInput(error: EncodingError, stray: string | undefined, { step, at }: LiftTarget): PipelineError {
  const path = typeof error.details["path"] === "string" ? error.details["path"] : "";
  const message =
    stray === undefined
      ? error.message
      : `\`${path}\` is the output \`${stray}\` in a place where it cannot be filled in.`;
  const hint =
    stray === undefined
      ? error.hint
      : "Outputs may sit in plain arrays and records, not in a Map, a Set or an instance of a class.";
  return new PipelineError("WS_BAD_INPUT", {
    message: `Step \`${step}\` (${formatPlace(at)}): ${message}`,
    ...(hint === undefined ? {} : { hint }),
    details: { step, at, path },
    cause: error,
  });
}
