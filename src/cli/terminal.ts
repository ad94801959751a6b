import { paintFor } from "./format/paint.ts";
import type { Paint } from "./format/paint.ts";

/** Where a command writes: results to `out`, whatever is said beside them to `say`. */
export interface Terminal {
  /** Whether a person looks at `out`, so that lines may be redrawn. */
  readonly interactive: boolean;
  /** Columns of the terminal; endless where there is none. */
  readonly columns: () => number;
  readonly paint: Paint;
  readonly paintError: Paint;
  readonly out: (line: string) => void;
  /** Bytes as they are. */
  readonly outBytes: (bytes: Uint8Array | string) => void;
  /** To standard error. */
  readonly say: (line: string) => void;
  /** Resolves when everything was handed to the system. */
  readonly flushed: () => Promise<void>;
}

/** The process's own terminal. A reader that went away (`| head -1`) ends the writing and nothing else. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // Whoever redirects standard output later (`--json`) does not redirect the command's own document.
  const write = stdout.write.bind(stdout);
  let gone = false;
  stdout.on("error", () => {
    gone = true;
  });
  stderr.on("error", () => undefined);
  const interactive = stdout.isTTY && process.env["TERM"] !== "dumb" && !process.env["CI"];
  const send = (text: string | Uint8Array): void => {
    if (!gone) write(text);
  };
  const lines = interactive ? undefined : gatheredLines(send);
  return {
    interactive,
    columns: () => (stdout.isTTY ? Math.max(20, stdout.columns) : Number.POSITIVE_INFINITY),
    paint: paintFor(stdout),
    paintError: paintFor(stderr),
    out: (line) => (lines === undefined ? send(`${line}\n`) : lines.add(line)),
    outBytes: (bytes) => {
      lines?.flush();
      send(bytes);
    },
    say: (line) => {
      lines?.flush();
      stderr.write(`${line}\n`);
    },
    flushed: async () => {
      lines?.flush();
      await Promise.all([
        new Promise<void>((resolve) => (gone ? resolve() : write("", () => resolve()))),
        new Promise<void>((resolve) => stderr.write("", () => resolve())),
      ]);
    },
  };
}

interface GatheredLines {
  add(line: string): void;
  flush(): void;
}

/** Writes the lines of one burst at once: a warm run of ten thousand steps is not ten thousand writes. */
function gatheredLines(send: (text: string) => void): GatheredLines {
  let waiting = "";
  const flush = (): void => {
    const text = waiting;
    waiting = "";
    if (text !== "") send(text);
  };
  return {
    add(line) {
      if (waiting === "") process.nextTick(flush);
      waiting += `${line}\n`;
    },
    flush,
  };
}

/** From now on, what anybody writes to standard output goes to standard error; the terminal's own `out` is spared. */
export function keepStandardOutputClean(): void {
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}
