/** Methods that change what they are called on. */
export const MUTATORS: ReadonlySet<string> = new Set(
  "set add delete clear push pop shift unshift splice sort reverse fill copyWithin".split(" "),
);

/** Methods that give what they are called on. */
export const GIVES_RECEIVER: ReadonlySet<string> = new Set("set add sort reverse fill copyWithin slice".split(" "));

/** Methods that give what they are called on holds. */
export const GIVES_CONTENTS: ReadonlySet<string> = new Set(
  "get at pop shift find findLast values keys entries next".split(" "),
);

/** Methods that give a new array, or one that holds the same things. */
export const GIVES_FRESH: ReadonlySet<string> = new Set(
  "map filter flat flatMap concat split toSorted toReversed toSpliced splice matchAll".split(" "),
);

/** Methods of arrays that have no part in common with the one that `slice` was called on; those of buffers have. */
export const CHANGES_SLICE: ReadonlySet<string> = new Set("push pop shift unshift splice sort".split(" "));

/** Functions of `Object` and `Reflect` that change their first argument. */
export const CHANGES_ARGUMENT: ReadonlySet<string> = new Set(
  (
    "assign defineProperty defineProperties setPrototypeOf freeze seal preventExtensions set deleteProperty " +
    "__defineGetter__ __defineSetter__"
  ).split(" "),
);

/** Globals whose methods, but for the ones above, change nothing that code could look at. */
export const QUIET_GLOBALS: ReadonlySet<string> = new Set(
  "console Object Reflect Math JSON Promise Number String Boolean Array Symbol BigInt Date Intl Error".split(" "),
);

/** Constructors of the language: what they make is new and holds what they are given. */
export const FRESH_CONSTRUCTORS: ReadonlySet<string> = new Set(
  (
    "Map Set WeakMap WeakSet WeakRef Array Object Date Error TypeError RangeError SyntaxError AggregateError RegExp Promise " +
    "URL URLSearchParams Headers AbortController TextEncoder TextDecoder Uint8Array Int8Array Uint16Array Int16Array " +
    "Uint32Array Int32Array Float32Array Float64Array BigInt64Array BigUint64Array Uint8ClampedArray ArrayBuffer"
  ).split(" "),
);

/** Functions of a global by `Global.name` that give something new with the contents of what they are given. */
export const FRESH_FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "Object.keys Object.values Object.entries Object.fromEntries Object.create Object.groupBy Map.groupBy Array.from Array.of " +
    "JSON.parse JSON.stringify Object.getOwnPropertyNames Object.getOwnPropertyDescriptors Array.fromAsync"
  ).split(" "),
);

/** Methods that keep nothing of what they are given. */
export const KEEPS_NOTHING: ReadonlySet<string> = new Set(
  "get has delete at includes indexOf lastIndexOf slice join find some every filter map forEach test".split(" "),
);

/** Methods that call what they are given before they return, and do not keep it. */
export const CALLS_AT_ONCE: ReadonlySet<string> = new Set(
  (
    "forEach map filter reduce reduceRight sort toSorted some every find findIndex findLast findLastIndex flatMap replace " +
    "replaceAll from"
  ).split(" "),
);

/** Methods of regular expressions that go on where the last call stopped. */
export const ASKS_FOR_MATCH: ReadonlySet<string> = new Set(["test", "exec"]);

/** Methods of texts that go on where the last call stopped where the expression is `y` alone, and set one with `g` back. */
export const ASKS_TEXT_FOR_MATCH: ReadonlySet<string> = new Set(["match", "replace", "replaceAll"]);

/**
 * Names of functions of packages that are called for what they change there, though their value is kept:
 * `export const app = initializeApp(options)`.
 */
export const SETS_UP: RegExp =
  /^(?:init|initiali[sz]e|config|configure|set|setup|register|install|enable|disable|patch|extend|use|add)(?![a-z])/;
