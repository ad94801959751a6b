/** A deep, frozen copy of plain data, without properties that are undefined: nobody can change what the store holds. */
export function frozenCopy<T>(value: T): T {
  return copy(value) as T;
}

/** The same for values that only promise to be JSON: what JSON cannot hold is left out, as in a file. */
export function frozenJson<T>(value: T): T {
  return copy(JSON.parse(JSON.stringify(value))) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(copy));
  const kept = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.freeze(Object.fromEntries(kept.map(([name, part]) => [name, copy(part)])));
}
