import { PipelineError } from "../errors.ts";
import type { Duration } from "./step-options.ts";

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const whole = /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|s|min|m|h|d|w)\s*)+$/;
const parts = /(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)/g;

/**
 * A length of time in milliseconds. A text is one or more numbers with units (`ms`, `s`, `m`, `h`, `d`, `w`).
 *
 * @throws PipelineError (`WS_BAD_OPTION`) for anything else, negative and endless lengths included.
 * @example parseDuration("1h30m") // 5_400_000
 */
export function parseDuration(duration: Duration): number {
  const length =
    typeof duration === "number" ? duration : typeof duration === "string" ? lengthOf(duration) : Number.NaN;
  if (Number.isFinite(length) && length >= 0 && length <= Number.MAX_SAFE_INTEGER) return length;
  throw new PipelineError("WS_BAD_OPTION", {
    message: `${typeof duration === "string" ? JSON.stringify(duration) : String(duration)} is no length of time.`,
    hint: 'Write a number with a unit, as "500ms", "30s", "2h", "30d" or "1h30m"; a bare number is milliseconds.',
    details: { duration },
  });
}

/** Whether `parseDuration` takes it. */
export function isDuration(value: unknown): value is Duration {
  if (typeof value === "string") return lengthOf(value) <= Number.MAX_SAFE_INTEGER;
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function lengthOf(text: string): number {
  if (!whole.test(text)) return Number.NaN;
  return [...text.matchAll(parts)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (MILLISECONDS[unit ?? ""] ?? 0),
    0,
  );
}
