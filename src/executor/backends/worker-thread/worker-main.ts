import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { becomeStepThread } from "../../parking.ts";
import type { StepTask } from "../../executor.ts";
import { lazy } from "../../../util/lazy.ts";
import { ThreadConsole } from "./thread-console.ts";
import { ThreadIntrinsics } from "./thread-intrinsics.ts";
import { ThreadTraces } from "./thread-traces.ts";
import { withChanges } from "./task-changes.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-messages.ts";
import { runWorkerTask } from "./worker-task.ts";

/**
 * The thread of one attempt: imports the pipeline's module while nobody waits yet, then gets one task, runs it, and is
 * ended by the one who started it, or gets another one where nothing of the first can be left.
 */
const port = parentPort;
const start = workerData as WorkerStart;
if (start.script !== undefined) process.argv[1] = start.script;
if (start.nodeOptions !== undefined) process.env["NODE_OPTIONS"] = start.nodeOptions;

/** How long files may go on being written when the thread is told to end: less than it is given by the one who tells it. */
const DRAIN_MS = 300;

const threadConsole = new ThreadConsole();
const parked = becomeStepThread();
const loading = loadModules(start.modules);
/** As the modules left them; a step that leaves nothing leaves them so, too. */
const intrinsics = lazy(() => new ThreadIntrinsics());
let abort = new AbortController();
let last: StepTask | undefined;

port?.on("message", (message: ToWorker) => {
  if (message.kind === "end") void end();
  else if (message.kind === "abort") abort.abort(new Error(message.reason));
  else {
    last = withChanges(last, message);
    void serve(last);
  }
});

async function serve(task: StepTask): Promise<void> {
  const loaded = await loading;
  abort = new AbortController();
  if (task.timeoutMs !== undefined) send({ kind: "started" });
  // From here on only the step itself keeps the thread alive: a promise that nothing can settle then ends it.
  port?.unref();
  const traces = task.contained ? new ThreadTraces(intrinsics()) : undefined;
  const onSignal = (signal: Extract<FromWorker, { kind: "signal" }>["signal"]): void =>
    send({ kind: "signal", signal });
  const result = await runWorkerTask(task, { loaded, threadConsole, signal: abort.signal, onSignal });
  send({ kind: "result", result, clean: (await traces?.isClean(result)) === true });
  port?.ref();
}

/** Lines that a logger has begun to write are written; nothing else is waited for. */
async function end(): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  while (usesFiles() && performance.now() < until) await pause(1);
  process.exit(0);
}

function usesFiles(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));
}

function send(message: FromWorker): void {
  port?.postMessage(message);
}

/** Why loading ended before the last module, for people; undefined when all were evaluated. */
async function loadModules(urls: readonly string[]): Promise<string | undefined> {
  let trouble: string | undefined;
  for (const url of urls) {
    const outcome = await Promise.race([
      evaluate(url),
      parked.then((what) => `${url} calls ${what} while it is evaluated`),
    ]);
    trouble ??= outcome;
  }
  // What loading itself leaves for the next turn is none of the first step's traces.
  await nextTurn();
  send({ kind: "loaded" });
  return trouble;
}

async function evaluate(url: string): Promise<string | undefined> {
  try {
    await import(url);
    return undefined;
  } catch (error) {
    return `${url} failed while it was evaluated: ${error instanceof Error ? error.message : String(error)}`;
  }
}
