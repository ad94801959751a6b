import { pathToFileURL } from "node:url";
import type { SourceLocation } from "../model/source-location.ts";
import { ownCodeFolder } from "../util/own-code.ts";

/** Enough to get past built-in frames such as `Array.map`; more would only cost time. */
const FRAMES_BELOW = 8;
/** Without a function to start below, Warmstart's own frames lie above the caller's. */
const FRAMES_ALL = 24;
const MOST_REMEMBERED = 20_000;

const ownSteps = new URL("data/", ownCodeFolder).href;
const locationAtEnd = /^(.*):(\d+):(\d+)$/s;
const windowsPath = /^(?:[A-Za-z]:[\\/]|\\\\)/;

const remembered = new Map<string, SourceLocation | undefined>();

/** Used where the stack names no source, as in code that was made by `eval`. */
export const UNKNOWN_LOCATION: SourceLocation = Object.freeze({ url: "unknown:", line: 1, column: 1 });

/**
 * Where Warmstart was called from: the caller of `below`, or without it the first frame outside Warmstart's own files.
 *
 * It reads the stack's text, since that is what source maps and loaders put right. Cheap enough for every call of a
 * step: only a few frames are captured, and equal frames give one frozen object.
 *
 * @example callSite() // { url: "file:///home/me/project/flights.ts", line: 9, column: 15 }
 */
export function callSite(below?: (...args: never[]) => unknown): SourceLocation {
  const [nearest] = below === undefined ? [] : stackLines(below, 1);
  const found = nearest === undefined ? undefined : locationOf(nearest);
  if (found !== undefined) return found;
  for (const line of stackLines(below, below === undefined ? FRAMES_ALL : FRAMES_BELOW)) {
    const location = locationOf(line);
    if (location !== undefined && (below !== undefined || !isOwn(location.url))) return location;
  }
  return UNKNOWN_LOCATION;
}

/** Reads one line of a stack's text; undefined for a frame that is in no source. */
export function parseStackLine(line: string): SourceLocation | undefined {
  const frame = /^\s*at (?:async )?(.+?)\s*$/s.exec(line)?.[1];
  if (frame === undefined || frame.includes("eval at ")) return undefined;
  const open = frame.endsWith(")") ? frame.indexOf(" (") : -1;
  const place = frame.endsWith(")") ? frame.slice(open < 0 ? 1 : open + 2, -1) : frame;
  const [, source, lineNumber, column] = locationAtEnd.exec(place) ?? [];
  if (source === undefined || source.startsWith("node:") || source.includes("<anonymous>")) return undefined;
  return Object.freeze({ url: sourceUrl(source), line: Number(lineNumber), column: Number(column) });
}

/** A place for people: the file's name and the line, `flights.ts:9`. */
export function formatPlace(location: SourceLocation): string {
  if (location === UNKNOWN_LOCATION || location.url === UNKNOWN_LOCATION.url) return "an unknown place";
  const path = location.url.replace(/[?#].*$/s, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  return `${decoded(name === "" ? path : name)}:${location.line}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sourceUrl(source: string): string {
  if (windowsPath.test(source)) return pathToFileURL(source, { windows: true }).href;
  if (source.startsWith("/")) return pathToFileURL(source, { windows: false }).href;
  return source;
}

function isOwn(url: string): boolean {
  return url.startsWith(ownCodeFolder) && !url.startsWith(ownSteps);
}

function locationOf(line: string): SourceLocation | undefined {
  const known = remembered.get(line);
  if (known !== undefined || remembered.has(line)) return known;
  const location = parseStackLine(line);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(line, location);
  return location;
}

type Below = ((...args: never[]) => unknown) | undefined;

function stackLines(below: Below, frames: number): readonly string[] {
  const text = captureStack(below, frames) ?? withoutUserFormat(() => captureStack(below, frames)) ?? "";
  return text.split("\n").slice(1);
}

/** The stack's text, or undefined where `Error.prepareStackTrace` of a program makes something else of it. */
function captureStack(below: Below, frames: number): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  try {
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, below ?? callSite);
    return typeof holder.stack === "string" ? holder.stack : undefined;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function withoutUserFormat<T>(work: () => T): T {
  const format = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Reflect.deleteProperty(Error, "prepareStackTrace");
  try {
    return work();
  } finally {
    if (format !== undefined) Object.defineProperty(Error, "prepareStackTrace", format);
  }
}
