import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { digestOf } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { CodeIdentityError } from "../errors.ts";
import { lazy } from "../util/lazy.ts";
import { readFunctions } from "./function-table.ts";
import type { FunctionEntry, FunctionTable, LiteralCall } from "./function-entry.ts";
import type { FileDigests } from "./module-stamps.ts";
import { scanModule } from "./module-scan.ts";
import type { ModuleScan } from "./module-scan.ts";
import { isCode } from "./syntax.ts";
import type { LinePosition } from "./syntax.ts";

/** A file of the project, as it is now. */
export interface SourceFile {
  readonly digest: Digest;
  /** Undefined for what is no code. */
  readonly scan: ModuleScan | undefined;
}

type Four = readonly [line: number, column: number, bodyLine: number, bodyColumn: number];
type StoredFunction = readonly [
  path: string,
  at: Four,
  length: number,
  shape: string,
  captures: readonly string[],
  bound: readonly string[],
];

/** What is kept between processes: by content, so it needs no stamps. */
export interface StoredFacts {
  readonly scans: readonly (readonly [key: string, scan: ModuleScan])[];
  /** As JSON text, since few of them are asked for at a time. */
  readonly tables: readonly (readonly [key: string, table: string])[];
}

interface StoredTable {
  readonly f: readonly StoredFunction[];
  readonly c: readonly (readonly [line: number, column: number, fn: number])[];
}

/** Parses sources, each content once. */
export class SourceFacts {
  readonly #digests: FileDigests;
  readonly #scans: () => Map<string, ModuleScan>;
  readonly #tables = new Map<string, FunctionTable>();
  readonly #storedTables: () => Map<string, string>;
  /** Contents asked for by this process: the others are dropped when saving. */
  readonly #used = new Set<string>();
  readonly #files = new Map<string, SourceFile | null>();
  #changed = false;

  /** `load` is called when a source is first asked for: an unchanged program never does. */
  constructor(digests: FileDigests, load: () => StoredFacts | undefined) {
    this.#digests = digests;
    this.#scans = lazy(() => new Map(load()?.scans));
    this.#storedTables = lazy(() => new Map(load()?.tables));
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Looks at every file again when it is next asked for. */
  forget(): void {
    this.#files.clear();
  }

  /**
   * A file's digest and what its text says; undefined when there is no such file.
   *
   * @throws CodeIdentityError for a source that cannot be read or parsed.
   */
  fileAt(path: string): SourceFile | undefined {
    const known = this.#files.get(path);
    if (known !== undefined) return known ?? undefined;
    const found = this.#read(path);
    this.#files.set(path, found ?? null);
    return found;
  }

  /** A file's digest, also of one that cannot be parsed. */
  digestOf(path: string): Digest | undefined {
    return this.#digests.digestOfSource(path)?.digest;
  }

  /** The functions of a source; undefined for what is no code or not there. */
  tableOf(path: string): FunctionTable | undefined {
    const file = isCode(path) ? this.fileAt(path) : undefined;
    if (file === undefined) return undefined;
    const key = keyOf(file.digest, path);
    this.#used.add(key);
    const known = this.#tables.get(key) ?? restoreTable(this.#storedTables().get(key));
    const table = known ?? readFunctions(path, this.textOf(path, file.digest));
    if (known === undefined) this.#changed = true;
    this.#tables.set(key, table);
    return table;
  }

  toStored(): StoredFacts {
    this.#changed = false;
    for (const [key, table] of this.#tables) {
      if (!this.#storedTables().has(key)) this.#storedTables().set(key, JSON.stringify(storeTable(table)));
    }
    return {
      scans: [...this.#scans()].filter(([key]) => this.#used.has(key)),
      tables: [...this.#storedTables()].filter(([key]) => this.#used.has(key)),
    };
  }

  #read(path: string): SourceFile | undefined {
    const found = this.#digests.digestOfSource(path);
    if (found === undefined) return undefined;
    if (!isCode(path)) return { digest: found.digest, scan: undefined };
    const key = keyOf(found.digest, path);
    this.#used.add(key);
    const known = this.#scans().get(key);
    if (known !== undefined) return { digest: found.digest, scan: known };
    const text = found.bytes === undefined ? this.textOf(path, found.digest) : decode(found.bytes);
    const scan = scanModule(path, text);
    this.#scans().set(key, scan);
    this.#changed = true;
    return { digest: found.digest, scan };
  }

  /** The text that has this digest: one that changed since is not taken for it. */
  textOf(path: string, digest: Digest): string {
    return decode(this.bytesOf(path, digest));
  }

  bytesOf(path: string, digest: Digest): Uint8Array {
    const bytes = readFileSync(path);
    if (digestOf(bytes) === digest) return bytes;
    throw new CodeIdentityError("WS_SOURCE_UNREADABLE", {
      message: `${path} changed while it was being read.`,
      hint: "Run again when nothing writes to it.",
      details: { path },
    });
  }
}

/** The ending counts: it says how a text is to be parsed. */
function keyOf(digest: Digest, path: string): string {
  return `${digest}${extname(path)}`;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

function storeTable({ functions, literalCalls }: FunctionTable): StoredTable {
  const store = ({ path, start, body, length, shape, captures, bound }: FunctionEntry): StoredFunction => {
    return [path, [start.line, start.column, body.line, body.column], length, shape, captures, bound];
  };
  return { f: functions.map(store), c: literalCalls.map(({ at, fn }) => [at.line, at.column, fn] as const) };
}

function restoreTable(text: string | undefined): FunctionTable | undefined {
  if (text === undefined) return undefined;
  const stored = JSON.parse(text) as StoredTable;
  const at = (line: number, column: number): LinePosition => ({ line, column });
  const functions = stored.f.map(
    ([path, [line, column, bodyLine, bodyColumn], length, shape, captures, bound]): FunctionEntry => ({
      path,
      start: at(line, column),
      body: at(bodyLine, bodyColumn),
      length,
      shape,
      captures,
      bound,
    }),
  );
  const literalCalls = stored.c.map(([line, column, fn]): LiteralCall => ({ at: at(line, column), fn }));
  return { functions, literalCalls };
}
