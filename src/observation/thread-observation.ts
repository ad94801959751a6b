import { ThreadEnvironment } from "./thread-environment.ts";
import { ThreadReads } from "./thread-reads.ts";
import { noteReadsIn, patchFileSystem } from "./write-observer.ts";

/** What a thread that runs one step was seen to read, while its modules were evaluated and while the step ran. */
export interface ThreadObservation {
  readonly reads: ThreadReads;
  readonly environment: ThreadEnvironment;
}

let environment: ThreadEnvironment | undefined;
let observation: ThreadObservation | undefined;

/** Observes this thread from now on; before any module of the user's is loaded. */
export function observeThread(): void {
  patchFileSystem();
  environment = new ThreadEnvironment(process.env);
  Object.defineProperty(process, "env", {
    value: environment.proxy(),
    configurable: true,
    enumerable: true,
    writable: true,
  });
  observation = { reads: new ThreadReads(), environment };
  noteReadsIn(observation.reads);
}

/** Undefined where this thread is not observed: in the program's own thread. */
export function threadObservation(): ThreadObservation | undefined {
  return observation;
}

/** What happens after the step settled is not its own. */
export function endObservation(): void {
  noteReadsIn(undefined);
}
