import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { shippedCode } from "../../src/code-identity/shipped-code.ts";
import { TestProject } from "../rig/project.ts";
import { temporaryFolder } from "./project.ts";
import { changedWithoutVersion, shippedSteps } from "./shipped-steps.ts";
import type { ShippedRecord } from "./shipped-steps.ts";

const root = path.join(import.meta.dirname, "../..");
const recordFile = path.join(import.meta.dirname, "shipped-steps.json");

/** A checkout of Warmstart with one step that ships, of which a part lies in a file of its own. */
function checkout(step: string): { readonly root: string; write(file: string, text: string): void } {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, "src/data"), { recursive: true });
  const imports = ["pipeline/step", "code-identity/shipped-code"].map((name) => path.join(root, "src", `${name}.ts`));
  const head = `import { step } from ${JSON.stringify(imports[0])}; import { shippedCode } from ${JSON.stringify(imports[1])};`;
  const write = (file: string, text: string): void => writeFileSync(path.join(folder, file), text);
  write("package.json", '{ "name": "warmstart", "type": "module" }');
  write("src/data/twice.ts", "/** Twice as much. */\nexport const twice = (n: number): number => n * 2;");
  write("src/data/double.ts", `${head} import { twice } from "./twice.ts"; ${step}`);
  return { root: folder, write };
}

const double = (code: string): string =>
  `export const double = step("double", { code: ${code} }, ({ n }: { n: number }) => twice(n));`;

describe("steps that ship inside Warmstart", () => {
  test("none changed without its version, or closes over what a build may rename", async () => {
    const { record, faults } = await shippedSteps(root, "src/data");
    const before = JSON.parse(readFileSync(recordFile, "utf8")) as ShippedRecord;
    expect([...faults, ...changedWithoutVersion(before, record)]).toEqual([]);
    // A step that is new, or whose version is: run this test with `vitest -u` to put it on record.
    await expect(`${JSON.stringify(record, undefined, 2)}\n`).toMatchFileSnapshot(recordFile);
  });

  test("code that changes below them is told until the version says so", async () => {
    const project = checkout(double('shippedCode("double", "1.0.0")'));
    const { record, faults } = await shippedSteps(project.root, "src/data");
    expect([Object.keys(record), faults]).toEqual([["double"], []]);

    project.write("src/data/twice.ts", "export const twice = (value: number): number => value * 2; // another name");
    expect(changedWithoutVersion(record, (await shippedSteps(project.root, "src/data")).record)).toEqual([]);

    project.write("src/data/twice.ts", "export const twice = (n: number): number => n + n;");
    const changed = (await shippedSteps(project.root, "src/data")).record;
    expect(changedWithoutVersion(record, changed)).toEqual([
      "double: its code changed and its version is still warmstart:double@1.0.0",
    ]);
    const older = { double: { version: "warmstart:double@0.9.9", code: record["double"]?.code ?? "" } };
    expect(changedWithoutVersion(older, changed)).toEqual([]);
  });

  test.each([
    [double('"symbols"'), "double: has no version of its own"],
    [double('{ version: "1.0.0" }'), "double: has no version of its own"],
    [
      `export const make = (k: number) => step("double", { code: shippedCode("double", "1.0.0") }, ({ n }: { n: number }) => twice(n) * k);
       export const double = make(2);`,
      "double: closes over k",
    ],
    [
      `${double('shippedCode("double", "1.0.0")')}
       export const other = step("other", { code: shippedCode("double", "1.0.0") }, ({ n }: { n: number }) => n);`,
      "other: another step has warmstart:double@1.0.0",
    ],
  ])("what they must not do is told: %#", async (text, fault) => {
    expect((await shippedSteps(checkout(text).root, "src/data")).faults).toEqual([fault]);
  });

  test("say their version in a form that the identity reads", () => {
    expect(shippedCode("read-csv", "1.2.3")).toEqual({ version: "warmstart:read-csv@1.2.3" });
  });
});

describe("a project with a step that ships", () => {
  /** As installed: a copy of the build with one more module, so that it can be "upgraded". */
  function install(project: TestProject, options: string, fn: string, release = "0.1.0"): void {
    const folder = project.path("node_modules/warmstart");
    rmSync(folder, { recursive: true, force: true });
    cpSync(path.join(root, "dist"), path.join(folder, "dist"), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { exports: object };
    const exports = { ...manifest.exports, "./data": "./dist/data/index.js" };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify({ ...manifest, version: release, exports }));
    mkdirSync(path.join(folder, "dist/data"));
    const text = `import { step } from "../index.js"; export const double = step("double", ${options}, ${fn});`;
    writeFileSync(path.join(folder, "dist/data/index.js"), text);
  }

  const pipeline = `import { pipeline } from "warmstart"; import { double } from "warmstart/data";
    export default pipeline("p", {}, () => ({ out: double({ n: 2 }) }));`;
  const version = (text: string): string => `{ code: { version: "warmstart:double@${text}" } }`;

  test("reuses it after an upgrade of Warmstart, and computes it when its version says that outputs can differ", async () => {
    using project = new TestProject({ "pipeline.ts": pipeline });
    install(project, version("1.0.0"), "({ n }) => n * 2");
    expect((await project.drive()).computed).toEqual(["double"]);
    expect((await project.drive()).reused).toEqual(["double"]);

    install(project, version("1.0.1"), "function moved(input) {\n  return input.n + input.n;\n}", "0.2.0");
    const upgraded = await project.drive();
    expect([upgraded.reused, upgraded.outputs["out"]?.value]).toEqual([["double"], 4]);

    install(project, version("1.1.0"), "({ n }) => n * 3", "0.3.0");
    const changed = await project.drive();
    expect([changed.computed, changed.outputs["out"]?.value]).toEqual([["double"], 6]);
  });

  test("is never offered one that says no version, for nothing could tell of its change", async () => {
    using project = new TestProject({ "pipeline.ts": pipeline });
    install(project, "{}", "({ n }) => n * 2");
    const first = await project.drive();
    expect(JSON.stringify(first.events)).toContain("a function of Warmstart itself");
    install(project, "{}", "({ n }) => n * 3");
    expect((await project.drive()).outputs["out"]?.value).toBe(6);
  });
});
