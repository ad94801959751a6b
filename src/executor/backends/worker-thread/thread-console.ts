type Write = (stream: "stdout" | "stderr", text: string) => void;

/**
 * Diverts what this thread writes to its console. Between attempts it is dropped: what a module prints while it is
 * evaluated was printed by the program itself already.
 */
export class ThreadConsole {
  #write: Write | undefined;

  constructor() {
    this.#divert("stdout");
    this.#divert("stderr");
  }

  capture(write: Write): () => void {
    this.#write = write;
    return () => {
      this.#write = undefined;
    };
  }

  #divert(stream: "stdout" | "stderr"): void {
    const take = (chunk: unknown, encodingOrDone?: unknown, done?: unknown): boolean => {
      this.#write?.(stream, textOf(chunk, encodingOrDone));
      const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
      if (typeof callback === "function") process.nextTick(callback as () => void);
      return true;
    };
    Reflect.set(process[stream], "write", take);
  }
}

function textOf(chunk: unknown, encoding: unknown): string {
  if (typeof chunk === "string") {
    if (encoding === "base64" || encoding === "hex") return Buffer.from(chunk, encoding).toString();
    return chunk;
  }
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString() : "";
}
