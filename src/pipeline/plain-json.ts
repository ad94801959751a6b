import { previewValue } from "../encoding/preview.ts";
import { handleInfo } from "./handle.ts";
import { isPlainArray, isPlainRecord } from "./property-lifter.ts";
import { secretInfo } from "./secret.ts";

const MOST_DEPTH = 32;

/**
 * A value as plain JSON for people to read: what JSON has no form for is written as text, and a secret as its name. It
 * runs no code of the value's own.
 *
 * @example toPlainJson({ since: new Date(0), n: 1n }) // { since: "1970-01-01T00:00:00.000Z", n: "1n" }
 */
export function toPlainJson(value: unknown, depth = 0): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : previewValue(value);
  if (typeof value !== "object") return previewValue(value);
  const secret = secretInfo(value);
  if (secret !== undefined) return `secret ${secret.name}`;
  const handle = handleInfo(value);
  if (handle !== undefined) return `output ${handle.label}`;
  if (depth >= MOST_DEPTH) return previewValue(value);
  if (isPlainArray(value)) return Array.from(value.keys(), (index) => toPlainJson(dataOf(value, index), depth + 1));
  return isPlainRecord(value) ? recordToJson(value, depth) : previewValue(value);
}

function recordToJson(value: object, depth: number): unknown {
  const entries = Object.keys(value).map((key) => [key, dataOf(value, key)] as const);
  const given = entries.filter(([, item]) => item !== undefined);
  return Object.fromEntries(given.map(([key, item]) => [key, toPlainJson(item, depth + 1)]));
}

function dataOf(container: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(container, key)?.value;
}
