import fs from "node:fs";
import { optionOf, pathOf } from "./call-arguments.ts";
import type { Arguments } from "./call-arguments.ts";
import type { ObservedWrite, WriteKind } from "./observed-write.ts";

type Judge = (args: Arguments) => readonly ObservedWrite[];

function write(kind: WriteKind, value: unknown): readonly ObservedWrite[] {
  const found = pathOf(value);
  return found === undefined ? [] : [{ path: found, kind }];
}

const first =
  (kind: WriteKind): Judge =>
  (args) =>
    write(kind, args[0]);

const judgeSymlink: Judge = (args) => write("replaced", args[1]).map((one) => ({ ...one, through: "symlink" }));

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

/** By the name of the function without `Sync`: what it is about to write. */
export const writeJudges: Readonly<Record<string, Judge>> = {
  writeFile: judgeWriteFile,
  appendFile: judgeAppendFile,
  open: judgeOpen,
  truncate: first("replaced"),
  rename: judgeRename,
  copyFile: second,
  cp: second,
  link: second,
  symlink: judgeSymlink,
  createWriteStream: judgeStream,
  mkdir: first("made"),
  unlink: first("removed"),
  rm: first("removed"),
  rmdir: first("removed"),
};
