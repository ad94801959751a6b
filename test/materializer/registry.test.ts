import { describe, expect, test } from "vitest";
import { createMaterializerRegistry } from "../../src/materializer/registry.ts";
import type { UserMaterializer } from "../../src/pipeline/user-materializer.ts";
import { loadContext, MemoryBlobs, saveContext } from "./memory-blobs.ts";

class Model {
  readonly weights: readonly number[];
  readonly trained: Date;
  constructor(weights: readonly number[], trained: Date) {
    this.weights = weights;
    this.trained = trained;
  }
  predict(): number {
    return this.weights.length;
  }
}

function define<T>(definition: Partial<UserMaterializer<T>>): ReadonlyMap<string, UserMaterializer> {
  const whole = {
    id: "late-model",
    version: 3,
    is: (value: unknown) => value instanceof Model,
    save: (model: Model) => ({ weights: model.weights, trained: model.trained }),
    load: (stored: { weights: number[]; trained: Date }) => new Model(stored.weights, stored.trained),
    definedAt: { url: "file:///m.ts", line: 1, column: 1 },
    ...definition,
  } as unknown as UserMaterializer;
  return new Map([[whole.id, whole]]);
}

const model = new Model([0.2, 0.8], new Date(7));

describe("a user's materializer", () => {
  test.each([
    ["at once", {}],
    [
      "asynchronously",
      {
        save: async (value: Model) => ({ weights: value.weights, trained: value.trained }),
        load: async (stored: { weights: number[]; trained: Date }) => new Model(stored.weights, stored.trained),
      },
    ],
  ])("keeps a value of a class %s", async (_, functions) => {
    const registry = createMaterializerRegistry(define(functions));
    const blobs = new MemoryBlobs();
    const stored = await registry.forValue(model, "late-model").save(model, saveContext(blobs));
    expect(stored).toMatchObject({ type: { id: "late-model", version: 3 }, traits: ["date"] });
    expect(stored.shown).toMatch(/^Model \{/);
    const loaded = await registry.byType(stored.type).load(stored, loadContext(blobs));
    expect(loaded).toEqual(model);
    expect((loaded as Model).predict()).toBe(2);
  });

  test.each([
    ["whose `load` gives something else", { load: () => ({}) }, "WS_NOT_STORABLE"],
    [
      "whose `load` throws",
      {
        load: () => {
          throw new Error("no");
        },
      },
      "WS_BAD_STORED_VALUE",
    ],
    [
      "whose `save` throws",
      {
        save: () => {
          throw new Error("no");
        },
      },
      "WS_NOT_STORABLE",
    ],
    ["whose `save` gives the value itself", { save: (value: Model) => value }, "WS_NOT_STORABLE"],
  ])("%s is found out when it saves", async (_, functions, code) => {
    const chosen = createMaterializerRegistry(define(functions)).forValue(model, "late-model");
    await expect(chosen.save(model, saveContext(new MemoryBlobs()))).rejects.toMatchObject({ code });
  });

  test("that reads back wrongly later says so", async () => {
    const blobs = new MemoryBlobs();
    const stored = await createMaterializerRegistry(define({}))
      .forValue(model, "late-model")
      .save(model, saveContext(blobs));
    const changed = createMaterializerRegistry(define({ load: () => [] as unknown as Model }));
    await expect(changed.byType(stored.type).load(stored, loadContext(blobs))).rejects.toMatchObject({
      code: "WS_BAD_STORED_VALUE",
    });
  });

  test("is not picked unless the output names it", async () => {
    const greedy = define({ is: (value: unknown): value is unknown => value !== undefined });
    expect(createMaterializerRegistry(greedy).forValue({ a: 1 }).type.id).toBe("structured");
  });

  test("refuses a value that is none of its own", () => {
    const registry = createMaterializerRegistry(define({}));
    expect(() => registry.forValue({ a: 1 }, "late-model")).toThrow(
      expect.objectContaining({ code: "WS_NOT_STORABLE" }),
    );
  });

  test("keeps nothing that was stored before as a copy of the caller's", async () => {
    const blobs = new MemoryBlobs();
    const registry = createMaterializerRegistry(define({}));
    const stored = await registry.forValue(model, "late-model").save(model, saveContext(blobs));
    const [one, two] = await Promise.all(
      [1, 2].map(() => registry.byType(stored.type).load(stored, loadContext(blobs))),
    );
    expect((one as Model).weights).not.toBe((two as Model).weights);
  });
});

describe("an unknown type", () => {
  const registry = createMaterializerRegistry(define({}));

  test("names the one that was meant", () => {
    expect(() => registry.byType({ id: "late-modle", version: 1 })).toThrow(
      expect.objectContaining({ code: "WS_NO_MATERIALIZER", hint: expect.stringContaining("`late-model`") as string }),
    );
    expect(() => registry.forValue(1, "nothing-like-it")).toThrow(
      expect.objectContaining({ code: "WS_NO_MATERIALIZER" }),
    );
  });

  test("of another version is refused, with both versions", () => {
    expect(() => registry.byType({ id: "late-model", version: 2 })).toThrow(/version 2 of .* version 3 is defined/);
    expect(() => registry.byType({ id: "structured", version: 2 })).toThrow(
      expect.objectContaining({ code: "WS_FORMAT_NEWER" }),
    );
  });
});
