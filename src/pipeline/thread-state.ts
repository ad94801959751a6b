import { PipelineError } from "../errors.ts";

/** Changes with what the slots hold, so that two copies of the package either understand each other or say so. */
const FORMAT = 1;
const key = Symbol.for("warmstart.thread-state");

interface ThreadState {
  readonly format: number;
  readonly slots: Map<string, unknown>;
}

/**
 * A value that is one per thread, also when two copies of the package are loaded in it: a step of a library that
 * brought its own copy joins the pipeline that calls it.
 *
 * @throws PipelineError (`WS_TWO_RELEASES`) when another copy keeps its state in another form.
 */
export function threadSlot<T>(name: string, create: () => T): T {
  const { slots } = threadState();
  if (!slots.has(name)) slots.set(name, create());
  return slots.get(name) as T;
}

function threadState(): ThreadState {
  const place = globalThis as { [key]?: ThreadState };
  const state = (place[key] ??= { format: FORMAT, slots: new Map() });
  if (state.format === FORMAT) return state;
  throw new PipelineError("WS_TWO_RELEASES", {
    message: "Two releases of Warmstart that cannot share pipelines are loaded in this process.",
    hint: "Make every package depend on one release: `npm ls warmstart` shows who brings which.",
    details: { found: state.format, wanted: FORMAT },
  });
}
