import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** How a path was written to. */
export type WriteKind = "replaced" | "appended" | "made" | "removed";

export interface ObservedWrite {
  /** Absolute path. */
  readonly path: string;
  readonly kind: WriteKind;
}

type Listener = (write: ObservedWrite) => void;
type Arguments = readonly unknown[];
type Judge = (args: Arguments) => readonly ObservedWrite[];

let listener: Listener | undefined;
let patched = false;

/** Observes what this thread writes through `node:fs` from now on; one listener at a time. Returns the end of it. */
export function observeWrites(onWrite: Listener): () => void {
  patchFileSystem();
  listener = onWrite;
  return () => {
    if (listener === onWrite) listener = undefined;
  };
}

/**
 * Replaces the writing functions of `node:fs` by ones that also tell. Must run before the modules that are to be
 * observed are loaded: the register module calls it first in every worker.
 */
export function patchFileSystem(): void {
  if (patched) return;
  patched = true;
  for (const [name, judge] of Object.entries(judges)) {
    patch(fs, `${name}Sync`, judge);
    patch(fs, name, judge);
    patch(fs.promises, name, judge);
  }
  patch(fs, "createWriteStream", judgeStream);
  syncBuiltinESMExports();
}

function patch(target: object, name: string, judge: Judge): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const observed = function (this: unknown, ...args: unknown[]): unknown {
    if (listener !== undefined) for (const write of judged(judge, args)) listener(write);
    return Reflect.apply(original, this, args);
  };
  Object.defineProperties(observed, Object.getOwnPropertyDescriptors(original));
  Reflect.set(target, name, observed);
}

function judged(judge: Judge, args: Arguments): readonly ObservedWrite[] {
  try {
    return judge(args);
  } catch {
    // A path that cannot be one: the function itself says so, in its own way.
    return [];
  }
}

function pathOf(value: unknown): string | undefined {
  if (typeof value === "string") return path.resolve(value);
  if (value instanceof URL) return value.protocol === "file:" ? fileURLToPath(value) : undefined;
  if (value instanceof Uint8Array) return path.resolve(Buffer.from(value).toString());
  return undefined;
}

function write(kind: WriteKind, value: unknown): readonly ObservedWrite[] {
  const found = pathOf(value);
  return found === undefined ? [] : [{ path: found, kind }];
}

const first =
  (kind: WriteKind): Judge =>
  (args) =>
    write(kind, args[0]);

const second: Judge = (args) => write("replaced", args[1]);

const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC } = fs.constants;
const WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

function kindOfFlags(flags: unknown): WriteKind | undefined {
  if (typeof flags === "number") {
    if ((flags & WRITING) === 0) return undefined;
    return (flags & fs.constants.O_APPEND) === 0 ? "replaced" : "appended";
  }
  const text = typeof flags === "string" ? flags : "r";
  if (text.includes("a")) return "appended";
  return text.includes("w") || text.includes("+") ? "replaced" : undefined;
}

const judgeOpen: Judge = (args) => {
  const kind = kindOfFlags(args[1]);
  return kind === undefined ? [] : write(kind, args[0]);
};

function optionOf(options: unknown, name: string): unknown {
  return typeof options === "object" && options !== null ? Reflect.get(options, name) : undefined;
}

const judgeStream: Judge = ([file, options]) =>
  // With a descriptor of its own, the path is not looked at.
  optionOf(options, "fd") === undefined
    ? write(kindOfFlags(optionOf(options, "flags") ?? "w") ?? "replaced", file)
    : [];

const judgeWriteFile: Judge = ([file, , options]) =>
  write(kindOfFlags(optionOf(options, "flag") ?? "w") ?? "replaced", file);

const judgeAppendFile: Judge = ([file, , options]) =>
  write(kindOfFlags(optionOf(options, "flag") ?? "a") ?? "appended", file);

const judgeRename: Judge = (args) => [...write("removed", args[0]), ...write("replaced", args[1])];

const judges: Readonly<Record<string, Judge>> = {
  writeFile: judgeWriteFile,
  appendFile: judgeAppendFile,
  open: judgeOpen,
  truncate: first("replaced"),
  rename: judgeRename,
  copyFile: second,
  cp: second,
  link: second,
  symlink: second,
  mkdir: first("made"),
  unlink: first("removed"),
  rm: first("removed"),
  rmdir: first("removed"),
};
