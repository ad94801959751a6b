import { expect, test } from "vitest";
import { Project } from "./project.ts";
import { fingerprintOf } from "./symbols/fingerprint.ts";

const target = { entry: "p.ts", step: "t" };

function projectWith(text: string, manifest: object = {}): Project {
  const project = new Project({
    "package.json": '{"type":"module"}',
    "p.ts": "import { step } from 'warmstart';\nimport dj from 'dj';\nexport const t = step('t', () => dj(1));\n",
  });
  project.package("dj", "1.0.0", text, manifest);
  for (const name of ["hidden", "@scope/hidden", "deep"]) project.package(name, "1.0.0", "import 'deep';");
  return project;
}

test.each([
  ["imports it", "import h from 'hidden';\nexport default h;", {}, "change"],
  ["imports a part of it", 'export * from "hidden/part.js";', {}, "change"],
  ["imports it for its effect", "import 'hidden';", {}, "change"],
  ["requires it", "module.exports = (x) => require('hidden')(x);", { type: "commonjs" }, "change"],
  ["imports it while it runs", "export default (x) => import('hidden');", {}, "change"],
  ["imports another one", "import h from '@scope/hidden';\nexport default h;", {}, "stay"],
  ["imports it in its tests alone", "import h from 'hidden';", { devDependencies: { hidden: "1" } }, "stay"],
  ["does not import it", "export default (x) => x;", {}, "stay"],
] as const)("a package that is not declared, upgraded, where the package %s", async (_words, text, manifest, must) => {
  const project = projectWith(text, manifest);
  const before = await fingerprintOf(project, target, "symbols");
  project.package("hidden", "1.0.1", "import 'deep';");
  const after = await fingerprintOf(project, target, "symbols");
  expect(before.digest === after.digest ? "stay" : "change").toBe(must);
});

test("what a package that is not declared imports counts, too", async () => {
  const project = projectWith("import h from '@scope/hidden';\nexport default h;");
  const before = await fingerprintOf(project, target, "symbols");
  project.package("deep", "1.0.1", "");
  expect((await fingerprintOf(project, target, "symbols")).digest).not.toBe(before.digest);
});

test("a package that is not declared counts from when it is installed", async () => {
  const project = projectWith("let h;\ntry { h = await import('later'); } catch {}\nexport default h;");
  const before = await fingerprintOf(project, target, "symbols");
  project.package("later", "1.0.0", "");
  expect((await fingerprintOf(project, target, "symbols")).digest).not.toBe(before.digest);
});
