/** The documented rules of equality, written a second time and without bytes, to judge the encoding by. */
export function sameKeyable(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return Object.is(a, b);
  const kind = kindOf(a);
  return kind === kindOf(b) && sameContent(kind, a, b);
}

export function kindOf(value: object): string {
  if (Buffer.isBuffer(value)) return "Buffer";
  const prototype = Object.getPrototypeOf(value) as { constructor: { name: string } } | null;
  return prototype === null ? "Object" : prototype.constructor.name;
}

export function bytesOf(value: object): number[] {
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  const view = value as ArrayBufferView;
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

function sameContent(kind: string, a: object, b: object): boolean {
  switch (kind) {
    case "Object":
      return sameList(entriesOf(a), entriesOf(b));
    case "Array":
      return sameList(a as unknown[], b as unknown[]);
    case "Map":
    case "Set":
      return sameList([...(a as Set<unknown>)], [...(b as Set<unknown>)]);
    case "Date":
      return Object.is((a as Date).getTime(), (b as Date).getTime());
    case "URL":
      return (a as URL).href === (b as URL).href;
    default:
      return sameList(bytesOf(a), bytesOf(b));
  }
}

function entriesOf(value: object): [string, unknown][] {
  const present = Object.entries(value).filter(([, item]) => item !== undefined);
  return present.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => sameKeyable(item, b[index]));
}
