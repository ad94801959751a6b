import { WarmstartError } from "../errors.ts";
import { plainText } from "./format/plain-text.ts";
import type { Terminal } from "./terminal.ts";

/** An error in a JSON document. */
export interface ErrorDocument {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function errorDocument(error: unknown): ErrorDocument {
  if (!(error instanceof WarmstartError)) return { code: "ERROR", message: messageOf(error) };
  const { code, message, hint, details } = error;
  return {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** Says what happened and what to do next; a stack is shown only for what nobody expected. */
export function reportError(error: unknown, { say, paintError }: Terminal): void {
  say(`${paintError("red", "✖")} ${plainText(messageOf(error))}`);
  if (!(error instanceof WarmstartError)) return sayStack(error, say);
  if (error.hint !== undefined) say(`  ${plainText(error.hint)}`);
  say(paintError("dim", `  ${error.code}`));
}

function sayStack(error: unknown, say: Terminal["say"]): void {
  if (!(error instanceof Error)) return;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  for (const frame of frames.slice(0, 8)) say(plainText(frame));
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof WarmstartError ? error.message : `${error.name}: ${error.message}`;
}
