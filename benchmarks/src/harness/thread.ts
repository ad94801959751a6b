import { Worker } from "node:worker_threads";
import type { FromWorker } from "../../../src/executor/backends/worker-thread/worker-messages.ts";
import { packageRoot } from "./project.ts";

const WAIT_MS = 30_000;

/** A worker thread whose messages can be waited for, by kind. */
export class Thread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #got = new Map<string, FromWorker>();
  #wake: () => void = () => undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: FromWorker) => {
      this.#got.set(message.kind, message);
      this.#wake();
    });
    worker.on("error", (error) => process.stderr.write(`the thread failed: ${String(error)}\n`));
  }

  /** Started as the executor starts one. */
  static ours(modules: readonly string[]): Thread {
    const main = `${packageRoot}/dist/executor/backends/worker-thread/worker-main.js`;
    const register = `${packageRoot}/dist/observation/register.js`;
    const started = new Worker(main, {
      execArgv: ["--no-warnings", `--require=${register}`],
      env: { ...process.env },
      stdout: true,
      stderr: true,
      workerData: { modules, script: undefined, nodeOptions: undefined },
    });
    return new Thread(started);
  }

  static bare(): Thread {
    return new Thread(new Worker(`${import.meta.dirname}/bare-worker.mjs`, { stdout: true, stderr: true }));
  }

  send(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** Waits for the first message of a kind. */
  async until(kind: string): Promise<FromWorker> {
    const late = setTimeout(() => this.#wake(), WAIT_MS);
    const began = performance.now();
    for (;;) {
      const got = this.#got.get(kind);
      if (got !== undefined) {
        clearTimeout(late);
        return got;
      }
      if (performance.now() - began >= WAIT_MS) throw new Error(`the thread did not say "${kind}" in ${WAIT_MS} ms`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
