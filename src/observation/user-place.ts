import { findSourceMap } from "node:module";
import { projectPathOf } from "./project-url.ts";

const FRAMES = 50;

/** A line of the project's own code. */
export interface UserPlace {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
}

/** The innermost line of the project's own code that led here; undefined where only packages and Node did. */
export function userPlace(): UserPlace | undefined {
  for (const site of callSites(FRAMES)) {
    const place = placeOf(site);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Whether the code nearest to here, apart from Node and Warmstart, is the project's own. */
export function isCalledByProject(): boolean {
  for (const site of callSites(FRAMES)) {
    const url = urlOf(site);
    if (url === undefined) continue;
    if (projectPathOf(url) !== undefined) return true;
    if (url.includes("/node_modules/")) return false;
  }
  return false;
}

function placeOf(site: NodeJS.CallSite): UserPlace | undefined {
  const url = urlOf(site);
  const file = url === undefined ? undefined : projectPathOf(url);
  const line = site.getLineNumber();
  if (url === undefined || file === undefined || line === null) return undefined;
  const entry = findSourceMap(url)?.findEntry(line - 1, (site.getColumnNumber() ?? 1) - 1);
  return { file, line: entry !== undefined && "originalLine" in entry ? entry.originalLine + 1 : line };
}

function urlOf(site: NodeJS.CallSite): string | undefined {
  const name = site.getFileName() ?? "";
  return name.startsWith("/") ? `file://${name}` : name.startsWith("file:") ? name : undefined;
}

/** The frames that led here, the innermost first. */
export function callSites(limit: number): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  const prepare = Reflect.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.stackTraceLimit = limit;
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, callSites);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepare === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Reflect.defineProperty(Error, "prepareStackTrace", prepare);
  }
}
