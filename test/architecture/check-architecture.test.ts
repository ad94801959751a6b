import { describe, expect, test } from "vitest";
import { checkArchitecture } from "./check-architecture.ts";
import { besides, layers } from "./layer-table.ts";

const rulesBrokenBy = (files: Record<string, string>): readonly string[] =>
  checkArchitecture(new Map(Object.entries(files))).map(({ rule }) => rule);

describe("the layer table", () => {
  test("names every entry once", () => {
    const names = [...layers.flat(), ...besides.keys()];
    expect(new Set(names).size).toBe(names.length);
  });
  test("is in the order of the design", () => {
    const order = "errors.ts util encoding model code-identity pipeline cache runtime orchestrator repository cli";
    const rows = order.split(" ").map((name) => layers.findIndex((row) => row.includes(name)));
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));
    expect(rows).not.toContain(-1);
  });
});

describe("a clean tree passes", () => {
  test("imports that point down, of every form", () => {
    const files = {
      "src/errors.ts": `export class E extends Error {}`,
      "src/util/clock.ts": `import { E } from "../errors.ts"; export const now = (): E => new E();`,
      "src/model/ids.ts": `export type { E } from "../errors.ts"; export type A = import("../util/clock.ts").T;`,
      "src/cache/cache-key.ts": `import type { A } from "../model/ids.ts"; export const load = () => import("../util/clock.ts");`,
      "src/cache/leases/file-lease.ts": `import { load } from "../cache-key.ts"; import "node:fs"; import "kysely";`,
      "src/repository/repository.ts": `import "../cache/cache-key.ts"; export {};`,
      "src/index.ts": `export { now } from "./util/clock.ts"; export type { A } from "./model/ids.ts";`,
      "src/cli/main.ts": `import "../index.ts"; import "../repository/repository.ts";`,
      "src/testing/index.ts": `export { load } from "../cache/cache-key.ts"; export {} from "../repository/repository.ts";`,
      "src/data/index.ts": `import { now } from "../index.ts"; export { now };`,
    };
    expect(checkArchitecture(new Map(Object.entries(files)))).toEqual([]);
  });
});

describe("planted violations are found", () => {
  const low = "src/model/ids.ts";
  const high = "src/cache/cache-key.ts";
  test.each([
    ["a value import", `import { x } from "../cache/cache-key.ts";`],
    ["a type import", `import type { X } from "../cache/cache-key.ts";`],
    ["a side-effect import", `import "../cache/cache-key.ts";`],
    ["a re-export", `export { x } from "../cache/cache-key.ts";`],
    ["a type re-export", `export type { X } from "../cache/cache-key.ts";`],
    ["a dynamic import", `export const f = () => import("../cache/cache-key.ts");`],
    ["a dynamic import of a template", "export const f = () => import(`../cache/cache-key.ts`);"],
    ["an import type", `export type X = import("../cache/cache-key.ts").X;`],
    [
      "an import type inside a function",
      `export function f(): void { let x: typeof import("../cache/cache-key.ts"); }`,
    ],
    ["an import assignment", `import x = require("../cache/cache-key.ts");`],
  ])("upward by %s", (_form, text) => {
    expect(rulesBrokenBy({ [low]: text, [high]: "export {};" })).toEqual(["upward-import"]);
  });

  test.each([
    ["metadata-store", "artifact-store"],
    ["materializer", "observation"],
    ["observation", "metadata-store"],
    ["cache", "executor"],
    ["cli", "server"],
  ])("sideways from %s to %s", (from, to) => {
    const files = { [`src/${from}/a.ts`]: `import type { X } from "../${to}/b.ts";`, [`src/${to}/b.ts`]: "export {};" };
    expect(rulesBrokenBy(files)).toEqual(["sideways-import"]);
  });

  test("a cycle of values", () => {
    const files = {
      "src/cache/a.ts": `import "./b.ts";`,
      "src/cache/b.ts": `import "./c.ts";`,
      "src/cache/c.ts": `import "./a.ts";`,
      "src/cache/d.ts": `import "./a.ts";`,
    };
    const [found, ...others] = checkArchitecture(new Map(Object.entries(files)));
    expect(found).toEqual({
      rule: "cycle",
      message: "these import each other: src/cache/a.ts, src/cache/b.ts, src/cache/c.ts",
    });
    expect(others).toEqual([]);
  });

  test("a cycle of types alone, and a file that imports itself", () => {
    const types = {
      "src/cache/a.ts": `import type { B } from "./b.ts"; export type A = B;`,
      "src/cache/b.ts": `import type { A } from "./a.ts"; export type B = A;`,
    };
    expect(rulesBrokenBy(types)).toEqual(["cycle"]);
    expect(rulesBrokenBy({ "src/cache/a.ts": `import "./a.ts";` })).toEqual(["cycle"]);
  });

  test("two cycles that touch no common file are two findings", () => {
    const files = {
      "src/cache/a.ts": `import "./b.ts"; import "./c.ts";`,
      "src/cache/b.ts": `import "./a.ts";`,
      "src/cache/c.ts": `import "./d.ts";`,
      "src/cache/d.ts": `import "./c.ts";`,
    };
    expect(rulesBrokenBy(files)).toEqual(["cycle", "cycle"]);
  });

  test("a folder or a root file that the table does not list", () => {
    expect(rulesBrokenBy({ "src/services/a.ts": "export {};" })).toEqual(["unknown-layer"]);
    expect(rulesBrokenBy({ "src/extra.ts": "export {};" })).toEqual(["unknown-layer"]);
  });

  test("an import of testing or data, even from the top", () => {
    const testing = { "src/cli/main.ts": `import "../testing/index.ts";`, "src/testing/index.ts": "export {};" };
    expect(rulesBrokenBy(testing)).toEqual(["imports-fenced"]);
    const data = { "src/testing/index.ts": `import "../data/index.ts";`, "src/data/index.ts": "export {};" };
    expect(rulesBrokenBy(data)).toEqual(["imports-fenced"]);
  });

  test("testing above the repository, data below the public entry", () => {
    const testing = { "src/testing/index.ts": `import "../cli/main.ts";`, "src/cli/main.ts": "export {};" };
    expect(rulesBrokenBy(testing)).toEqual(["upward-import"]);
    const data = { "src/data/index.ts": `import "../pipeline/step.ts";`, "src/pipeline/step.ts": "export {};" };
    expect(rulesBrokenBy(data)).toEqual(["upward-import"]);
  });

  test("an import that leaves src, of the package by its own name, or of a file that is not there", () => {
    expect(rulesBrokenBy({ "src/cli/main.ts": `import "../../test/x.ts";` })).toEqual(["imports-outside"]);
    expect(rulesBrokenBy({ "src/cli/main.ts": `import "warmstart";` })).toEqual(["imports-outside"]);
    expect(rulesBrokenBy({ "src/cli/main.ts": `import "warmstart/testing";` })).toEqual(["imports-outside"]);
    expect(rulesBrokenBy({ "src/cli/main.ts": `import "./gone.ts";` })).toEqual(["imports-missing"]);
    expect(rulesBrokenBy({ "src/cli/main.ts": `import "./main.js";` })).toEqual(["imports-missing"]);
  });

  test("a file of 501 lines, and none of 500", () => {
    expect(rulesBrokenBy({ "src/cli/long.ts": "\n".repeat(501) })).toEqual(["file-too-long"]);
    expect(rulesBrokenBy({ "src/cli/long.ts": "\n".repeat(500) })).toEqual([]);
  });

  test.each(["cacheKey.ts", "CacheKey.ts", "cache_key.ts", "cache-key.js", "utils.ts", "path-util.ts", "helper.ts"])(
    "a file named %s",
    (name) => expect(rulesBrokenBy({ [`src/cache/${name}`]: "export {};" })).toEqual(["file-name"]),
  );
  test.each(["test-helpers.ts", "cache-manager.ts", "common.ts", "common-types.ts"])("a file named %s", (name) =>
    expect(rulesBrokenBy({ [`src/cache/${name}`]: "export {};" })).toEqual(["file-name"]),
  );

  test.each([`export * from "./b.ts";`, `export * as b from "./b.ts";`, `export type * from "./b.ts";`])(
    "%s",
    (text) => {
      expect(rulesBrokenBy({ "src/cache/a.ts": text, "src/cache/b.ts": "export {};" })).toEqual(["export-star"]);
    },
  );

  test("a file that does not parse is an error, never a pass", () => {
    expect(() => rulesBrokenBy({ "src/cache/a.ts": "import {" })).toThrow("src/cache/a.ts does not parse");
  });
});
