const key = Symbol.for("warmstart.faithful-sources");

/**
 * Notes that our hooks loaded a file in this thread so that stack traces lead from its running text to the file itself, and
 * to it from nowhere else: it runs as it is written, or with a map of our own, and maps of others are not followed.
 */
export function noteFaithful(path: string): void {
  list().add(path);
}

/** Whether what a stack trace says of a file is said of the file that was loaded. Real path. */
export function isFaithful(path: string): boolean {
  return list().has(path);
}

function list(): Set<string> {
  const found = Reflect.get(globalThis, key) as Set<string> | undefined;
  if (found !== undefined) return found;
  const made = new Set<string>();
  Reflect.set(globalThis, key, made);
  return made;
}
