const SOURCE = /\.(?:[cm]?[jt]sx?)$/;

/**
 * Whether a source is read by Node's module loader and not by the user's code: told by who called. What the loader reads
 * within our hooks is not observed at all; this is for the rest, such as the names that a CommonJS module exports again.
 */
export function isLoaderCall(path: string, called: (...args: unknown[]) => unknown): boolean {
  // Most files are told by their last letter, at each of thousands of reads.
  if (!(path.endsWith("s") || path.endsWith("x")) || !SOURCE.test(path)) return false;
  const { stackTraceLimit } = Error;
  const prepare = Reflect.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.stackTraceLimit = 2;
  Error.prepareStackTrace = callerOf;
  try {
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, called);
    return typeof holder.stack === "string" && holder.stack.startsWith("node:internal/modules/");
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepare === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Reflect.defineProperty(Error, "prepareStackTrace", prepare);
  }
}

function callerOf(_: Error, sites: readonly NodeJS.CallSite[]): string {
  return sites[0]?.getFileName() ?? "";
}
