import type { ScriptPlace } from "./function-inspector.ts";

/** A call in a script that never took place: what a stack trace of it would say is what its place is called. */
class PretendedCall {
  readonly #place: ScriptPlace;

  constructor(place: ScriptPlace) {
    this.#place = place;
  }

  getFileName(): string {
    return this.#place.url;
  }
  getScriptNameOrSourceURL(): string {
    return this.#place.url;
  }
  getLineNumber(): number {
    return this.#place.line + 1;
  }
  getColumnNumber(): number {
    return this.#place.column + 1;
  }
  getEnclosingLineNumber(): number {
    return this.#place.line + 1;
  }
  getEnclosingColumnNumber(): number {
    return this.#place.column + 1;
  }
  getPosition(): number {
    return 0;
  }
  getThis(): undefined {
    return undefined;
  }
  getTypeName(): null {
    return null;
  }
  getFunction(): undefined {
    return undefined;
  }
  getFunctionName(): null {
    return null;
  }
  getMethodName(): null {
    return null;
  }
  getEvalOrigin(): undefined {
    return undefined;
  }
  getPromiseIndex(): null {
    return null;
  }
  getScriptHash(): string {
    return "";
  }
  isToplevel(): boolean {
    return true;
  }
  isEval(): boolean {
    return false;
  }
  isNative(): boolean {
    return false;
  }
  isConstructor(): boolean {
    return false;
  }
  isAsync(): boolean {
    return false;
  }
  isPromiseAll(): boolean {
    return false;
  }
  toString(): string {
    return `${this.#place.url}:${this.#place.line + 1}:${this.#place.column + 1}`;
  }
}

/** The text that whoever rewrites stack traces in this thread makes of a place; undefined when nobody does. */
export function prepareStackText(place: ScriptPlace): string | undefined {
  const rewriter: { readonly prepareStackTrace?: unknown } = Error;
  const prepare = rewriter.prepareStackTrace;
  if (typeof prepare !== "function") return undefined;
  try {
    const text: unknown = Reflect.apply(prepare, Error, [new Error("place"), [new PretendedCall(place)]]);
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The place that the last line of a stack trace names. */
export function positionInStackText(
  text: string,
): { readonly url: string; readonly line: number; readonly column: number } | undefined {
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const found = /((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):(\d+)\)?$/.exec(last);
  return found === null ? undefined : { url: found[1] as string, line: Number(found[2]), column: Number(found[3]) };
}
