import fs from "node:fs";
import { optionOf, pathOf } from "./call-arguments.ts";
import type { Arguments } from "./call-arguments.ts";
import { isLoaderCall } from "./loader-call.ts";
import { isObserved, unobserved } from "./own-work.ts";
import { replace } from "./replaced-function.ts";
import type { Callable } from "./replaced-function.ts";
import { isSettingsRead } from "./settings-module.ts";
import type { ThreadReads } from "./thread-reads.ts";
import { isAbsence } from "../util/errno.ts";

export interface WholeReadsInit {
  /** Tells of the read as of any other; whether it is the user's. */
  readonly observes: (args: Arguments, called: Callable) => boolean;
  readonly reads: () => ThreadReads | undefined;
}

/**
 * Replaces `readFile` in its three forms. What it hands out is all that is read of a file, so its digest is taken from
 * that: no second read at the end, and no doubt about what was there at the time.
 */
export function patchWholeReads({ observes, reads }: WholeReadsInit): void {
  /** Where what is handed out of which file is to be told, when it is the user who reads it. */
  const readOf = (args: Arguments, called: Callable): WholeRead | undefined => {
    const noted = reads();
    const file = noted === undefined || !isObserved() ? undefined : plainFile(args);
    if (noted !== undefined && file !== undefined) return isNoData(file, called) ? undefined : { noted, file };
    observes(args, called);
    return undefined;
  };
  replace(fs, "readFileSync", (original) => (self, args, called) => {
    const read = readOf(args, called);
    return read === undefined ? Reflect.apply(original, self, args) : atOnce(read, original, self, args);
  });
  replace(fs, "readFile", (original) => (self, args, called) => {
    const callback = args.at(-1);
    const read = typeof callback === "function" ? readOf(args, called) : undefined;
    const file = read?.noted.began(read.file);
    if (read === undefined || file === undefined) return Reflect.apply(original, self, args);
    // As it is at the call: the options are the caller's.
    const encoding = encodingOf(args[1]);
    const told = (error: unknown, handedOut: unknown): unknown => {
      if (error === null) read.noted.ended(file, handedOut, encoding);
      else read.noted.broken(file, isAbsence(error));
      return Reflect.apply(callback as Callable, undefined, error === null ? [error, handedOut] : [error]);
    };
    return withdrawn(read, file, () => Reflect.apply(original, self, [...args.slice(0, -1), told]));
  });
  replace(fs.promises, "readFile", (original) => (self, args, called) => {
    const read = readOf(args, called);
    const file = read?.noted.began(read.file);
    const reading = Reflect.apply(original, self, args) as Promise<unknown>;
    return read === undefined || file === undefined ? reading : whole(read.noted, file, reading, encodingOf(args[1]));
  });
}

interface WholeRead {
  readonly noted: ThreadReads;
  readonly file: string;
}

/** What the loader reads is code; what goes into `process.env` counts by the name of each variable. */
function isNoData(file: string, called: Callable): boolean {
  return isLoaderCall(file, called) || isSettingsRead(file);
}

async function whole(noted: ThreadReads, file: string, reading: Promise<unknown>, encoding: unknown): Promise<unknown> {
  let handedOut: unknown;
  try {
    handedOut = await reading;
  } catch (error) {
    noted.broken(file, isAbsence(error));
    throw error;
  }
  // Before whoever asked for them can change the bytes.
  noted.ended(file, handedOut, encoding);
  return handedOut;
}

/** A call that is refused at once never tells its callback. */
function withdrawn({ noted }: WholeRead, file: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    noted.broken(file, false);
    throw error;
  }
}

function atOnce({ noted, file }: WholeRead, original: Callable, self: unknown, args: unknown[]): unknown {
  let handedOut: unknown;
  try {
    // For bytes Node opens the file by the very function that is observed: once is enough.
    handedOut = unobserved(() => Reflect.apply(original, self, args));
  } catch (error) {
    noted.failedAtOnce(file, isAbsence(error));
    throw error;
  }
  noted.sawAtOnce(file, handedOut, encodingOf(args[1]));
  return handedOut;
}

/** The file, where it is read from its beginning and nothing else is meant. */
function plainFile([file, options]: Arguments): string | undefined {
  if (optionOf(options, "flag") !== undefined) return undefined;
  try {
    return pathOf(file);
  } catch {
    return undefined;
  }
}

function encodingOf(options: unknown): unknown {
  return typeof options === "string" ? options : optionOf(options, "encoding");
}
