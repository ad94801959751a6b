/** Functions and classes of the language and platform, each with its prototype. */
const classes = [
  Object,
  Function,
  Array,
  String,
  Number,
  Boolean,
  Symbol,
  BigInt,
  RegExp,
  Date,
  Promise,
  Map,
  Set,
  WeakMap,
  WeakSet,
  Error,
  TypeError,
  RangeError,
  ArrayBuffer,
  DataView,
  Uint8Array,
  Float64Array,
  Buffer,
  URL,
  URLSearchParams,
] as const;

/** What every program shares within a thread: a property put there, or replaced, would be seen by whatever runs next. */
const shared: readonly object[] = [
  ...classes.flatMap((holder): readonly object[] => [holder, holder.prototype as object]),
  Math,
  JSON,
  Reflect,
  Atomics,
  Intl,
  console,
  Object.getPrototypeOf(Uint8Array) as object,
];

/** The properties of the language's own objects at one time. */
export class ThreadIntrinsics {
  readonly #globals = globalNames();
  readonly #properties = shared.map((holder) => [holder, propertiesOf(holder)] as const);

  /** Whether all of them are what they were. */
  get unchanged(): boolean {
    return (
      isSame(this.#globals, globalNames()) &&
      this.#properties.every(([holder, before]) => isSame(before, propertiesOf(holder)))
    );
  }
}

/** Values, or the functions that give them: an accessor is not called. */
function propertiesOf(holder: object): ReadonlyMap<PropertyKey, unknown> {
  return new Map(
    Reflect.ownKeys(holder).map((key) => {
      const { value, get } = Reflect.getOwnPropertyDescriptor(holder, key) ?? {};
      return [key, get ?? (value as unknown)] as const;
    }),
  );
}

/** The names of all globals, and what the known ones are: to look at any other would load what Node loads when it is asked for. */
function globalNames(): ReadonlyMap<PropertyKey, unknown> {
  const names = new Map<PropertyKey, unknown>(Reflect.ownKeys(globalThis).map((key) => [key, undefined]));
  for (const { name } of classes) names.set(name, Reflect.get(globalThis, name));
  return names;
}

function isSame(before: ReadonlyMap<PropertyKey, unknown>, now: ReadonlyMap<PropertyKey, unknown>): boolean {
  return (
    now.size === before.size && [...now].every(([key, value]) => before.has(key) && Object.is(before.get(key), value))
  );
}
