import { cpSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { DrivenRun } from "../rig/project.ts";
import { importHelper, lazily, twoSteps, useHelper } from "./bad-code.ts";

const packageRoot = path.resolve(import.meta.dirname, "../..");
const helper = { "helper.ts": "export const help = (n: number) => n;" };

function unseenOf({ events }: DrivenRun): readonly string[] {
  return events.flatMap((event) =>
    event.kind === "step-computed" ? (event.notOffered?.unseen ?? []).map(({ name, note }) => `${name}: ${note}`) : [],
  );
}

describe("a package that says not which it is", () => {
  const manifests: readonly (readonly [string, string | undefined])[] = [
    ["has no version", '{"name":"odd","main":"index.js"}'],
    ["has a version that is no text", '{"name":"odd","version":3,"main":"index.js"}'],
    ["has no package.json", undefined],
  ];
  test.each(manifests)("it %s: flagged by name, and an edit of it is seen", async (_name, manifest) => {
    const files = {
      ...(manifest === undefined ? {} : { "node_modules/odd/package.json": manifest }),
      "node_modules/odd/index.js": "exports.help = (n) => n;",
    };
    using project = twoSteps({ head: 'import { help } from "odd";', other: useHelper, files });
    expect(unseenOf(await project.drive())).toEqual(["package odd: its package.json has no version"]);
    expect((await project.drive()).reused).toEqual(["good"]);
    project.write({ "node_modules/odd/index.js": "exports.help = (n) => n * 3;" });
    expect((await project.drive({ options: { trust: ["code"] } })).outputs["b"]?.value).toBe(6);
  });

  test("its package.json is broken: what imports it while it runs fails as in Node, and is not offered", async () => {
    const files = {
      "node_modules/odd/package.json": '{"name":',
      "node_modules/odd/index.js": "exports.help = (n) => n;",
    };
    using project = twoSteps({ other: lazily(`import("odd" as string)`), files });
    const first = await project.drive();
    expect(first.outputs["b"]?.value).toBe("ERR_INVALID_PACKAGE_CONFIG");
    expect((await project.drive()).reused).toEqual(["good"]);
  });
});

describe("a tsconfig.json that cannot be followed", () => {
  const configs: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    [
      "extends a file that is not there",
      { "tsconfig.json": '{"extends":"./gone.json"}' },
      "extends ./gone.json, which is not there",
    ],
    [
      "extends a package that is not installed",
      { "tsconfig.json": '{"extends":"@tsconfig/gone/tsconfig.json"}' },
      "extends @tsconfig/gone/tsconfig.json, which is not there",
    ],
    [
      "extends itself in a circle",
      { "tsconfig.json": '{"extends":"./base.json"}', "base.json": '{"extends":"./tsconfig.json"}' },
      "extends itself",
    ],
    ["is no JSON", { "tsconfig.json": '{"compilerOptions":{' }, "is no valid JSON"],
  ];
  test.each(configs)("%s: files are found all the same, and doctor says it", async (_name, files, problem) => {
    using project = twoSteps({ head: importHelper, other: useHelper, files: { ...helper, ...files } });
    expect((await project.drive()).error).toBeUndefined();
    expect((await project.drive()).reused).toHaveLength(2);
    const { exitCode, stdout } = await project.cli(["doctor"]);
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(problem)]);
  });

  test("the import that its paths were to map names the cause", async () => {
    const files = { "src/helper.ts": helper["helper.ts"], "tsconfig.json": '{"extends":"./gone.json"}' };
    using project = twoSteps({ other: lazily(`import("@/helper").then(({ help }) => help(n))`), files });
    expect(unseenOf(await project.drive())).toEqual([
      "unresolved import @/helper: pipeline.ts:4, where tsconfig.json extends ./gone.json, which is not there",
    ]);
    project.write({ "gone.json": '{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}' });
    const mended = await project.drive();
    expect([mended.outputs["b"]?.value, unseenOf(mended), mended.reused]).toEqual([2, [], ["good"]]);
  });

  test("a program that cannot be loaded for it is told the cause", async () => {
    const files = { "src/helper.ts": helper["helper.ts"], "tsconfig.json": '{"extends":"./gone.json"}' };
    using project = twoSteps({ head: 'import { help } from "@/helper";', other: useHelper, files });
    const { exitCode, stdout, stderr } = await project.cli(["run", "pipeline.ts"]);
    expect([exitCode, stdout + stderr]).toEqual([
      2,
      expect.stringContaining("extends ./gone.json, which is not there"),
    ]);
  });

  test("paths that lead nowhere are flagged by line", async () => {
    const files = { "tsconfig.json": '{"compilerOptions":{"paths":{"@/*":["./nowhere/*"]}}}' };
    using project = twoSteps({ other: lazily(`import("@/helper")`), files });
    expect(unseenOf(await project.drive())).toEqual(["unresolved import @/helper: pipeline.ts:4"]);
    expect((await project.drive()).reused).toEqual(["good"]);
  });

  test("a base in a package is followed, and one that appears later is seen", async () => {
    const files = { ...helper, "tsconfig.json": '{"extends":"@tsconfig/some/tsconfig.json"}' };
    using project = twoSteps({ head: importHelper, other: useHelper, files });
    await project.drive();
    project.write({
      "node_modules/@tsconfig/some/package.json": '{"name":"@tsconfig/some","version":"1.0.0"}',
      "node_modules/@tsconfig/some/tsconfig.json": '{"compilerOptions":{"experimentalDecorators":true}}',
    });
    expect((await project.drive()).computed).toHaveLength(2);
    expect((await project.drive()).reused).toHaveLength(2);
  });
});

test("steps made by one copy of Warmstart and run by another are keyed like any other", async () => {
  using project = twoSteps({ files: { "lib/make.ts": 'export { step } from "warmstart";' } });
  cpSync(path.join(packageRoot, "dist"), project.path("lib/node_modules/warmstart/dist"), { recursive: true });
  cpSync(path.join(packageRoot, "package.json"), project.path("lib/node_modules/warmstart/package.json"));
  project.write({
    "pipeline.ts": `import { pipeline } from "warmstart"; import { step } from "./lib/make.ts"; import { help } from "./helper.ts";
      const other = step("other", ({ n }: { n: number }) => help(n));
      export default pipeline("p", {}, () => ({ b: other({ n: 2 }) }));`,
    "helper.ts": "export const help = (n: number) => n * 2;",
  });
  await project.drive();
  expect((await project.drive()).reused).toEqual(["other"]);
  project.write({ "helper.ts": "export const help = (n: number) => n * 3;" });
  expect((await project.drive()).outputs["b"]?.value).toBe(6);
});
