// Writes the JavaScript of the package: a few files in place of one for each source, since Node takes about half a
// millisecond to load a module and a step's worker would load a hundred. It is one build, so that every module is in
// one file only: two copies of a module in one process would not share their state.
import { isAbsolute, join } from "node:path";
import { rolldown } from "rolldown";

/**
 * The modules that keep a file of their own at their place, because package.json, a worker or `ownModule` names them.
 * `cli/program` is one so that `cli/main`, which old releases of Node must be able to read, imports nothing.
 */
const entries = [
  "index",
  "testing/index",
  "cli/main",
  "cli/program",
  "observation/register",
  "executor/backends/worker-thread/worker-main",
];

/**
 * What is put together, the first that fits: everything that the named modules import without waiting. The rest is
 * put together by who imports it, and what is imported late stays on its own.
 */
const groups = [
  ["base", ["errors", "util/nearest-name", "util/own-code"]],
  ["definitions", ["index"]],
  ["step-thread", ["executor/backends/worker-thread/worker-main", "observation/register"]],
  ["repository", ["repository/open-repository", "repository/repository-queries", "repository/repository-run"]],
  ["command-line", ["cli/program"]],
  ["commands", ["cli/commands/run", "cli/render/plain-view"]],
];

const isPackage = (id) => !id.startsWith(".") && !isAbsolute(id);

function importsOf(context, start) {
  const found = new Set();
  const add = (id) => {
    if (found.has(id)) return;
    found.add(id);
    for (const next of context.getModuleInfo(id)?.importedIds ?? []) add(next);
  };
  for (const id of start) add(id);
  return found;
}

/** A module is of the first group that has it, and of none when it is an entry: they have files of their own. */
function codeSplitting(source) {
  const entryFiles = new Set(entries.map(source));
  const rules = groups.map(([name, start], index) => {
    let members;
    const nameOf = (id, context) => {
      members ??= importsOf(context, start.map(source));
      if (id.includes("rolldown/runtime")) return groups[0][0];
      return members.has(id) && !entryFiles.has(id) ? name : null;
    };
    return { debugName: name, name: nameOf, priority: groups.length - index };
  });
  return { groups: rules };
}

/** The name of an error is that of its class: the build fails when joining modules gave a class another one. */
function refuseRenamedClasses({ fileName, code }) {
  const renamed = /\bclass ([A-Za-z_]\w*\$\d+)\b|\b([A-Za-z_]\w*\$\d+) = class\b/.exec(code);
  if (renamed !== null) throw new Error(`${fileName}: two classes of one name; rename ${renamed[1] ?? renamed[2]}`);
}

/** Joins the modules of `root`/src in the folder `dist`. */
export async function bundle(root, dist) {
  const source = (name) => join(root, "src", `${name}.ts`);
  await using build = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((name) => [name, source(name)])),
    platform: "node",
    external: isPackage,
    tsconfig: false,
    // A module that one place imports late and another at once: it comes with the group that it is in.
    checks: { ineffectiveDynamicImport: false },
    preserveEntrySignatures: "strict",
    treeshake: { moduleSideEffects: true },
  });
  const { output } = await build.write({
    dir: dist,
    format: "es",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
    minifyInternalExports: false,
    sourcemap: true,
    codeSplitting: codeSplitting(source),
  });
  for (const one of output) if (one.type === "chunk") refuseRenamedClasses(one);
  const main = output.find((one) => one.fileName === "cli/main.js");
  if (main?.imports.length !== 0) throw new Error("cli/main.js imports something: old releases of Node must read it");
}
