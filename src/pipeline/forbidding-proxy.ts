/** What was done to something that stands for a value and has none. */
export type Misuse =
  | { readonly kind: "coerced" | "iterated" | "awaited" | "serialised" | "listed" | "changed" | "tested" }
  | { readonly kind: "property"; readonly name: string };

/** Asked by test runners and printers of any object; answering as an empty object keeps failures readable. */
const askedByTools: ReadonlySet<string> = new Set(["asymmetricMatch", "$$typeof", "nodeType"]);

/**
 * An object that throws on every use but being handed on. Printing it (`console.log`) asks `target`, whose
 * `nodejs.util.inspect.custom` method therefore says what it is.
 */
export function forbiddingProxy<T extends object>(target: T, misused: (target: T, misuse: Misuse) => Error): T {
  const refuse = (misuse: Misuse): never => {
    throw misused(target, misuse);
  };
  return new Proxy(target, {
    get: (_, key) => (isHarmless(key) ? undefined : refuse(readingOf(key))),
    has: (_, key) => (isHarmless(key) ? false : refuse(readingOf(key))),
    ownKeys: () => refuse({ kind: "listed" }),
    getPrototypeOf: () => refuse({ kind: "tested" }),
    set: () => refuse({ kind: "changed" }),
    defineProperty: () => refuse({ kind: "changed" }),
    deleteProperty: () => refuse({ kind: "changed" }),
    setPrototypeOf: () => refuse({ kind: "changed" }),
    preventExtensions: () => refuse({ kind: "changed" }),
    getOwnPropertyDescriptor: (_, key) => refuse(readingOf(key)),
  });
}

/** What was done, in words that follow a name: "`train` … was awaited". */
export function describeMisuse(misuse: Misuse): string {
  switch (misuse.kind) {
    case "coerced":
      return "was used as text or as a number";
    case "iterated":
      return "was iterated";
    case "awaited":
      return "was awaited";
    case "serialised":
      return "was given to JSON.stringify";
    case "listed":
      return "had its properties listed or spread";
    case "changed":
      return "was changed";
    case "tested":
      return "was asked for its class";
    case "property":
      return `was asked for its property \`${misuse.name}\``;
  }
}

function isHarmless(key: string | symbol): boolean {
  if (typeof key === "string") return askedByTools.has(key);
  return key !== Symbol.toPrimitive && key !== Symbol.iterator && key !== Symbol.asyncIterator;
}

function readingOf(key: string | symbol): Misuse {
  if (key === Symbol.iterator || key === Symbol.asyncIterator) return { kind: "iterated" };
  if (key === Symbol.toPrimitive || key === "valueOf" || key === "toString") return { kind: "coerced" };
  if (key === "then") return { kind: "awaited" };
  return key === "toJSON" ? { kind: "serialised" } : { kind: "property", name: String(key) };
}
