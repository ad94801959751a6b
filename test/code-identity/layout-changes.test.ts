import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changed, Project } from "./project.ts";
import type { Edits, ProbeOptions } from "./project.ts";

const program = (imported: string): string =>
  `import { step } from "warmstart"; import { v } from "${imported}"; step("s", () => v);`;
const pkg = (main: string): string => JSON.stringify({ name: "w", version: "1.0.0", type: "module", main });

/** Whether edits change the step, told by a later process out of what the first one kept, then the same within one process. */
async function change(project: Project, edits: Edits): Promise<readonly boolean[]> {
  const options: ProbeOptions = { mode: "symbols", settled: true, stampFile: join(project.root, ".stamps/sources") };
  const first = await project.probe(options);
  const here = await project.probe({ ...options, rounds: [edits] });
  const later = await project.probe(options);
  return [changed(here.rounds[0], here.rounds[1]), changed(first.rounds[0], later.rounds[0])].map(
    (names) => names.length > 0,
  );
}

test("a package that is replaced at the same version is another one, as far as it is imported", async () => {
  const project = new Project({ "p.ts": program("dep") });
  project.package("dep", "1.0.0", "export const v = 1;");
  expect(await change(project, { "node_modules/dep/index.js": "export const v = 2;" })).toEqual([true, true]);
  expect(
    await change(project, { "node_modules/dep/README.md": "x", "node_modules/dep/package.json": [",", ", "] }),
  ).toEqual([false, false]);
});

test("a nearer package of the same name and version with other code is another one", async () => {
  const project = new Project({ "p.ts": program("./src/h.ts"), "src/h.ts": 'export { v } from "dep";' });
  project.package("dep", "1.0.0", "export const v = 1;");
  const nearer = {
    "src/node_modules/dep/package.json": '{"name":"dep","version":"1.0.0","type":"module","main":"index.js"}',
    "src/node_modules/dep/index.js": "export const v = 2;",
  };
  expect(await change(project, nearer)).toEqual([true, true]);
});

test("a linked package's main file that is built later comes before its index file", async () => {
  for (const main of ["dist/index.js", "dist", "out/deep/x.js"]) {
    const project = new Project({
      "p.ts": program("w"),
      "packages/w/package.json": pkg(main),
      "packages/w/index.js": "export const v = 1;",
      "packages/w/dist/README": "",
      "packages/w/out/README": "",
    });
    project.link("packages/w", "node_modules/w");
    const built = `packages/w/${main === "dist" ? "dist/index.js" : main}`;
    expect(await change(project, { [built]: "export const v = 2;" }), main).toEqual([true, true]);
  }
});

test("a folder's main file that comes to be there later comes before its index file", async () => {
  const project = new Project({
    "p.ts": 'import { step } from "warmstart"; step("s", async () => (await import("./lib")).v);',
    "lib/package.json": '{"type":"module","main":"out/x.ts"}',
    "lib/index.ts": "export const v = 1;",
    "lib/out/README": "",
  });
  expect(await change(project, { "lib/out/x.ts": "export const v = 2;" })).toEqual([true, true]);
});

test("a file that comes to stand first among those that `paths` tries is the one that is meant, within one process, too", async () => {
  const project = new Project({
    "p.ts": 'import { step } from "warmstart"; import { v } from "./h.ts"; step("s", () => v);',
    "h.ts": "export const v = async () => (await import('@/v')).v;",
    "tsconfig.json": '{"compilerOptions":{"paths":{"@/*":["./one/*","./two/*"]}}}',
    "one/README": "",
    "two/v.ts": "export const v = 2;",
  });
  expect(await change(project, { "one/v.ts": "export const v = 1;" })).toEqual([true, true]);
});

test("whether a script is a module by its package.json alone counts, and only there", async () => {
  const files = {
    "p.ts": 'import { step } from "warmstart"; import "./e/eff.js"; step("s", () => globalThis.seen);',
    "e/eff.js": "globalThis.seen = (function () { return this === undefined; })();",
  };
  expect(await change(new Project(files), { "e/package.json": '{"type":"commonjs"}' })).toEqual([true, true]);
  const spoken = { ...files, "e/eff.js": "globalThis.seen = 1; export const x = 1;" };
  expect(await change(new Project(spoken), { "e/package.json": "{}" })).toEqual([false, false]);
});

test("files of what was learnt under each other's names are made again", async () => {
  const project = new Project({ "p.ts": program("./v.ts"), "v.ts": "export const v = 1;" });
  const stampFile = join(project.root, ".stamps/sources");
  const options: ProbeOptions = { mode: "symbols", settled: true, stampFile };
  const first = await project.probe(options);
  renameSync(`${stampFile}.units`, `${stampFile}.kept`);
  renameSync(stampFile, `${stampFile}.units`);
  renameSync(`${stampFile}.kept`, stampFile);
  expect(changed(first.rounds[0], (await project.probe(options)).rounds[0])).toEqual([]);
});
