import path from "node:path";
import { callSites } from "./user-place.ts";

const FRAMES = 30;
const FILE = /^(?:file:\/\/|\/)/;
const LOADER = "node:internal/modules/";
const PACKAGE = /\/node_modules\/dotenv\//;
const ENTRY = /\/config\.[cm]?js$/;

let filled = false;

/** A step begins: what is set from now on is the step's own, so what it is set from counts. */
export function endFillingEnvironment(): void {
  filled = true;
}

/** Whether a file is read for `process.env` alone. */
export function isSettingsRead(file: string): boolean {
  return !filled && path.basename(file).includes(".env") && isFillingEnvironment();
}

/**
 * Whether `dotenv/config` is being evaluated. All that it reads goes into `process.env` and nowhere else: it exports
 * nothing. So the variables count, each for the steps that read it, and neither the file nor that dotenv looked whether
 * they were there. Not so `dotenv.config()`, whose caller gets the values.
 */
export function isFillingEnvironment(): boolean {
  if (filled) return false;
  let entry = "";
  for (const site of callSites(FRAMES)) {
    const name = site.getFileName() ?? "";
    if (name.startsWith(LOADER)) return ENTRY.test(entry);
    if (PACKAGE.test(name)) entry = name;
    // What leads from there to here is Warmstart's observation; anything else has the values in hand.
    else if (entry !== "" && FILE.test(name)) return false;
  }
  return false;
}
