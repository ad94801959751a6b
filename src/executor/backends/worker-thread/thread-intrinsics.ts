/** Functions and classes of the language and platform, each with its prototype. */
const classes: readonly object[] = [
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
].flatMap((holder) => [holder, holder.prototype as object]);

/** What every program shares within a thread: a property put there, or replaced, would be seen by whatever runs next. */
const shared: readonly object[] = [
  ...classes,
  globalThis,
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
  readonly #properties: readonly (readonly [holder: object, own: ReadonlyMap<PropertyKey, unknown>])[];

  constructor() {
    this.#properties = shared.map((holder) => [holder, propertiesOf(holder)] as const);
  }

  /** Whether all of them are what they were. */
  get unchanged(): boolean {
    return this.#properties.every(([holder, before]) => {
      const now = propertiesOf(holder);
      return now.size === before.size && [...now].every(([key, value]) => before.get(key) === value);
    });
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
