const key = Symbol.for("warmstart.parking");

interface Parking {
  /** Called by whoever parks. */
  park(what: string): void;
}

/** Makes this thread one that runs a step: `run` and `Repository.open` park from now on. Resolves when something parks. */
export function becomeStepThread(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const parking: Parking = { park: resolve };
  Reflect.set(globalThis, key, parking);
  return promise;
}

/**
 * In a thread that runs a step, a promise that never settles: a script that defines its steps and runs them at top
 * level must not start the run again there. Undefined in every other thread.
 */
export function parkIfStepThread(what: string): Promise<never> | undefined {
  const parking = Reflect.get(globalThis, key) as Parking | undefined;
  if (parking === undefined) return undefined;
  parking.park(what);
  return Promise.withResolvers<never>().promise;
}
