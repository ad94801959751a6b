import { describe, expect, test } from "vitest";
import { defineConfig, loadConfig } from "../../src/repository/config.ts";
import type { Config } from "../../src/repository/config.ts";
import { TestProject } from "../rig/project.ts";

function refused(config: unknown): unknown {
  try {
    defineConfig(config as Config);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a configuration", () => {
  test("may say nothing, or everything", () => {
    expect(defineConfig({})).toEqual({});
    const whole: Config = {
      repository: "../elsewhere",
      cache: { ttl: "30d" },
      trust: ["network:api.example.com"],
      strict: true,
      env: { ignore: ["CI_*"], count: ["MODEL_TOKEN"] },
      executor: "in-process",
      parallel: 3,
      durability: "power-loss",
    };
    expect(defineConfig(whole)).toEqual(whole);
    for (const cache of ["use", "refresh", "off"] as const) expect(defineConfig({ cache })).toEqual({ cache });
  });

  test.each<[string, unknown]>([
    ["repository", ""],
    ["repository", 5],
    ["cache", "on"],
    ["cache", {}],
    ["cache", { ttl: "soon" }],
    ["cache", { ttl: -1 }],
    ["cache", null],
    ["trust", "network"],
    ["env", { ignored: [] }],
    ["env", { count: "HOME" }],
    ["trust", [5]],
    ["strict", "yes"],
    ["executor", "cloud"],
    ["parallel", 0],
    ["parallel", 1.5],
    ["parallel", "4"],
    ["durability", "forever"],
  ])("with %s: %j is refused, with what is expected", (name, value) => {
    expect(refused({ [name]: value })).toMatchObject({
      code: "WS_BAD_CONFIG",
      message: expect.stringContaining(`\`${name}\` is not `) as string,
      hint: expect.stringMatching(new RegExp(`^Give \`${name}\` .+`)) as string,
    });
  });

  test("that is none is refused", () => {
    for (const value of [undefined, null, 5, "x", [], () => ({})])
      expect(refused(value)).toMatchObject({ code: "WS_BAD_CONFIG" });
    expect(refused(Promise.resolve({}))).toMatchObject({ code: "WS_BAD_CONFIG" });
  });

  test.each([
    ["paralel", "Did you mean `parallel`?"],
    ["durabilty", "Did you mean `durability`?"],
    ["zzz", "Known are repository, cache, trust, strict, env, executor, parallel, durability."],
  ])("with the unknown entry %s says what was meant", (name, hint) => {
    expect(refused({ [name]: 1 })).toMatchObject({ code: "WS_BAD_CONFIG", hint });
  });

  test("is a file's default export", async () => {
    using project = new TestProject({
      "good.mjs": "export default { parallel: 2 };",
      "none.mjs": "export const parallel = 2;",
      "broken.mjs": "export default {",
      "throws.mjs": `throw new Error("no network");`,
    });
    expect(await loadConfig(project.path("good.mjs"))).toEqual({ parallel: 2 });
    expect(await loadConfig(undefined)).toEqual({});
    await expect(loadConfig(project.path("none.mjs"))).rejects.toMatchObject({ code: "WS_BAD_CONFIG" });
    await expect(loadConfig(project.path("broken.mjs"))).rejects.toMatchObject({ code: "WS_BAD_CONFIG" });
    const throwing = { code: "WS_BAD_CONFIG", message: expect.stringContaining("no network") as string };
    await expect(loadConfig(project.path("throws.mjs"))).rejects.toMatchObject(throwing);
  });
});
