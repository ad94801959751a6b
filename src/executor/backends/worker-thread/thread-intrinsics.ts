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

// Taken before anything of the user's runs: what a step replaces must not be asked whether it was replaced.
const { getOwnPropertyDescriptor, getPrototypeOf, is } = Object;
const { ownKeys } = Reflect;

/** An object with its prototype and its properties at one time. */
interface HolderState {
  readonly holder: object;
  readonly prototype: unknown;
  readonly keys: readonly PropertyKey[];
  /** In the order of the keys. */
  readonly properties: readonly (PropertyDescriptor | undefined)[];
}

/** The properties of the language's own objects at one time. */
export class ThreadIntrinsics {
  readonly #globals = ownKeys(globalThis);
  readonly #values = classes.map(({ name }) => getOwnPropertyDescriptor(globalThis, name)?.value as unknown);
  readonly #holders = shared.map(stateOf);

  /** Whether all of them are what they were. */
  get unchanged(): boolean {
    return this.#sameGlobals() && everyOf(this.#holders, isSame);
  }

  /** The names of all globals, and what the known ones are: to look at any other would load what Node loads when it is asked for. */
  #sameGlobals(): boolean {
    if (!sameKeys(this.#globals, ownKeys(globalThis))) return false;
    return everyOf(classes, ({ name }, index) =>
      is(getOwnPropertyDescriptor(globalThis, name)?.value, this.#values[index]),
    );
  }
}

function stateOf(holder: object): HolderState {
  const keys = ownKeys(holder);
  const properties = keys.map((key) => getOwnPropertyDescriptor(holder, key));
  return { holder, prototype: getPrototypeOf(holder), keys, properties };
}

/** An accessor is not called. */
function isSame({ holder, prototype, keys, properties }: HolderState): boolean {
  if (getPrototypeOf(holder) !== prototype || !sameKeys(keys, ownKeys(holder))) return false;
  return everyOf(keys, (key, index) => sameProperty(properties[index], getOwnPropertyDescriptor(holder, key)));
}

function sameProperty(before: PropertyDescriptor | undefined, now: PropertyDescriptor | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  const sameForm =
    before.writable === now.writable &&
    before.configurable === now.configurable &&
    before.enumerable === now.enumerable;
  return sameForm && is(before.value, now.value) && before.get === now.get && before.set === now.set;
}

function sameKeys(before: readonly PropertyKey[], now: readonly PropertyKey[]): boolean {
  return before.length === now.length && everyOf(before, (key, index) => key === now[index]);
}

/** As `every`, without a method that a step may have replaced. */
function everyOf<T>(list: readonly T[], test: (item: T, index: number) => boolean): boolean {
  for (let index = 0; index < list.length; index++) if (!test(list[index] as T, index)) return false;
  return true;
}
