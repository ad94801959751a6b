import type { StepSignal } from "./executor.ts";
import { PiecewiseRedaction } from "./redaction.ts";

type Stream = "stdout" | "stderr" | "log";

interface Line {
  /** Milliseconds since the attempt began. */
  readonly at: number;
  readonly stream: Stream;
  readonly text: string;
}

/** Version of the stored log; a newer one is refused by `readLog`. */
const LOG_FORMAT_VERSION = 1;

/** How many characters are kept of the beginning, and how many of the end. */
export const KEPT_AT_START: number = 512 * 1024;
export const KEPT_AT_END: number = 512 * 1024;
const SHOWN_LIVE = 256 * 1024;
const JOINED = 4096;

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
  readonly #redactions: Readonly<Record<Stream, PiecewiseRedaction>>;
  readonly #head: Line[] = [];
  #tail: Line[] = [];
  #headSize = 0;
  #tailSize = 0;
  #dropped = 0;
  #shown = 0;

  constructor(init: OutputCaptureInit) {
    this.#init = init;
    this.#began = init.monotonic();
    const redaction = (): PiecewiseRedaction => new PiecewiseRedaction(init.secrets);
    this.#redactions = { stdout: redaction(), stderr: redaction(), log: redaction() };
  }

  write(stream: Stream, raw: string): void {
    this.#take(stream, this.#redactions[stream].add(raw));
  }

  /** JSON lines, the format first; undefined when nothing was written. Nothing is to be written afterwards. */
  toBytes(): Uint8Array | undefined {
    for (const stream of ["stdout", "stderr", "log"] as const) this.#take(stream, this.#redactions[stream].end());
    if (this.#head.length === 0 && this.#tail.length === 0) return undefined;
    this.#cutTail();
    const lines: unknown[] = [{ format: "warmstart-log", version: LOG_FORMAT_VERSION }, ...this.#head];
    if (this.#dropped > 0) lines.push({ dropped: this.#dropped });
    lines.push(...this.#tail);
    return new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  #take(stream: Stream, text: string): void {
    if (text === "") return;
    this.#show(stream, text);
    const at = Math.round(this.#init.monotonic() - this.#began);
    const room = KEPT_AT_START - this.#headSize;
    this.#keepAtStart({ at, stream, text: text.slice(0, room) });
    this.#keepAtEnd({ at, stream, text: text.slice(room) });
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

  #keepAtStart(line: Line): void {
    this.#headSize += line.text.length;
    append(this.#head, line);
  }

  #keepAtEnd(line: Line): void {
    this.#tailSize += line.text.length;
    append(this.#tail, line);
    if (this.#tailSize >= 2 * KEPT_AT_END) this.#cutTail();
  }

  #cutTail(): void {
    let excess = Math.max(0, this.#tailSize - KEPT_AT_END);
    this.#dropped += excess;
    this.#tailSize -= excess;
    let whole = 0;
    for (let line = this.#tail[0]; line !== undefined && excess >= line.text.length; line = this.#tail[whole]) {
      excess -= line.text.length;
      whole++;
    }
    const [first, ...rest] = this.#tail.slice(whole);
    this.#tail = first === undefined ? [] : [{ ...first, text: first.text.slice(excess) }, ...rest];
  }
}

/** Pieces of one line, and what was written at one time, become one entry: a step may write letter by letter. */
function append(lines: Line[], line: Line): void {
  if (line.text === "") return;
  const last = lines.at(-1);
  const joins = last?.stream === line.stream && (last.at === line.at || !last.text.endsWith("\n"));
  if (joins && last.text.length < JOINED) lines[lines.length - 1] = { ...last, text: last.text + line.text };
  else lines.push(line);
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
