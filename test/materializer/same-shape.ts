/**
 * Whether two values are alike in everything that a program can see: kinds, prototypes, order of properties and entries,
 * `-0`, and which objects are one and the same. Written apart from the codec, walking both side by side.
 */
export function sameShape(left: unknown, right: unknown): boolean {
  const pairs = new Map<object, object>();
  const back = new Map<object, object>();
  const same = (a: unknown, b: unknown): boolean => {
    if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return Object.is(a, b);
    if (pairs.has(a) || back.has(b)) return pairs.get(a) === b && back.get(b) === a;
    pairs.set(a, b);
    back.set(b, a);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
    if (a instanceof URL) return a.href === (b as URL).href;
    if (a instanceof ArrayBuffer) return Buffer.from(a).equals(Buffer.from(b as ArrayBuffer));
    if (ArrayBuffer.isView(a)) return bytesOf(a).equals(bytesOf(b as ArrayBufferView));
    if (a instanceof Map) return sameLists([...a].flat(1), [...(b as Map<unknown, unknown>)].flat(1));
    if (a instanceof Set) return sameLists([...a], [...(b as Set<unknown>)]);
    const names = Object.getOwnPropertyNames(a);
    if (names.join("\n") !== Object.getOwnPropertyNames(b).join("\n")) return false;
    return names.every((name) => sameProperty(a, b, name));
  };
  const sameLists = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    a.length === b.length && a.every((item, index) => same(item, b[index]));
  const sameProperty = (a: object, b: object, name: string): boolean => {
    const [one, other] = [a, b].map((object) => Object.getOwnPropertyDescriptor(object, name));
    return one?.enumerable === other?.enumerable && one?.writable === other?.writable && same(one?.value, other?.value);
  };
  return same(left, right);
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
