import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { previewValue } from "../encoding/preview.ts";
import { parseDigest } from "../encoding/digest.ts";
import type { Digest } from "../encoding/digest.ts";
import { PipelineError } from "../errors.ts";
import { isWellFormedText } from "../util/well-formed-text.ts";

/**
 * A file as a value. A step returns `file(path)`; what reads the output gets a `FileValue` over a private copy.
 * `size` and `digest` of a file that is not stored yet are read from the disk whenever they are asked for.
 */
export interface FileValue {
  readonly kind: "file";
  /** Absolute. */
  readonly path: string;
  /** The name that the file had, without folders. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, 64 hexadecimal characters. */
  readonly digest: string;
  bytes(): Promise<Uint8Array>;
  /** The content as UTF-8. */
  text(): Promise<string>;
}

/** A file of a `DirectoryValue`. */
export interface DirectoryFile {
  /** Relative to the directory, with forward slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content. */
  readonly digest: string;
}

/** A folder with all that is in it as a value; `files` is sorted by path. */
export interface DirectoryValue {
  readonly kind: "directory";
  /** Absolute. */
  readonly path: string;
  readonly files: readonly DirectoryFile[];
}

/** A page to be looked at. */
export interface HtmlReport {
  readonly kind: "html";
  readonly text: string;
}

/** A drawing to be looked at. */
export interface SvgReport {
  readonly kind: "svg";
  readonly text: string;
}

/** Every value that a step can return beside data. */
export type SpecialValue = FileValue | DirectoryValue | HtmlReport | SvgReport;

const mark = Symbol.for("warmstart.value-kind");
const CHUNK = 256 * 1024;

/**
 * The file at a path as the result of a step; its bytes and its name are stored, its folder is not. Write it into
 * `ctx.tempDirectory` unless it has to stay.
 *
 * @throws PipelineError `WS_BAD_RESULT` when the path is no text, or the name holds a slash.
 * @example return file(join(ctx.tempDirectory, "flights.parquet"));
 */
export function file(path: string, options: { readonly name?: string } = {}): FileValue {
  checkPath(path, "file");
  const absolute = resolve(path);
  return new StepFile(absolute, checkFileName(options.name ?? basename(absolute)), undefined);
}

/**
 * The folder at a path, with all files below it, as the result of a step.
 *
 * @throws PipelineError `WS_BAD_RESULT` when the path is no text.
 * @example return directory(join(ctx.tempDirectory, "plots"));
 */
export function directory(path: string): DirectoryValue {
  checkPath(path, "directory");
  return new StepDirectory(resolve(path), undefined);
}

/** An HTML page as the result of a step. @example return html("<h1>Late flights</h1>"); */
export function html(text: string): HtmlReport {
  return new StepReport("html", checkText(text, "html")) as HtmlReport;
}

/** An SVG drawing as the result of a step. @example return svg('<svg xmlns="http://www.w3.org/2000/svg"/>'); */
export function svg(text: string): SvgReport {
  return new StepReport("svg", checkText(text, "svg")) as SvgReport;
}

/** Which of these kinds a value is, also when another copy of the package made it; undefined for any other value. */
export function specialKindOf(value: unknown): SpecialValue["kind"] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const kind: unknown = Object.getOwnPropertyDescriptor(value, mark)?.value;
  return kind === "file" || kind === "directory" || kind === "html" || kind === "svg" ? kind : undefined;
}

/** A file that came out of a store: its size and digest are known. */
export function storedFile(path: string, name: string, size: number, digest: Digest): FileValue {
  return new StepFile(path, name, { size, digest });
}

/** A folder that came out of a store. */
export function storedDirectory(path: string, files: readonly DirectoryFile[]): DirectoryValue {
  return new StepDirectory(path, files);
}

class StepFile implements FileValue {
  readonly kind = "file";
  readonly path: string;
  readonly name: string;
  readonly #known: { readonly size: number; readonly digest: Digest } | undefined;

  constructor(path: string, name: string, known: { readonly size: number; readonly digest: Digest } | undefined) {
    this.path = path;
    this.name = name;
    this.#known = known;
    brand(this, this.kind);
  }

  get size(): number {
    return this.#known?.size ?? statSync(this.path).size;
  }

  get digest(): Digest {
    return this.#known?.digest ?? digestOfFile(this.path);
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await readFile(this.path));
  }

  text(): Promise<string> {
    return readFile(this.path, "utf8");
  }
}

class StepDirectory implements DirectoryValue {
  readonly kind = "directory";
  readonly path: string;
  readonly #files: readonly DirectoryFile[] | undefined;

  constructor(path: string, files: readonly DirectoryFile[] | undefined) {
    this.path = path;
    this.#files = files;
    brand(this, this.kind);
  }

  get files(): readonly DirectoryFile[] {
    return this.#files ?? filesOf(this.path);
  }
}

class StepReport {
  readonly kind: "html" | "svg";
  readonly text: string;

  constructor(kind: "html" | "svg", text: string) {
    this.kind = kind;
    this.text = text;
    brand(this, kind);
  }
}

function brand(value: object, kind: SpecialValue["kind"]): void {
  Object.defineProperty(value, mark, { value: kind });
  Object.freeze(value);
}

function filesOf(root: string): readonly DirectoryFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path: slashed(path.slice(root.length + 1)),
      size: statSync(path).size,
      digest: digestOfFile(path),
    }))
    .sort((left, right) => (left.path < right.path ? -1 : 1));
}

function slashed(path: string): string {
  return process.platform === "win32" ? path.replaceAll("\\", "/") : path;
}

function digestOfFile(path: string): Digest {
  const state = createHash("sha256");
  const handle = openSync(path, "r");
  try {
    const chunk = new Uint8Array(CHUNK);
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      state.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(handle);
  }
  return parseDigest(state.digest("hex"));
}

function checkPath(path: unknown, what: string): void {
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return;
  throw badValue(
    `${what}(…) was given ${previewValue(path)} as path.`,
    "Give the path of what the step wrote, as text.",
  );
}

function checkText(text: unknown, what: string): string {
  if (typeof text === "string" && isWellFormedText(text)) return text;
  if (typeof text === "string")
    throw badValue(`${what}(…) was given a text with a lone surrogate.`, "Use toWellFormed().");
  throw badValue(`${what}(…) was given ${previewValue(text)}.`, "Give the whole document as text.");
}

/** Checks a name that becomes a file's name again on another machine. */
export function checkFileName(name: unknown): string {
  const usable = typeof name === "string" && isWellFormedText(name) && /^[^/\\\0]{1,200}$/.test(name);
  if (usable && name !== "." && name !== "..") return name;
  throw badValue(
    `${previewValue(name)} cannot be the name of a file.`,
    "Use a name without folders, at most 200 long.",
  );
}

function badValue(message: string, hint: string): PipelineError {
  return new PipelineError("WS_BAD_RESULT", { message, hint });
}
