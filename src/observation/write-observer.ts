import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { promisify } from "node:util";
import { pathOf } from "./call-arguments.ts";
import type { Arguments } from "./call-arguments.ts";
import { isLoaderCall } from "./loader-call.ts";
import type { PathListener } from "./late-activity.ts";
import type { ObservedWrite } from "./observed-write.ts";
import { asOwnWork, isObserved, outsideOwnWork, unobserved } from "./own-work.ts";
import { readJudges } from "./read-judges.ts";
import { writeJudges } from "./write-judges.ts";

type Listener = (write: ObservedWrite) => void;
type Callable = (...args: unknown[]) => unknown;

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
const starters = ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"];

/**
 * Replaces the functions of `node:fs` that read and write paths by ones that also tell. Must run before the modules that
 * are to be observed are loaded: the register module calls it first in every worker.
 */
export function patchFileSystem(): void {
  if (patched) return;
  patched = true;
  const names = new Set([...Object.keys(writeJudges), ...Object.keys(readJudges), "rm", "createWriteStream"]);
  for (const name of names) {
    patch(fs, `${name}Sync`, name);
    patch(fs, name, name);
    patch(fs.promises, name, name);
  }
  patchMaking();
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
    return function observed(self, args, called) {
      tell(name, args, called);
      return call(self, args);
    };
  });
}

type Replacement = (self: unknown, args: unknown[], called: Callable) => unknown;

function replace(target: object, name: string, make: (original: Callable) => Replacement): void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== "function") return;
  const replacement = make(original as Callable);
  const called = function (this: unknown, ...args: unknown[]): unknown {
    return replacement(this, args, called);
  };
  const { [promisify.custom]: custom, ...descriptors } = Object.getOwnPropertyDescriptors(original) as Descriptors;
  Object.defineProperties(called, descriptors);
  if (custom !== undefined) Object.defineProperty(called, promisify.custom, promised(name, custom, called));
  Reflect.set(target, name, called);
}

type Descriptors = Record<PropertyKey, PropertyDescriptor>;

/** Node's own form for `promisify` calls the function that was replaced. */
function promised(name: string, custom: PropertyDescriptor, called: Callable): PropertyDescriptor {
  const original: unknown = custom.value;
  if (name === "exists") return { ...custom, value: (file: unknown) => new Promise((done) => void called(file, done)) };
  if (!starters.includes(name) || typeof original !== "function") return custom;
  return {
    ...custom,
    value: (...args: unknown[]): unknown => unobserved(() => Reflect.apply(original, undefined, args)),
  };
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

function tell(name: string, args: Arguments, called: Callable): void {
  if ((listener === undefined && threadReads === undefined) || !isObserved()) return;
  try {
    const read = threadReads === undefined ? undefined : readJudges[name]?.(args);
    if (read !== undefined && !isLoaderCall(read.path, called)) threadReads?.read(read);
    for (const write of writeJudges[name]?.(args) ?? []) {
      threadReads?.write(write);
      // Whoever listens may look at what is there: no read of the step's.
      unobserved(() => listener?.(write));
    }
  } catch {
    // A path that cannot be one: the function itself says so, in its own way.
    return;
  }
}

function pathOrNone(value: unknown): string | undefined {
  try {
    return pathOf(value);
  } catch {
    return undefined;
  }
}
