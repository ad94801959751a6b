import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { StepAddress } from "../pipeline/step-table.ts";
import { ownModule } from "../util/own-code.ts";

type Functions = Readonly<Record<string, (inputs: unknown, context: unknown) => unknown>>;

/** The steps that `executorSuite` lets an executor run: a module of their own, as a project would have it. */
export interface SuiteSteps {
  readonly url: string;
  readonly functions: Functions;
  addressOf(name: string): StepAddress;
}

const functions: Readonly<Record<string, string>> = {
  echo: "(inputs) => inputs",
  pair: "() => ({ left: 1, right: [2] })",
  onlyLeft: "() => ({ left: 1 })",
  throws: `() => { throw Object.assign(new RangeError("too far"), { code: "E_FAR" }); }`,
  throwsText: `() => { throw "just text"; }`,
  throwsNothing: "() => { throw undefined; }",
  throwsOddly: `() => { throw Object.assign(new Error("odd"), { name: 42, stack: null, message: { toString: () => "odd" } }); }`,
  rejects: `async () => { await null; throw new Error("later"); }`,
  returnsClass: "() => new (class Model { weight = 3; })()",
  exits: "() => process.exit(3)",
  neverSettles: "() => new Promise(() => {})",
  failsBeside: `async () => { setTimeout(() => { throw new Error("beside"); }); await new Promise((resolve) => setTimeout(resolve, 30_000)); }`,
  waits: `() => new Promise((resolve) => setTimeout(resolve, 30_000))`,
  obeys: `(_, { signal }) => new Promise((resolve) => { const timer = setTimeout(resolve, 30_000); signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }); })`,
  busy: "() => { for (;;); }",
  counts: "() => { globalThis.counted = (globalThis.counted ?? 0) + 1; return (count += 1) + globalThis.counted; }",
  keepsFile: "(_, context) => { writeFileSync(context.tempDirectory + '/x', 'x'); return 1; }",
  keepsFileAndWaits: `(_, context) => { writeFileSync(context.tempDirectory + '/x', 'x'); return new Promise((resolve) => setTimeout(resolve, 30_000)); }`,
  talks: `async ({ word }, context) => {
    for (let round = 0; round < 5; round++) { process.stdout.write(word + " " + round + "\\n"); await new Promise((resolve) => setTimeout(resolve, 5)); }
    process.stderr.write("to stderr " + word + "\\n"); context.log("noted", word); context.metric(word, 5); context.progress(5, 5); }`,
  reads: `(_, context) => [context.file("data/a.txt"), context.directory("data"), context.file("none"), context.env("SUITE_NAME")].length`,
  writes: `({ folder }) => { writeFileSync(folder + "/effect.txt", "new"); rmSync(folder + "/old.txt"); return 1; }`,
  random: "(_, { random }) => [random(), random(), random()]",
  tells: "({ key }) => { process.stdout.write(`key ${key}\\n`); return key.length; }",
};

/** Writes the module into a project and makes its steps known to this thread. */
export function writeSteps(projectRoot: string): SuiteSteps {
  mkdirSync(projectRoot, { recursive: true });
  const file = path.join(projectRoot, "steps.mjs");
  const head = headText();
  const names = Object.keys(functions);
  // Every step on a line of its own, so that its place is known.
  writeFileSync(file, `${head}${names.map((name) => `step("${name}", functions.${name});\n`).join("")}`);
  const firstLine = head.split("\n").length;
  // As Node itself loads it, whatever loads this file.
  const loaded = createRequire(import.meta.url)(file) as { readonly functions: Functions };
  const url = pathToFileURL(file).href;
  return {
    url,
    functions: loaded.functions,
    addressOf: (name) => ({
      name,
      definedAt: { url, line: firstLine + names.indexOf(name), column: 1 },
      occurrence: 0,
    }),
  };
}

function headText(): string {
  const table = Object.entries(functions).map(([name, text]) => `  ${name}: ${text},\n`);
  return `import { rmSync, writeFileSync } from "node:fs";
import { step } from ${JSON.stringify(ownModule("index").href)};
let count = 0;
export const functions = {
${table.join("")}};
`;
}
