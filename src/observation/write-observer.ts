import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { pathOf } from "./call-arguments.ts";
import type { Arguments } from "./call-arguments.ts";
import { isLoaderCall } from "./loader-call.ts";
import type { PathListener } from "./late-activity.ts";
import type { ObservedWrite } from "./observed-write.ts";
import { asOwnWork, isObserved, outsideOwnWork, unobserved } from "./own-work.ts";
import { readJudges } from "./read-judges.ts";
import { replace, starters } from "./replaced-function.ts";
import type { Callable } from "./replaced-function.ts";
import { isSettingsRead } from "./settings-module.ts";
import type { ThreadReads } from "./thread-reads.ts";
import { patchWholeReads } from "./whole-reads.ts";
import { writeJudges } from "./write-judges.ts";

type Listener = (write: ObservedWrite) => void;

let listener: Listener | undefined;
let threadReads: PathListener | undefined;
let patched = false;

/** Observes what this thread writes through `node:fs` from now on; one listener at a time. Returns the end of it. */
export function observeWrites(onWrite: Listener): () => void {
  patchFileSystem();
  listener = onWrite;
  return () => {
    if (listener === onWrite) listener = undefined;
  };
}

/** Notes what this thread reads and makes from now on, until another one is given. */
export function noteReadsIn(reads: PathListener | undefined): void {
  patchFileSystem();
  threadReads = reads;
}

/** Node looks at places of its own in these, which says nothing of what was asked for. */
const composite = new Set(["cp", "rm"]);

/**
 * Replaces the functions of `node:fs` that read and write paths by ones that also tell. Must run before the modules that
 * are to be observed are loaded: the register module calls it first in every worker.
 */
export function patchFileSystem(): void {
  if (patched) return;
  patched = true;
  const names = new Set([...Object.keys(writeJudges), ...Object.keys(readJudges), "rm", "createWriteStream"]);
  for (const name of names) {
    if (name === "readFile") continue;
    patch(fs, `${name}Sync`, name);
    patch(fs, name, name);
    patch(fs.promises, name, name);
  }
  patchMaking();
  patchWholeReads({ observes: (args, called) => tell("readFile", args, called), reads: () => threadReads?.whole() });
  patchNative(fs.realpath);
  patchNative(fs.realpathSync);
  // A child gets a copy of the environment; that is no read of it.
  for (const name of starters)
    replace(childProcess, name, (original) => (self, args) => unobserved(() => Reflect.apply(original, self, args)));
  syncBuiltinESMExports();
}

function patch(target: object, exported: string, name: string): void {
  replace(target, exported, (original) => {
    const call = composite.has(name)
      ? alone(original)
      : (self: unknown, args: unknown[]) => Reflect.apply(original, self, args);
    const done = wholeWrites[name];
    if (done === undefined)
      return function observed(self, args, called) {
        tell(name, args, called);
        return call(self, args);
      };
    return function observed(self, args, called) {
      const reads = threadReads?.whole();
      const file = tell(name, args, called) ? pathOrNone(args[done]) : undefined;
      const result = call(self, args);
      if (reads === undefined || file === undefined) return result;
      return result instanceof Promise
        ? whenDone(result, () => reads.left(file))
        : leftBy(exported, reads, file, result);
    };
  });
}

/** Writes of whole files, by the place of the file among their arguments. */
const wholeWrites: Readonly<Record<string, number>> = { copyFile: 1, rename: 1, writeFile: 0 };

function leftBy(exported: string, reads: ThreadReads, file: string, result: unknown): unknown {
  if (exported.endsWith("Sync")) reads.left(file);
  return result;
}

async function whenDone<T>(result: Promise<T>, then: (value: T) => void): Promise<T> {
  const value = await result;
  then(value);
  return value;
}

/** As own work, while the callbacks that it is given stay the user's. */
function alone(original: Callable): (self: unknown, args: unknown[]) => unknown {
  return (self, args) => {
    if (!isObserved()) return Reflect.apply(original, self, args);
    const given = args.map((argument) =>
      typeof argument === "function" ? outsideOwnWork(argument as Callable) : withFilter(argument),
    );
    return asOwnWork(() => Reflect.apply(original, self, given));
  };
}

function withFilter(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null || !("filter" in argument)) return argument;
  const { filter } = argument;
  return typeof filter === "function" ? { ...argument, filter: outsideOwnWork(filter as Callable) } : argument;
}

function patchNative(target: object): void {
  replace(target, "native", (original) => (self, args, called) => {
    tell("realpath", args, called);
    return Reflect.apply(original, self, args);
  });
}

/** Folders whose names are known once they are made: nothing in them was there before. */
function patchMaking(): void {
  for (const name of ["mkdtempSync", "mkdtempDisposableSync"])
    replace(fs, name, (original) => (self, args) => made(Reflect.apply(original, self, args)));
  for (const name of ["mkdtemp", "mkdtempDisposable"])
    replace(fs.promises, name, (original) => async (self, args) => made(await Reflect.apply(original, self, args)));
  replace(fs, "mkdtemp", (original) => (self, args) => {
    const callback = args.at(-1);
    if (typeof callback !== "function") return Reflect.apply(original, self, args);
    const told = (error: unknown, folder: unknown): unknown =>
      Reflect.apply(callback, undefined, [error, error === null ? made(folder) : folder]);
    return Reflect.apply(original, self, [...args.slice(0, -1), told]);
  });
}

function made(result: unknown): unknown {
  const folder = typeof result === "object" && result !== null && "path" in result ? result.path : result;
  const found = pathOrNone(folder);
  if (found !== undefined) threadReads?.made(found);
  return result;
}

/** Whether somebody listens and it was the user's call. */
function tell(name: string, args: Arguments, called: Callable): boolean {
  if ((listener === undefined && threadReads === undefined) || !isObserved()) return false;
  try {
    const read = threadReads === undefined ? undefined : readJudges[name]?.(args);
    if (read !== undefined && !isLoaderCall(read.path, called) && !isSettingsRead(read.path)) threadReads?.read(read);
    for (const write of writeJudges[name]?.(args) ?? []) {
      threadReads?.write(write);
      // Whoever listens may look at what is there: no read of the step's.
      unobserved(() => listener?.(write));
    }
  } catch {
    // A path that cannot be one: the function itself says so, in its own way.
    return false;
  }
  return true;
}

function pathOrNone(value: unknown): string | undefined {
  try {
    return pathOf(value);
  } catch {
    return undefined;
  }
}
