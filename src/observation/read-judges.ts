import fs from "node:fs";
import { optionOf, pathOf } from "./call-arguments.ts";
import type { Arguments } from "./call-arguments.ts";

/**
 * How a path was read: the bytes of a file, whether and what it is, the names in a folder, the names in all folders
 * below, everything below, where a link leads.
 */
export type ReadKind = "content" | "state" | "listing" | "listings" | "tree" | "link" | "link-state";

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

const { O_TRUNC } = fs.constants;

/** Whether anything of what a file holds before it is opened may be seen, or stays in it. */
function keepsContent(flags: unknown): boolean {
  if (typeof flags === "number") return (flags & O_TRUNC) === 0 && (flags & fs.constants.O_APPEND) === 0;
  const text = typeof flags === "string" ? flags : "r";
  return text.includes("r") || text === "a+" || text === "as+" || text === "sa+";
}

const judgeOpen: Judge = (args) => (keepsContent(args[1]) ? read("content", args[0]) : undefined);

const judgeReadFile: Judge = ([file, options]) =>
  keepsContent(optionOf(options, "flag")) ? read("content", file) : undefined;

const judgeWriteFile: Judge = ([file, , options]) => {
  const flag = optionOf(options, "flag");
  return flag !== undefined && keepsContent(flag) ? read("content", file) : undefined;
};

/** The end of what is kept; nothing is kept of a file that is emptied. */
const judgeTruncate: Judge = ([file, length]) => (Number(length ?? 0) > 0 ? read("content", file) : undefined);

const judgeListing: Judge = ([folder, options]) =>
  read(optionOf(options, "recursive") === true ? "listings" : "listing", folder);

/** By the name of the function without `Sync`. What a glob lists is seen through `readdir` and `lstat`. */
export const readJudges: Readonly<Record<string, Judge>> = {
  access: first("state"),
  copyFile: first("content"),
  cp: first("tree"),
  exists: first("state"),
  link: first("content"),
  lstat: first("link-state"),
  open: judgeOpen,
  openAsBlob: first("content"),
  opendir: judgeListing,
  readFile: judgeReadFile,
  readdir: judgeListing,
  readlink: first("link"),
  realpath: first("link"),
  rename: first("tree"),
  stat: first("state"),
  truncate: judgeTruncate,
  writeFile: judgeWriteFile,
};
