import fs from "node:fs";
import { optionOf, pathOf } from "./call-arguments.ts";
import type { Arguments } from "./call-arguments.ts";
import { isFree } from "./path-state.ts";

/**
 * How a path was read: the bytes of a file, whether and what it is, whether anything is there, the names in a folder,
 * the names in all folders below, everything below, where a link leads, whether it is one.
 */
export type ReadKind = "content" | "state" | "presence" | "listing" | "listings" | "tree" | "link" | "link-state";

export interface ObservedRead {
  /** Absolute path. */
  readonly path: string;
  readonly kind: ReadKind;
}

type Judge = (args: Arguments) => ObservedRead | undefined;

function read(kind: ReadKind, value: unknown): ObservedRead | undefined {
  const found = pathOf(value);
  return found === undefined ? undefined : { path: found, kind };
}

const first =
  (kind: ReadKind): Judge =>
  (args) =>
    read(kind, args[0]);

const { O_ACCMODE, O_EXCL, O_TRUNC, O_WRONLY } = { O_ACCMODE: 3, ...fs.constants };

/** Where something is there that makes a call fail, this is what it says; where nothing is, it makes it. */
function taken(value: unknown): ObservedRead | undefined {
  const found = pathOf(value);
  return found === undefined || isFree(found) ? undefined : { path: found, kind: "presence" };
}

/** Whether anything of what a file holds before it is opened may be seen, or stays in it. */
function keepsContent(flags: unknown): boolean {
  if (typeof flags === "number")
    return (flags & O_TRUNC) === 0 && ((flags & O_ACCMODE) !== O_WRONLY || (flags & fs.constants.O_APPEND) === 0);
  const text = typeof flags === "string" ? flags : "r";
  return text.includes("r") || text === "a+" || text === "as+" || text === "sa+";
}

function isExclusive(flags: unknown): boolean {
  return typeof flags === "number" ? (flags & O_EXCL) !== 0 : typeof flags === "string" && flags.includes("x");
}

function judgeFlags(file: unknown, flags: unknown): ObservedRead | undefined {
  if (isExclusive(flags)) return taken(file);
  return keepsContent(flags) ? read("content", file) : undefined;
}

const judgeOpen: Judge = ([file, flags]) => judgeFlags(file, flags);

const judgeReadFile: Judge = ([file, options]) =>
  file === 0 ? standardInput : judgeFlags(file, optionOf(options, "flag"));

const judgeWriteFile: Judge = ([file, , options]) => {
  const flag = optionOf(options, "flag");
  return flag === undefined ? undefined : judgeFlags(file, flag);
};

const standardInput: ObservedRead = { path: "/dev/stdin", kind: "content" };

const judgeDescriptor: Judge = ([descriptor]) => (descriptor === 0 ? standardInput : undefined);

/** Without a mode it asks whether something is there; whether it may be read or run is a matter of what it is. */
const judgeAccess: Judge = ([file, mode]) => read(typeof mode === "number" && mode > 0 ? "state" : "presence", file);

const judgeMaking: Judge = ([folder, options]) => (optionOf(options, "recursive") === true ? undefined : taken(folder));

/** Without force it says whether there is anything to remove. */
const judgeRemoving: Judge = ([file, options]) => (optionOf(options, "force") === true ? undefined : taken(file));

/** The end of what is kept; nothing is kept of a file that is emptied. */
const judgeTruncate: Judge = ([file, length]) => (Number(length ?? 0) > 0 ? read("content", file) : undefined);

const judgeListing: Judge = ([folder, options]) =>
  read(optionOf(options, "recursive") === true ? "listings" : "listing", folder);

/** By the name of the function without `Sync`. What a glob lists is seen through `readdir` and `lstat`. */
export const readJudges: Readonly<Record<string, Judge>> = {
  access: judgeAccess,
  copyFile: first("content"),
  cp: first("tree"),
  exists: first("presence"),
  link: first("content"),
  lstat: first("link-state"),
  mkdir: judgeMaking,
  open: judgeOpen,
  openAsBlob: first("content"),
  opendir: judgeListing,
  read: judgeDescriptor,
  readFile: judgeReadFile,
  readdir: judgeListing,
  readlink: first("link"),
  readv: judgeDescriptor,
  realpath: first("link"),
  rename: first("tree"),
  rm: judgeRemoving,
  rmdir: first("listing"),
  stat: first("state"),
  symlink: ([, file]) => taken(file),
  truncate: judgeTruncate,
  unlink: ([file]) => taken(file),
  watchFile: first("state"),
  writeFile: judgeWriteFile,
};
