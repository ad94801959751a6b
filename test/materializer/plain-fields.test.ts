import fc from "fast-check";
import { expect, test } from "vitest";
import { describePlainFields } from "../../src/materializer/plain-fields.ts";

class Layer {
  readonly weights: readonly number[];
  readonly next: unknown;
  readonly #hidden = 1;
  constructor(weights: readonly number[], next: unknown) {
    this.weights = weights;
    this.next = next;
  }
  get sum(): number {
    throw new Error(`ran ${this.#hidden}`);
  }
}

test("keeps the fields of instances", () => {
  expect(describePlainFields(new Layer([1, 2], new Layer([3], null)))).toEqual({
    class: "Layer",
    fields: { weights: [1, 2], next: { class: "Layer", fields: { weights: [3], next: null } } },
  });
});

test("cuts cycles, runs nothing, and names what it cannot show", () => {
  const value: Record<string, unknown> = {
    f: () => 1,
    date: new Date(0),
    big: 2n,
    nan: Number.NaN,
    map: new Map([["k", new Set([1])]]),
  };
  value["self"] = value;
  value["proxy"] = new Proxy(
    {},
    {
      get: () => {
        throw new Error("ran");
      },
      ownKeys: () => {
        throw new Error("ran");
      },
    },
  );
  Object.defineProperty(value, "getter", {
    enumerable: true,
    get: () => {
      throw new Error("ran");
    },
  });
  expect(describePlainFields(value)).toEqual({
    f: "<function f>",
    date: "1970-01-01T00:00:00.000Z",
    big: "2n",
    nan: "NaN",
    self: "<cycle>",
    proxy: "<Proxy>",
    getter: "<getter>",
    map: { class: "Map", entries: [["k", { class: "Set", members: [1] }]] },
  });
});

test("is bounded in depth and size", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level++) deep = { deep };
  expect(JSON.stringify(describePlainFields(deep))).toContain("<left out>");
  const wide = Array.from({ length: 1_200_000 }, () => 0);
  expect((describePlainFields(wide) as unknown[]).length).toBeLessThan(1_000_010);
});

test("gives JSON for anything", () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
      }),
      (value) => {
        const described = describePlainFields(value);
        expect(JSON.parse(JSON.stringify(described) ?? "null")).toEqual(described ?? null);
      },
    ),
  );
});
