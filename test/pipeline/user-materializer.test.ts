import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { isUserMaterializer, materializer, registeredMaterializers } from "../../src/pipeline/user-materializer.ts";
import type { UserMaterializer } from "../../src/pipeline/user-materializer.ts";

class Model {
  readonly weights: readonly number[];
  constructor(weights: readonly number[]) {
    this.weights = weights;
  }
}

const functions = {
  is: (value: unknown): value is Model => value instanceof Model,
  save: (model: Model) => model.weights,
  load: (stored: readonly number[]) => new Model(stored),
};

describe("materializer", () => {
  test("is frozen, registered, and knows where it was written", () => {
    const made = materializer("test-model", { version: 2, ...functions });
    expect(Object.isFrozen(made)).toBe(true);
    expect(made).toMatchObject({ id: "test-model", version: 2 });
    expect(made.definedAt.url.replace(/\?.*$/, "")).toBe(import.meta.url.replace(/\?.*$/, ""));
    expect(made.definedAt.line).toBeGreaterThan(20);
    expect(registeredMaterializers().get("test-model")).toBe(made);
    expect(isUserMaterializer(made)).toBe(true);
    expect(isUserMaterializer({ ...made })).toBe(false);
  });

  test("infers the type that it keeps", () => {
    const made = materializer("typed-model", {
      version: 1,
      is: (value) => value instanceof Model,
      save: (model) => model.weights,
      load: (stored) => new Model(stored as readonly number[]),
    });
    expect(made.save(new Model([1]))).toEqual([1]);
    expectTypeOf<typeof made>().toExtend<UserMaterializer<Model>>();
    // A date has no weights.
    expectTypeOf<typeof made>().not.toExtend<UserMaterializer<Date>>();
  });

  test.each(["", "Model", "late_model", "1st", "a--b", "-a", "structured", "text", 7])("refuses the id %j", (id) => {
    expect(() => materializer(id as string, { version: 1, ...functions })).toThrow(
      expect.objectContaining({ code: "WS_BAD_NAME" }),
    );
  });

  test.each([
    [{ version: 0 }, /version/],
    [{ version: 1.5 }, /version/],
    [{ load: undefined }, /load/],
    [{ is: "yes" }, /is/],
  ])("refuses %j", (wrong, message) => {
    const define = (): unknown => materializer("bad-model", { version: 1, ...functions, ...wrong } as never);
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code: "WS_BAD_OPTION" }));
  });
});

describe("the same id again", () => {
  test("with the same functions is the same definition", () => {
    materializer("twice-same", { version: 1, ...functions });
    expect(() => materializer("twice-same", { version: 1, ...functions })).not.toThrow();
  });

  test("with others, or another version, names both places", () => {
    materializer("twice-other", { version: 1, ...functions });
    for (const other of [{ version: 2 }, { version: 1, load: () => new Model([]) }]) {
      expect(() => materializer("twice-other", { ...functions, ...other })).toThrow(
        expect.objectContaining({
          code: "WS_DUPLICATE_MATERIALIZER",
          message: expect.stringMatching(
            /user-materializer\.test\.ts:\d+ and user-materializer\.test\.ts:\d+/,
          ) as string,
        }),
      );
    }
  });

  test("made by one line of a factory with other functions is refused", () => {
    const make = (load: () => Model): unknown => materializer("from-factory", { version: 1, ...functions, load });
    make(() => new Model([1]));
    expect(() => make(() => new Model([2]))).toThrow(expect.objectContaining({ code: "WS_DUPLICATE_MATERIALIZER" }));
  });

  describe("by a module that is evaluated again", () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "materializer-")));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test("replaces the first, also after an edit", () => {
      const path = join(folder, "model.mjs");
      const from = new URL("../../src/pipeline/user-materializer.ts", import.meta.url).href;
      writeFileSync(
        path,
        `import { materializer } from ${JSON.stringify(from)};\nexport const made = materializer("again", { version: 1, is: (v) => true, save: (v) => v, load: (v) => v });\n`,
      );
      const script = `
        import { writeFileSync, readFileSync } from "node:fs";
        const url = ${JSON.stringify(pathToFileURL(path).href)};
        const one = await import(url), two = await import(url + "?2");
        writeFileSync(${JSON.stringify(path)}, readFileSync(${JSON.stringify(path)}, "utf8").replace("version: 1", "version: 2"));
        const three = await import(url + "?3");
        const { registeredMaterializers } = await import(${JSON.stringify(from)});
        console.log(one.made !== two.made, registeredMaterializers().get("again") === three.made, three.made.version);`;
      const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
      expect(output.trim()).toBe("true true 2");
    });
  });
});
