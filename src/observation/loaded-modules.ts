import type { Digest } from "../encoding/digest.ts";

const key = Symbol.for("warmstart.loaded-modules");

/** A project source that this thread evaluated, and the bytes that it was. */
export interface LoadedModule {
  /** `file:` URL of the real path, without query. */
  readonly url: string;
  readonly digest: Digest;
}

/** The project sources that this thread loaded through our hooks, in order. Empty where the hooks are not installed. */
export function loadedModules(): readonly LoadedModule[] {
  return list();
}

export function noteLoadedModule(module: LoadedModule): void {
  list().push(module);
}

function list(): LoadedModule[] {
  const found = Reflect.get(globalThis, key) as LoadedModule[] | undefined;
  if (found !== undefined) return found;
  const made: LoadedModule[] = [];
  Reflect.set(globalThis, key, made);
  return made;
}
