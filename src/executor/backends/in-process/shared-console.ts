import { AsyncLocalStorage } from "node:async_hooks";

type Write = (stream: "stdout" | "stderr", text: string) => void;
/** Kept as a property, not as a method: it is put back where it was, and called with its stream as `this`. */
type StreamWrite = (this: void, ...args: Parameters<typeof process.stdout.write>) => boolean;

const steps = new AsyncLocalStorage<Write>();
let diverted = 0;
let originals: { readonly stdout: StreamWrite; readonly stderr: StreamWrite } | undefined;

/**
 * Runs a step so that what it writes to the console goes to `write`, while everything else in the thread (the live
 * view, the program around) goes on writing as before.
 */
export async function withConsole<T>(write: Write, body: () => Promise<T>): Promise<T> {
  divert();
  try {
    return await steps.run(write, body);
  } finally {
    restore();
  }
}

/** Runs what belongs to the program and not to the step that calls it: whoever watches may write to the console. */
export function outsideConsole<T>(body: () => T): T {
  return steps.exit(body);
}

function divert(): void {
  if (diverted++ > 0) return;
  originals = { stdout: writeOf("stdout"), stderr: writeOf("stderr") };
  replace("stdout", originals.stdout);
  replace("stderr", originals.stderr);
}

function restore(): void {
  if (--diverted > 0 || originals === undefined) return;
  Reflect.set(process.stdout, "write", originals.stdout);
  Reflect.set(process.stderr, "write", originals.stderr);
  originals = undefined;
}

function writeOf(stream: "stdout" | "stderr"): StreamWrite {
  return Reflect.get(process[stream], "write") as StreamWrite;
}

function replace(stream: "stdout" | "stderr", original: StreamWrite): void {
  const take = (...args: Parameters<StreamWrite>): boolean => {
    const write = steps.getStore();
    if (write === undefined) return Reflect.apply(original, process[stream], args);
    const [chunk] = args;
    outsideConsole(() => write(stream, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()));
    const callback: unknown = args.findLast((argument: unknown) => typeof argument === "function");
    if (typeof callback === "function") process.nextTick(callback as () => void);
    return true;
  };
  Reflect.set(process[stream], "write", take);
}
