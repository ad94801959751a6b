import { syncBuiltinESMExports } from "node:module";
import { BuiltinImports } from "./builtin-imports.ts";
import { makeClonable } from "./clonable-environment.ts";
import { observeEnvironmentFiles } from "./environment-file.ts";
import { LateActivity } from "./late-activity.ts";
import { observeNativeCode } from "./native-activity.ts";
import { observeNetwork } from "./network-activity.ts";
import { observePrograms } from "./program-activity.ts";
import { observeStartedThreads } from "./started-threads.ts";
import { ThreadActivity } from "./thread-activity.ts";
import { ThreadEnvironment } from "./thread-environment.ts";
import { ThreadReads } from "./thread-reads.ts";
import { noteReadsIn, patchFileSystem } from "./write-observer.ts";

/** What a thread that runs one step was seen to read and to do, while its modules were evaluated and while the step ran. */
export interface ThreadObservation {
  readonly reads: ThreadReads;
  readonly environment: ThreadEnvironment;
  readonly activity: ThreadActivity;
  readonly imports: BuiltinImports;
  /** What was read and written once the step had settled. */
  readonly late: LateActivity;
}

let observation: ThreadObservation | undefined;

/** Observes this thread from now on; before any module of the user's is loaded. */
export function observeThread(): void {
  patchFileSystem();
  const reads = new ThreadReads();
  const activity = observedActivity();
  const environment = new ThreadEnvironment(process.env);
  const proxy = environment.proxy();
  makeClonable(proxy);
  Object.defineProperty(process, "env", {
    value: proxy,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  observation = { reads, environment, activity, imports: new BuiltinImports(activity), late: new LateActivity(reads) };
  observeEnvironmentFiles(reads, environment);
  noteReadsIn(observation.reads);
}

/** Undefined where this thread is not observed: in the program's own thread. */
export function threadObservation(): ThreadObservation | undefined {
  return observation;
}

/** The step has settled: what happens from now on is late. */
export function endObservation(): void {
  observation?.activity.settle();
  observation?.environment.settle();
  noteReadsIn(observation?.late);
}

/** How much this thread was seen to read and to do, late activity included: equal before and after a step that did nothing. */
export function observedAmount(): number {
  if (observation === undefined) return 0;
  const { reads, environment, activity, late } = observation;
  const ofStep = reads.noted.length + environment.names.length + environment.writes + activity.noted.length;
  return ofStep + environment.late.length + activity.late.length + late.reads.length + late.writes.length;
}

/** Another step begins in this thread, after one that left nothing: what is done from now on is its own. */
export function resumeObservation(): void {
  observation?.activity.resume();
  observation?.environment.resume();
  noteReadsIn(observation?.reads);
}

function observedActivity(): ThreadActivity {
  const activity = new ThreadActivity();
  observeNetwork(activity);
  observePrograms(activity);
  observeStartedThreads(activity);
  observeNativeCode(activity);
  syncBuiltinESMExports();
  return activity;
}
