import { readFileSync } from "node:fs";
import { digestOf } from "../../encoding/digest.ts";
import { CodeIdentityError } from "../../errors.ts";
import { isAbsence } from "../../util/errno.ts";
import { isCode } from "../syntax.ts";
import { dataDigest } from "./data-file.ts";
import type { Unit } from "./module-units.ts";
import { readUnits } from "./read-units.ts";
import type { SymbolSource, SymbolSources } from "./symbol-source.ts";

interface Parsed {
  readonly source: SymbolSource;
  readonly text: string;
}

/** Reads and parses every file when it is first asked for, and keeps it until `forget`. */
export class ParsedSources implements SymbolSources {
  readonly #files = new Map<string, Parsed | undefined>();
  readonly #roots = new Map<string, ReadonlyMap<string, Unit>>();

  forget(): void {
    this.#files.clear();
    this.#roots.clear();
  }

  sourceAt(path: string): SymbolSource | undefined {
    return this.#parsedAt(path)?.source;
  }

  textOf(path: string): string | undefined {
    return this.#parsedAt(path)?.text;
  }

  rootAt(path: string, functionPath: string): Unit | undefined {
    const parsed = this.#parsedAt(path);
    if (parsed?.source.kind !== "module") return undefined;
    const known = this.#roots.get(path) ?? new Map<string, Unit>();
    if (known.has(functionPath)) return known.get(functionPath);
    const { roots } = readUnits(path, parsed.text, [...known.keys(), functionPath]);
    this.#roots.set(path, roots);
    return roots.get(functionPath);
  }

  #parsedAt(path: string): Parsed | undefined {
    if (!this.#files.has(path)) this.#files.set(path, readParsed(path));
    return this.#files.get(path);
  }
}

function readParsed(path: string): Parsed | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    return { source: { kind: "broken", digest: digestOf(""), error: unreadable(path, error) }, text: "" };
  }
  const digest = digestOf(bytes);
  if (!isCode(path)) return { source: { kind: "data", bytes: digest, value: dataDigest(path, bytes) }, text: "" };
  const text = new TextDecoder("utf-8").decode(bytes);
  try {
    return { source: { kind: "module", digest, units: readUnits(path, text, []) }, text };
  } catch (error) {
    if (!(error instanceof CodeIdentityError)) throw error;
    return { source: { kind: "broken", digest, error }, text };
  }
}

function unreadable(path: string, cause: unknown): CodeIdentityError {
  return new CodeIdentityError("WS_SOURCE_UNREADABLE", {
    message: `${path} cannot be read, and a step's code stands in it or imports it.`,
    hint: "Check the permissions of the file.",
    details: { path },
    cause,
  });
}
