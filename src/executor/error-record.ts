import { inspect } from "node:util";
import { WarmstartError } from "../errors.ts";
import type { ErrorRecord } from "../model/execution.ts";
import { redacted } from "./redaction.ts";

const MESSAGE_LIMIT = 4000;
const STACK_LIMIT = 8000;

/** What is kept of anything that was thrown; never throws itself, whatever that was. */
export function toErrorRecord(thrown: unknown): ErrorRecord {
  try {
    return thrown instanceof Error ? fromError(thrown) : fromOther(thrown);
  } catch {
    return { name: "unknown", message: "something was thrown that cannot be shown" };
  }
}

/** The record with the values of secrets blotted out of all its texts. */
export function withoutSecrets(record: ErrorRecord, secrets: readonly string[]): ErrorRecord {
  if (secrets.length === 0) return record;
  const entries = Object.entries(record).map(([name, text]: [string, string]) => [name, redacted(text, secrets)]);
  return Object.fromEntries(entries) as ErrorRecord;
}

function fromError(error: Error): ErrorRecord {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const hint = error instanceof WarmstartError ? error.hint : undefined;
  return {
    name: String(error.name),
    message: withCause(error).slice(0, MESSAGE_LIMIT),
    ...(code === undefined ? {} : { code }),
    ...(typeof error.stack === "string" ? { stack: error.stack.slice(0, STACK_LIMIT) } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}

function withCause(error: Error): string {
  const message = String(error.message);
  const cause = error.cause instanceof Error ? String(error.cause.message) : "";
  return cause === "" || message.includes(cause) ? message : `${message} (because: ${cause})`;
}

function fromOther(thrown: unknown): ErrorRecord {
  const text = typeof thrown === "string" ? thrown : inspect(thrown, { depth: 2 });
  return {
    name: thrown === null ? "null" : typeof thrown,
    message: text.slice(0, MESSAGE_LIMIT),
    hint: "The step threw a value that is no Error, so there is no stack. Throw `new Error(…)` instead.",
  };
}
