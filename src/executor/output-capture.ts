import type { StepSignal } from "./executor.ts";

type Stream = "stdout" | "stderr" | "log";

interface Line {
  /** Milliseconds since the attempt began. */
  readonly at: number;
  readonly stream: Stream;
  readonly text: string;
}

/** Version of the stored log; a newer one is refused by `readLog`. */
export const LOG_FORMAT_VERSION = 1;

const KEPT_AT_START = 512 * 1024;
const KEPT_AT_END = 512 * 1024;
const SHOWN_LIVE = 256 * 1024;

export interface OutputCaptureInit {
  readonly monotonic: () => number;
  /** Values that must never be kept or shown. */
  readonly secrets: readonly string[];
  onSignal(signal: StepSignal): void;
}

/**
 * What one attempt wrote to the console and to its log: the first and the last 512 Ki characters are kept, in memory
 * bounded by that, whatever a step writes.
 */
export class OutputCapture {
  readonly #init: OutputCaptureInit;
  readonly #began: number;
  readonly #head: Line[] = [];
  #tail: Line[] = [];
  #headSize = 0;
  #tailSize = 0;
  #dropped = 0;
  #shown = 0;

  constructor(init: OutputCaptureInit) {
    this.#init = init;
    this.#began = init.monotonic();
  }

  write(stream: Stream, raw: string): void {
    if (raw === "") return;
    const text = this.#redact(raw);
    this.#show(stream, text);
    const line: Line = { at: Math.round(this.#init.monotonic() - this.#began), stream, text };
    if (this.#headSize + text.length <= KEPT_AT_START && this.#tail.length === 0) {
      this.#headSize += text.length;
      this.#head.push(line);
    } else this.#keepAtEnd(line);
  }

  /** JSON lines, the format first; undefined when nothing was written. */
  toBytes(): Uint8Array | undefined {
    if (this.#head.length === 0 && this.#tail.length === 0) return undefined;
    const lines: unknown[] = [{ format: "warmstart-log", version: LOG_FORMAT_VERSION }, ...this.#head];
    if (this.#dropped > 0) lines.push({ dropped: this.#dropped });
    lines.push(...this.#tail);
    return new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  #redact(text: string): string {
    return this.#init.secrets.reduce((out, secret) => (secret === "" ? out : out.replaceAll(secret, "***")), text);
  }

  #show(stream: Stream, text: string): void {
    if (this.#shown >= SHOWN_LIVE) return;
    this.#shown += text.length;
    const cut = text.slice(0, SHOWN_LIVE);
    this.#init.onSignal({ kind: "output", stream, text: cut });
    if (this.#shown >= SHOWN_LIVE)
      this.#init.onSignal({
        kind: "output",
        stream: "log",
        text: "… further output is kept in the log and not shown\n",
      });
  }

  #keepAtEnd(line: Line): void {
    const text = line.text.length > KEPT_AT_END ? line.text.slice(-KEPT_AT_END) : line.text;
    this.#dropped += line.text.length - text.length;
    this.#tail.push({ ...line, text });
    this.#tailSize += text.length;
    if (this.#tailSize < 2 * KEPT_AT_END) return;
    let drop = 0;
    while (this.#tailSize > KEPT_AT_END && drop < this.#tail.length - 1) {
      const length = this.#tail[drop]?.text.length ?? 0;
      this.#tailSize -= length;
      this.#dropped += length;
      drop++;
    }
    this.#tail = this.#tail.slice(drop);
  }
}

export interface LogLine {
  readonly at: number;
  readonly stream: Stream | "dropped";
  readonly text: string;
}

/** The lines of a stored log. */
export function readLog(bytes: Uint8Array): readonly LogLine[] {
  const [first, ...rest] = new TextDecoder().decode(bytes).split("\n");
  const header: unknown = first === undefined || first === "" ? undefined : JSON.parse(first);
  if (!isHeader(header)) return [{ at: 0, stream: "dropped", text: "this log was written by a newer Warmstart" }];
  return rest.filter((line) => line !== "").map((line) => toLogLine(JSON.parse(line)));
}

function isHeader(value: unknown): boolean {
  return typeof value === "object" && value !== null && "version" in value && value.version === LOG_FORMAT_VERSION;
}

function toLogLine(value: Line | { readonly dropped: number }): LogLine {
  if ("dropped" in value) return { at: 0, stream: "dropped", text: `… ${value.dropped} characters were not kept\n` };
  return value;
}
