import type { SymbolNode } from "./symbol-node.ts";

/** Built-in modules that hold nothing which one step could leave behind for another. */
const PURE = new Set(
  "node:path node:path/posix node:path/win32 node:url node:buffer node:string_decoder node:querystring node:crypto".split(
    " ",
  ),
);

/**
 * Names of the language through which nothing can be left behind, but by changing themselves (`writesGlobal`). Timers, `process`,
 * `fetch`, `globalThis` and all that is not listed can leave something.
 */
const HARMLESS = new Set(
  (
    "undefined NaN Infinity Math JSON Number String Boolean Array Object Map Set WeakMap WeakSet Symbol BigInt Date Promise " +
    "Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError SuppressedError Intl Iterator Reflect " +
    "parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape " +
    "ArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Uint8ClampedArray Float16Array " +
    "Float32Array Float64Array BigInt64Array BigUint64Array URL URLSearchParams TextEncoder TextDecoder Buffer atob btoa " +
    "structuredClone console arguments"
  ).split(" "),
);

/** Whether nothing that code does can be seen by a step that runs in the same thread afterwards. In doubt it can. */
export function isContained(reached: readonly SymbolNode[]): boolean {
  return reached.every(leavesNothing);
}

function leavesNothing({ kind, name, unit }: SymbolNode): boolean {
  if (kind === "builtin") return PURE.has(name);
  if (unit === undefined) return kind === "namespace" || kind === "place" || kind === "nothing" || kind === "own";
  const { holds, facts, flags, globals } = unit;
  if (flags.length > 0 || facts.writes.length > 0 || facts.writesGlobal) return false;
  if (!globals.every((global) => HARMLESS.has(global))) return false;
  if (unit.kind === "root") return true;
  return holds !== "object" && !(holds === "class" && (facts.runs || facts.writesHanded || facts.writesThis));
}
