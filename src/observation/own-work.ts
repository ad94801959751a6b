import { AsyncLocalStorage } from "node:async_hooks";

const own = new AsyncLocalStorage<"warmstart" | "step">();
let quiet = 0;

/** Runs work of Warmstart itself: nothing that it or its continuations do is taken for the step's. */
export function asOwnWork<T>(body: () => T): T {
  return own.run("warmstart", body);
}

/** Runs the user's part of storing a result: what it does is the step's, although the step has settled. */
export function asStepWork<T>(body: () => T): T {
  return own.run("step", body);
}

/** Gives a callback of the user's back the place that it was handed over from, where it is called from own work. */
export function outsideOwnWork<T extends (...args: never[]) => unknown>(callback: T): T {
  return AsyncLocalStorage.bind(callback) as T;
}

/** Runs what Node does by itself and at once: loading modules, copying the environment for a child. */
export function unobserved<T>(body: () => T): T {
  quiet++;
  try {
    return body();
  } finally {
    quiet--;
  }
}

/** Whether what happens now is done by the user's code. */
export function isObserved(): boolean {
  return quiet === 0 && !isOwnWork();
}

/** Whether what happens now is Warmstart's own, apart from what Node does by itself meanwhile. */
export function isOwnWork(): boolean {
  return own.getStore() === "warmstart";
}

/** Whether what happens now is the user's part of storing a result. */
export function isStepWork(): boolean {
  return own.getStore() === "step";
}
