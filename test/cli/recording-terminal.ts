import type { Terminal } from "../../src/cli/terminal.ts";

export interface RecordingTerminal {
  readonly terminal: Terminal;
  /** What stands on standard output and on standard error. */
  readonly out: () => string;
  readonly said: () => string;
}

/** A terminal without colours that remembers what was written to it. */
export function recordingTerminal(columns: number = Number.POSITIVE_INFINITY): RecordingTerminal {
  let out = "";
  let said = "";
  const terminal: Terminal = {
    interactive: Number.isFinite(columns),
    columns: () => columns,
    paint: (_style, text) => text,
    paintError: (_style, text) => text,
    out: (line) => void (out += `${line}\n`),
    outBytes: (bytes) => void (out += String(bytes)),
    say: (line) => void (said += `${line}\n`),
    flushed: async () => undefined,
  };
  return { terminal, out: () => out, said: () => said };
}
