import { EXIT_CODES } from "./exit-codes.ts";

export interface Interrupts extends Disposable {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * From now on the first Ctrl-C ends the run in order, and the second the process at once. Before, while the pipeline's
 * module is evaluated, signals do what they always do: a module that loops could not answer them.
 */
export function catchInterrupts(say: (line: string) => void, kept = "finished steps are kept"): Interrupts {
  const abort = new AbortController();
  const onSignal = (): void => {
    if (abort.signal.aborted) process.exit(EXIT_CODES.interrupted);
    say(`ending …: ${kept}; press Ctrl-C again to quit at once`);
    abort.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: abort.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
