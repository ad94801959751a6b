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
  replace(fs, "readFileSync", (original) => (self, args, called) => {
    const noted = reads();
    const file = noted === undefined || !isObserved() ? undefined : plainFile(args);
    if (file === undefined) {
      observes(args, called);
      return Reflect.apply(original, self, args);
    }
    if (noted === undefined || isLoaderCall(file, called) || isSettingsRead(file))
      return Reflect.apply(original, self, args);
    return atOnce(noted, file, args, () => Reflect.apply(original, self, args));
  });
  replace(fs, "readFile", (original) => (self, args, called) => {
    const noted = observes(args, called) ? reads() : undefined;
    const file = noted === undefined ? undefined : plainFile(args);
    const callback = args.at(-1);
    if (noted === undefined || file === undefined || typeof callback !== "function")
      return Reflect.apply(original, self, args);
    const told = (error: unknown, handedOut: unknown): unknown => {
      if (error === null) noted.saw(file, handedOut, encodingOf(args[1]));
      return Reflect.apply(callback, undefined, error === null ? [error, handedOut] : [error]);
    };
    return Reflect.apply(original, self, [...args.slice(0, -1), told]);
  });
  replace(fs.promises, "readFile", (original) => async (self, args, called) => {
    const noted = observes(args, called) ? reads() : undefined;
    const file = noted === undefined ? undefined : plainFile(args);
    const handedOut = await Reflect.apply(original, self, args);
    if (file !== undefined) noted?.saw(file, handedOut, encodingOf(args[1]));
    return handedOut;
  });
}

function atOnce(noted: ThreadReads, file: string, args: Arguments, read: () => unknown): unknown {
  let handedOut: unknown;
  try {
    // For bytes Node opens the file by the very function that is observed: once is enough.
    handedOut = unobserved(read);
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
